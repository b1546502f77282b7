/**
 * What runs of one process have in common, done once: the strategies of a comparison see the very same pictures, also when
 * somebody changes the folder meanwhile. Of each kind only the newest result is held.
 */
export class SharedWork {
  private readonly newest = new Map<string, { readonly key: string; readonly result: Promise<unknown> }>();

  /** @param key everything that the result depends on */
  once<Result>(kind: string, key: string, work: () => Promise<Result>): Promise<Result> {
    const known = this.newest.get(kind);
    if (known?.key === key) return known.result as Promise<Result>;
    const result = work();
    const entry = { key, result };
    this.newest.set(kind, entry);
    // What failed is tried again by the next run; this one hears of it from the promise that it is given.
    result.catch(() => {
      if (this.newest.get(kind) === entry) this.newest.delete(kind);
    });
    return result;
  }
}
