/** An exported experiment as the text shows it, without running anything. */
export interface ExperimentPlace {
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

/** `export const NAME = experiment(…)` (also `let`, `export default`), in the order of the file. */
export function findExperiments(source: string): ExperimentPlace[] {
  const code = blankOut(source);
  const pattern =
    /\bexport\s+(?:(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=|(default))\s*(?:[A-Za-z_$][\w$]*\s*\.\s*)?experiment\s*\(/g;
  return [...code.matchAll(pattern)].map((match) => ({
    name: match[1] ?? 'default',
    line: lineAt(code, match.index),
  }));
}

/** Where an export of this name is written; 1 where the text does not show it. */
export function lineOfExperiment(source: string, name: string): number {
  const found = findExperiments(source).find((place) => place.name === name);
  if (found) return found.line;
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return 1;
  const code = blankOut(source);
  const at = code.search(new RegExp(`(?:const|let|var)\\s+${name.replaceAll('$', '\\$')}\\b`));
  return at === -1 ? 1 : lineAt(code, at);
}

function lineAt(code: string, index: number): number {
  return code.slice(0, index).split('\n').length;
}

/** Comments and the insides of strings become spaces, so that nothing in them looks like code. Lines stay. */
function blankOut(source: string): string {
  const token =
    /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g;
  return source.replaceAll(token, (text) => text.replaceAll(/[^\n]/g, ' '));
}
