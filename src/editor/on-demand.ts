/** Something whose code loads when it is first asked for. */
export class OnDemand<T extends { dispose(): void }> {
  private loading: Promise<T> | undefined;
  /** Once it is there. */
  loaded: T | undefined;

  constructor(private readonly load: () => Promise<T>) {}

  get(): Promise<T> {
    this.loading ??= this.load().then((made) => (this.loaded = made));
    return this.loading;
  }

  dispose(): void {
    void this.loading?.then((made) => made.dispose());
  }
}
