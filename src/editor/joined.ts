/** Work that goes on once for each key: whoever asks for it meanwhile, with a second click, waits for the same outcome. */
export class Joined<T = void> {
  private readonly going = new Map<string, Promise<T>>();

  do(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.going.get(key);
    if (known) return known;
    const now = work().finally(() => this.going.delete(key));
    this.going.set(key, now);
    return now;
  }
}
