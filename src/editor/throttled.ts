/** Calls `action` at most once in `intervalMs`, however often it is asked for; the last request is never lost. */
export class Throttled {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly action: () => void,
    private readonly intervalMs: number,
  ) {}

  readonly request = (): void => {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.action();
    }, this.intervalMs);
  };

  dispose(): void {
    clearTimeout(this.timer);
  }
}
