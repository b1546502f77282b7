/**
 * Ends a text where one of some strings begins, which may be spread over several pieces. What could still become one of them
 * is held back until it is decided.
 */
export class StopStrings {
  private held = '';
  private readonly strings: readonly string[];

  constructor(strings: readonly string[]) {
    this.strings = strings.filter((text) => text.length > 0);
  }

  /** @returns text that is certain now, and whether a stop string came: then nothing more is to be added */
  add(piece: string): { readonly text: string; readonly stopped: boolean } {
    const text = this.held + piece;
    const places = this.strings.map((one) => text.indexOf(one)).filter((place) => place >= 0);
    if (places.length > 0) {
      this.held = '';
      return { text: text.slice(0, Math.min(...places)), stopped: true };
    }
    const kept = Math.max(0, ...this.strings.map((one) => beginningAtEnd(text, one)));
    this.held = text.slice(text.length - kept);
    return { text: text.slice(0, text.length - kept), stopped: false };
  }

  /** @returns what was held back: no stop string came of it */
  end(): string {
    const { held } = this;
    this.held = '';
    return held;
  }
}

/** Length of the longest end of `text` that `wanted` begins with. */
function beginningAtEnd(text: string, wanted: string): number {
  for (let length = Math.min(text.length, wanted.length - 1); length > 0; length--)
    if (text.endsWith(wanted.slice(0, length))) return length;
  return 0;
}
