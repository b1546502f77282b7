import { tokenize, type Token } from './tokenize';

/** An exported experiment as the text shows it, without running anything. */
export interface ExperimentPlace {
  readonly name: string;
  /** From 1: the line that the export is declared on. */
  readonly line: number;
}

const LAB = 'transfer-lab';
/** Longer files are the output of a bundler, and nobody writes in them. */
const LONGEST = 100_000;
/** What the learner's module offers to make something that runs. */
const MAKERS = new Set(['experiment']);

/**
 * The experiments that a file exports, in the order of its lines: `export const NAME = experiment(…)`, also typed, over
 * several lines, as one of many declarators, as default, in an export list, or assigned to CommonJS's `exports`; the function
 * may be imported under another name, and may be called by a function of the file. It is read word by word, so comments,
 * strings and templates are no code, and half-written code further up changes nothing.
 */
export function findExperiments(source: string): ExperimentPlace[] {
  if (source.length > LONGEST || !source.includes(LAB)) return [];
  const code = new Code(tokenize(source));
  const places = [...code.declared(), ...code.defaults(), ...code.listed(), ...code.assigned()];
  const byName = new Map(places.map((place) => [place.name, place]));
  return [...byName.values()].sort((a, b) => a.line - b.line);
}

/** Where an export of this name is written; 1 where the text does not show it. */
export function lineOfExperiment(source: string, name: string): number {
  const found = findExperiments(source).find((place) => place.name === name);
  if (found) return found.line;
  const tokens = tokenize(source);
  const at = tokens.findIndex(({ text }, index) => isDeclarator(text) && tokens[index + 1]?.text === name);
  return tokens[at]?.line ?? 1;
}

const isDeclarator = (text: string | undefined): boolean =>
  text === 'const' || text === 'let' || text === 'var';
const OPEN = new Set(['(', '[', '{']);
const CLOSE = new Set([')', ']', '}']);

class Code {
  /** `experiment`, or the names that it and its module are imported under. */
  private readonly makers = new Set<string>();
  private readonly modules = new Set<string>();
  /** Variables that hold an experiment, exported or not. */
  private readonly variables: { readonly name: string; readonly line: number; readonly exported: boolean }[];

  private allCalls: number[] | undefined;
  /** For each opening bracket, where it closes. */
  private readonly partners: readonly (number | undefined)[];

  constructor(private readonly tokens: readonly Token[]) {
    this.partners = pairBrackets(tokens);
    this.readImports();
    this.readHelpers();
    this.variables = this.readVariables();
  }

  declared(): ExperimentPlace[] {
    return this.variables.filter(({ exported }) => exported).map(({ name, line }) => ({ name, line }));
  }

  /** `export default experiment(…)`, and `export default name`. */
  defaults(): ExperimentPlace[] {
    return this.positionsOf('export').flatMap((at) => {
      if (this.text(at + 1) !== 'default') return [];
      const { line } = this.token(at);
      if (this.isExperiment(at + 2)) return [{ name: 'default', line }];
      const held = this.variables.find(({ name }) => name === this.text(at + 2));
      return held ? [{ name: 'default', line: held.line }] : [];
    });
  }

  /** `export { a, b as c }`: at the line where the variable is made. */
  listed(): ExperimentPlace[] {
    return this.positionsOf('export').flatMap((at) => {
      if (this.text(at + 1) !== '{' || this.text(this.closing(at + 1) + 1) === 'from') return [];
      return this.names(at + 1).flatMap(([name, as]) => {
        const held = this.variables.find((variable) => variable.name === name);
        return held ? [{ name: as, line: held.line }] : [];
      });
    });
  }

  /** `exports.name = …`, `module.exports.name = …` and `module.exports = { name: …, name }`. */
  assigned(): ExperimentPlace[] {
    return this.positionsOf('exports').flatMap((at) => {
      const { line } = this.token(at);
      if (this.text(at + 1) === '.' && this.text(at + 3) === '=') {
        const held = this.variables.find(({ name }) => name === this.text(at + 4));
        const name = this.text(at + 2);
        return this.isExperiment(at + 4) ? [{ name, line }] : held ? [{ name, line: held.line }] : [];
      }
      if (this.text(at + 1) !== '=' || this.text(at + 2) !== '{') return [];
      return this.properties(at + 2);
    });
  }

  private properties(open: number): ExperimentPlace[] {
    const places: ExperimentPlace[] = [];
    for (let at = open + 1, end = this.closing(open); at < end; at = this.afterItem(at, end)) {
      const { text: name, line } = this.token(at);
      const held = this.variables.find((variable) => variable.name === name);
      if (this.text(at + 1) === ':' && this.isExperiment(at + 2)) places.push({ name, line });
      else if (held) places.push({ name, line: held.line });
    }
    return places;
  }

  private readImports(): void {
    for (const [at, token] of this.tokens.entries()) {
      if (token.kind !== 'string' || token.text.slice(1, -1) !== LAB) continue;
      const before = this.text(at - 1) === '(' ? this.beforeRequire(at) : at - 2;
      if (CLOSE.has(this.text(before))) {
        for (const [name, as] of this.names(this.opening(before))) if (MAKERS.has(name)) this.makers.add(as);
      } else if (this.token(before).kind === 'word') this.modules.add(this.text(before));
    }
  }

  /** Before `= require(` or `= await import(`, the token that ends what is declared. */
  private beforeRequire(string: number): number {
    let at = string - 2;
    while (at > 0 && this.text(at) !== '=') at--;
    return at - 1;
  }

  /** A function of the file that calls `experiment(…)` makes experiments too: `const withRate = (rate) => experiment({…})`. */
  private readHelpers(): void {
    const helpers = this.tokens.flatMap((token, at) => {
      const name = this.text(at + 1);
      if (token.text === 'function') return this.calls(this.endOfStatement(at), at) ? [name] : [];
      if (!isDeclarator(token.text)) return [];
      const end = this.endOfStatement(at);
      const arrow = this.find('=>', at, end);
      const value = this.find('=', at, end);
      if (arrow === -1 || this.isExperiment(value + 1)) return [];
      return this.calls(end, arrow) ? [name] : [];
    });
    for (const name of helpers) this.makers.add(name);
  }

  private calls(end: number, from: number): boolean {
    this.allCalls ??= this.tokens.flatMap((_token, at) => (this.isExperiment(at) ? [at] : []));
    return this.allCalls.some((at) => at >= from && at < end);
  }

  private readVariables(): Code['variables'] {
    return this.tokens.flatMap(({ text }, at) => {
      if (!isDeclarator(text)) return [];
      const exported = this.text(at - 1) === 'export';
      const found: { name: string; line: number; exported: boolean }[] = [];
      const end = this.endOfStatement(at);
      for (let item = at + 1; item < end; item = this.afterItem(item, end)) {
        const value = this.valueOf(item, end);
        if (value === undefined || !this.isExperiment(value)) continue;
        const line = this.token(item === at + 1 ? (exported ? at - 1 : at) : item).line;
        found.push({ name: this.text(item), line, exported });
      }
      return found;
    });
  }

  /** Behind the `=` of a declarator, past its type. */
  private valueOf(name: number, end: number): number | undefined {
    let at = name + 1;
    while (at < end && this.text(at) !== '=' && this.text(at) !== ',') {
      at = OPEN.has(this.text(at)) ? this.closing(at) + 1 : at + 1;
    }
    return this.text(at) === '=' ? at + 1 : undefined;
  }

  /** Whether a call that makes an experiment begins here: `(await lab.experiment<T>(`. */
  private isExperiment(start: number): boolean {
    let at = start;
    while (this.text(at) === '(' || this.text(at) === 'await') at++;
    if (this.modules.has(this.text(at)) && this.text(at + 1) === '.') {
      if (!MAKERS.has(this.text(at + 2))) return false;
      at += 2;
    } else if (!this.makers.has(this.text(at)) || this.text(at - 1) === '.') return false;
    if (this.text(at - 1) === 'function') return false;
    let call = at + 1;
    if (this.text(call) === '<') while (call < this.tokens.length && this.text(call) !== '(') call++;
    return this.text(call) === '(';
  }

  /** `{ a, b as c, d: e }` as pairs of the name inside and the name outside. */
  private names(open: number): [string, string][] {
    const pairs: [string, string][] = [];
    for (let at = open + 1, end = this.closing(open); at < end; at = this.afterItem(at, end)) {
      const start = this.text(at) === 'type' && this.text(at + 1) !== ',' ? at + 1 : at;
      const renamed = this.text(start + 1) === 'as' || this.text(start + 1) === ':';
      pairs.push([this.text(start), unquoted(this.text(renamed ? start + 2 : start))]);
    }
    return pairs;
  }

  private afterItem(at: number, end: number): number {
    for (let next = at; next < end; next++) {
      if (this.text(next) === ',') return next + 1;
      if (OPEN.has(this.text(next))) next = this.closing(next);
    }
    return end;
  }

  /** A declaration ends at `;`, or where a line begins with a word that begins a statement. */
  private endOfStatement(start: number): number {
    for (let at = start + 1; at < this.tokens.length; at++) {
      const { text, line } = this.token(at);
      if (text === ';') return at;
      if (STATEMENT.has(text) && line !== this.token(at - 1).line && this.text(at - 1) !== '=') return at;
      if (OPEN.has(text)) at = this.closing(at);
    }
    return this.tokens.length;
  }

  /** The bracket that closes this one; where none does, the code is half written and the next `export` ends it. */
  private closing(open: number): number {
    return this.partners[open] ?? this.tokens.length - 1;
  }

  private opening(close: number): number {
    let at = close;
    while (at > 0 && !OPEN.has(this.text(at))) at--;
    return at;
  }

  private find(text: string, from: number, end: number): number {
    for (let at = from; at < end; at++) if (this.text(at) === text) return at;
    return -1;
  }

  private positionsOf(text: string): number[] {
    return this.tokens.flatMap((token, at) => (token.kind === 'word' && token.text === text ? [at] : []));
  }

  private text(at: number): string {
    return this.tokens[at]?.text ?? '';
  }

  private token(at: number): Token {
    return this.tokens[at] ?? { text: '', kind: 'punctuation', line: 1 };
  }
}

function pairBrackets(tokens: readonly Token[]): (number | undefined)[] {
  const partners: (number | undefined)[] = [];
  let open: number[] = [];
  for (const [at, { text, kind }] of tokens.entries()) {
    if (kind === 'string') continue;
    if (OPEN.has(text)) open.push(at);
    else if (CLOSE.has(text)) {
      const last = open.pop();
      if (last !== undefined) partners[last] = at;
    } else if (text === 'export') {
      for (const left of open) partners[left] = at - 1;
      open = [];
    }
  }
  return partners;
}

const STATEMENT = new Set([
  'export',
  'const',
  'let',
  'var',
  'function',
  'class',
  'import',
  'module',
  'exports',
]);

const unquoted = (text: string): string => text.replace(/^(['"])(.*)\1$/, '$2');
