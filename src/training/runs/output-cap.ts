const MAX_BYTES = 8 * 1024 * 1024;

/** output.log takes what this process prints, up to a limit: a learner's loop with a print in it must not fill the disk. */
export function capOutput(maxBytes = MAX_BYTES): void {
  let left = maxBytes;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => undefined); // Output is a courtesy; training does not depend on it.
    const write = stream.write.bind(stream);
    const capped = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      const done = rest.find((value) => typeof value === 'function') as (() => void) | undefined;
      if (left <= 0) {
        done?.();
        return true;
      }
      left -= typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.byteLength;
      if (left > 0) return write(chunk, done);
      return write(
        `\n[more than ${Math.round(maxBytes / 1e6)} MB was printed; the rest is left out]\n`,
        done,
      );
    };
    stream.write = capped;
  }
}
