/**
 * What a network of `most` positions sees of a text: all of it while it fits, then its end. The window does not move with every
 * token but by half a context at once, since each move means reading all of it again. It depends on the text alone, so a text
 * is the same whatever is generated beside it.
 * @returns the text itself, or its last `most / 2 + 1` to `most` tokens
 */
export function contextWindow(text: readonly number[], most: number): readonly number[] {
  if (text.length <= most) return text;
  const stride = Math.max(1, Math.floor(most / 2));
  return text.slice(Math.ceil((text.length - most) / stride) * stride);
}
