/** Addresses in the order asked; undefined where a file is gone. */
export type LoadThumbnails = (files: readonly string[]) => Promise<readonly (string | undefined)[]>;

/** Each answer is a process of its own: few large ones are quicker than many small ones. */
export const THUMBNAILS_PER_ANSWER = 72;

/** Gathers what is asked for while an answer is on its way, and asks for that together. */
export class ThumbnailQueue {
  private readonly waiting = new Map<string, (address: string | undefined) => void>();
  private busy = false;

  constructor(private readonly load: LoadThumbnails) {}

  /** @returns the address, or undefined where there is no picture to show */
  ask(file: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const other = this.waiting.get(file);
      this.waiting.set(file, (address) => {
        other?.(address);
        resolve(address);
      });
      if (!this.busy) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.busy = true;
    await Promise.resolve(); // All that is asked in this turn goes together.
    while (this.waiting.size > 0) {
      const page = [...this.waiting].slice(0, THUMBNAILS_PER_ANSWER);
      for (const [file] of page) this.waiting.delete(file);
      const addresses = await this.load(page.map(([file]) => file)).catch(() => []);
      for (const [index, [, resolve]] of page.entries()) resolve(addresses[index]);
    }
    this.busy = false;
  }
}
