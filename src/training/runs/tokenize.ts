/** A word, number, string or sign of TypeScript or JavaScript. Comments and blanks are left out. */
export interface Token {
  /** As written, with its quotes; of a template the whole text. */
  readonly text: string;
  readonly kind: 'word' | 'string' | 'punctuation';
  /** From 1, where it begins. */
  readonly line: number;
}

/** Blanks, comments, quoted strings, words, numbers, signs: the first that fits. */
const TOKEN = new RegExp(
  [
    String.raw`(?<blank>\s+|/\*[^]*?\*/|//[^\n]*)`,
    String.raw`(?<string>'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")`,
    String.raw`(?<word>[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*)`,
    String.raw`\d[\w.]*|=>|===?|!==?|<=|>=|\?\?|\.\.\.|\*\*|&&|\|\||[^]`,
  ].join('|'),
  'uy',
);
const REGULAR = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;

/** After these a slash divides; after anything else it begins a regular expression. */
const ENDS_VALUE = /[\w$)\]}'"`]$/;
const NO_VALUE = new Set(['return', 'typeof', 'case', 'in', 'of', 'new', 'delete', 'void', 'throw', 'else']);

/** Enough of the language to tell code from comments, strings and templates. Never throws: what is not closed is a sign. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < source.length;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    let text = match?.[0] ?? source.charAt(at);
    let kind: Token['kind'] | undefined = match?.groups?.['word'] === undefined ? 'punctuation' : 'word';
    if (match?.groups?.['blank'] !== undefined) kind = undefined;
    else if (match?.groups?.['string'] !== undefined) kind = 'string';
    else if (text === '/' || text === '`') {
      const string = text === '/' ? regular(source, at, tokens.at(-1)?.text ?? '') : template(source, at);
      if (string !== undefined) [text, kind] = [string, 'string'];
    }
    if (kind) tokens.push({ text, kind, line });
    at += text.length;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) line++;
  }
  return tokens;
}

function regular(source: string, at: number, last: string): string | undefined {
  if (ENDS_VALUE.test(last) && !NO_VALUE.has(last)) return undefined;
  REGULAR.lastIndex = at;
  return REGULAR.exec(source)?.[0];
}

/** A template with all that its `${…}` contain, nested ones too; undefined where it is not closed. */
function template(source: string, start: number): string | undefined {
  const depths: number[] = [];
  let inText = true;
  for (let at = start + 1; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === '\\') at++;
    else if (inText) {
      if (character === '`') {
        if (depths.length === 0) return source.slice(start, at + 1);
        inText = false;
      } else if (character === '$' && source.charAt(at + 1) === '{') {
        depths.push(0);
        inText = false;
        at++;
      }
    } else if (character === '`') inText = true;
    else if (character === '{') depths.push((depths.pop() ?? 0) + 1);
    else if (character === '}') {
      const depth = depths.pop() ?? 0;
      if (depth > 0) depths.push(depth - 1);
      else inText = true;
    }
  }
  return undefined;
}
