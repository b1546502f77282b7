/** A name, a name with `*` for any characters ('layer*'), or a regular expression (/^layer[34]$/). */
export type Pattern = string | RegExp;

/** As the learner reads it, and as a plan keeps it: 'layer*', '/^layer[34]$/i'. */
export const patternText = (pattern: Pattern): string => String(pattern);

const AS_WRITTEN = /^\/(.+)\/([a-z]*)$/s;

/** @param text what `patternText` made */
export function matches(text: string, name: string): boolean {
  const [, source, flags = ''] = AS_WRITTEN.exec(text) ?? [];
  // With `g` or `y` a regular expression remembers where it was, and answers otherwise the next time.
  if (source !== undefined) return new RegExp(source, flags.replaceAll(/[gy]/g, '')).test(name);
  if (!text.includes('*')) return text === name;
  const parts = text.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

/** The name that was probably meant; undefined where none is near. Capitals, `_`, `-` and `.` do not count. */
export function nearest(wanted: string, names: readonly string[]): string | undefined {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const from = plain(wanted);
  const ranked = names
    .map((name) => ({ name, distance: editDistance(from, plain(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best && best.distance <= Math.max(1, Math.floor(from.length / 2)) ? best.name : undefined;
}

/** Letters to insert, delete or replace (Levenshtein, 1965). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
