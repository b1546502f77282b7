/**
 * One JSON value a line; empty lines are none. `value` is undefined for a line that is no JSON (which JSON itself cannot say).
 * @param text without a byte order mark
 */
export function parseJsonLines(text: string): { readonly value: unknown; readonly line: number }[] {
  return text
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ content, line: index + 1 }))
    .filter(({ content }) => content.trim() !== '')
    .map(({ content, line }) => ({ value: parseJson(content), line }));
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
