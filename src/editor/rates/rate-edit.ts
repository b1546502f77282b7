import ts from 'typescript';

/** How a text becomes one with another learning rate. Offsets count UTF-16 units. */
export interface RateEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The place is found and can be written, or a sentence says why not and where one would look. */
export type RatePlan =
  | { readonly kind: 'edit'; readonly edit: RateEdit }
  | { readonly kind: 'refused'; readonly reason: RateRefusal; readonly offset: number };

export type RateRefusal =
  | 'not-found'
  | 'made-by-a-function'
  | 'options-not-literal'
  | 'strategy-not-literal'
  | 'strategy-options-not-literal'
  | 'rate-not-a-number'
  | 'shared';

/**
 * Where `learningRate` of an experiment's strategy stands in the text, or where it is to be inserted.
 * Only what this experiment alone uses is changed.
 * @param name of the export
 */
export function planRateEdit(source: string, name: string, learningRate: number): RatePlan {
  const file = ts.createSourceFile('experiment.ts', source, ts.ScriptTarget.Latest, true);
  try {
    return { kind: 'edit', edit: new Search(file).edit(name, rateLiteral(learningRate)) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: 'refused', reason: error.reason, offset: error.node.getStart(file) };
  }
}

/** As people write rates: 5e-4, 0.03. */
export function rateLiteral(rate: number): string {
  return rate < 0.01 || rate >= 1000 ? rate.toExponential().replace('e+', 'e') : String(rate);
}

class Refused extends Error {
  constructor(
    readonly reason: RateRefusal,
    readonly node: ts.Node,
  ) {
    super(reason);
  }
}

class Search {
  constructor(private readonly file: ts.SourceFile) {}

  edit(name: string, text: string): RateEdit {
    const call = this.experimentCall(name);
    const options = this.literal(call.arguments[0], call, 'options-not-literal');
    const strategy = bare(this.value(property(options, 'strategy'), options));
    const found = this.follow(strategy, 'strategy-not-literal');
    if (!ts.isCallExpression(found)) throw new Refused('strategy-not-literal', found);
    const callee = bare(found.expression);
    // strategies.wholeModel(…) or strategies['wholeModel'](…); an own function has options of its own.
    if (!ts.isPropertyAccessExpression(callee) && !ts.isElementAccessExpression(callee))
      throw new Refused('made-by-a-function', found);
    const place = SECOND.has(calledName(callee)) ? 1 : 0;
    const given = found.arguments[place];
    if (!given) return this.newOptions(found.arguments, place, `{ learningRate: ${text} }`);
    const settings = this.literal(given, found, 'strategy-options-not-literal');
    const rate = property(settings, 'learningRate', true);
    if (!rate) return this.insertInto(settings, `learningRate: ${text}`);
    const value = bare(this.value(rate, settings));
    if (!isNumber(value)) throw new Refused('rate-not-a-number', value);
    return { start: value.getStart(this.file), end: value.end, text };
  }

  /** The call of experiment(…) behind an export of this name. */
  private experimentCall(name: string): ts.CallExpression {
    const value = this.exported(name);
    if (!value) throw new Refused('not-found', this.file);
    const call = bare(value);
    if (!ts.isCallExpression(call)) throw new Refused('not-found', call);
    const callee = bare(call.expression);
    const isLocal =
      ts.isIdentifier(callee) && (this.variable(callee.text) ?? this.hasFunction(callee.text)) !== undefined;
    if (isLocal) throw new Refused('made-by-a-function', call);
    return call;
  }

  private exported(name: string): ts.Expression | undefined {
    for (const statement of this.file.statements) {
      if (ts.isExportAssignment(statement) && name === 'default') return this.held(statement.expression);
      if (ts.isExportDeclaration(statement) && statement.exportClause && !statement.moduleSpecifier) {
        if (!ts.isNamedExports(statement.exportClause)) continue;
        const listed = statement.exportClause.elements.find((one) => one.name.text === name);
        if (listed) return this.variable((listed.propertyName ?? listed.name).text);
      }
      const assigned = ts.isExpressionStatement(statement) && this.assigned(statement.expression, name);
      if (assigned) return this.held(assigned);
    }
    return this.variable(name);
  }

  /** `exports.name = …`, `module.exports.name = …`, `module.exports = { name: …, name }`. */
  private assigned(expression: ts.Expression, name: string): ts.Expression | undefined {
    if (!ts.isBinaryExpression(expression) || expression.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
      return undefined;
    const { left, right } = expression;
    const target = left.getText(this.file).replaceAll(/\s/g, '');
    if (target === `exports.${name}` || target === `module.exports.${name}`) return right;
    if (target !== 'module.exports' || !ts.isObjectLiteralExpression(right)) return undefined;
    const found = property(right, name);
    return found && this.value(found, right);
  }

  private held(expression: ts.Expression): ts.Expression | undefined {
    const value = bare(expression);
    return ts.isIdentifier(value) ? this.variable(value.text) : value;
  }

  private variable(name: string): ts.Expression | undefined {
    return this.declaration(name)?.initializer;
  }

  private declaration(name: string): ts.VariableDeclaration | undefined {
    return this.file.statements
      .flatMap((statement) =>
        ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [],
      )
      .find((one) => ts.isIdentifier(one.name) && one.name.text === name);
  }

  private hasFunction(name: string): true | undefined {
    const found = this.file.statements.some(
      (statement) => ts.isFunctionDeclaration(statement) && statement.name?.text === name,
    );
    return found || undefined;
  }

  /** The object literal that an argument is, or that a variable which nothing else uses holds. */
  private literal(
    argument: ts.Expression | undefined,
    call: ts.Node,
    otherwise: RateRefusal,
  ): ts.ObjectLiteralExpression {
    if (!argument) throw new Refused(otherwise, call);
    const value = this.follow(bare(argument), otherwise);
    if (!ts.isObjectLiteralExpression(value)) throw new Refused(otherwise, value);
    return value;
  }

  /** Through a name to what it holds, where it is used only here. */
  private follow(value: ts.Expression, otherwise: RateRefusal): ts.Expression {
    if (!ts.isIdentifier(value)) return value;
    const held = this.variable(value.text);
    if (!held) throw new Refused(otherwise, value);
    if (this.uses(value.text) > 1) throw new Refused('shared', held);
    return bare(held);
  }

  /** Places that read a variable: all its names but that of its declaration and those of properties. */
  private uses(name: string): number {
    let count = 0;
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && node.text === name && !isNameOnly(node)) count++;
      ts.forEachChild(node, visit);
    };
    visit(this.file);
    return count;
  }

  private value(
    found: ts.PropertyAssignment | ts.ShorthandPropertyAssignment | undefined,
    object: ts.ObjectLiteralExpression,
  ): ts.Expression {
    if (!found) throw new Refused('strategy-not-literal', object);
    return ts.isShorthandPropertyAssignment(found) ? found.name : found.initializer;
  }

  private insertion(at: number, text: string): RateEdit {
    return { start: at, end: at, text };
  }

  private newOptions(given: ts.NodeArray<ts.Expression>, place: number, text: string): RateEdit {
    const before = given[place - 1];
    return before ? this.insertion(before.end, `, ${text}`) : this.insertion(given.pos, text);
  }

  /** Behind the last property, in its style: on a line of its own where it has one. */
  private insertInto(object: ts.ObjectLiteralExpression, text: string): RateEdit {
    const last = object.properties.at(-1);
    const open = object.getStart(this.file);
    if (!last) return { start: open, end: object.end, text: `{ ${text} }` };
    const source = this.file.text;
    const start = last.getStart(this.file);
    const lineStart = source.lastIndexOf('\n', start) + 1;
    const indent = source.slice(lineStart, start);
    const ownLine = lineStart > open && /^\s*$/.test(indent);
    const newLine = source.includes('\r\n') ? '\r\n' : '\n';
    return this.insertion(last.end, `,${ownLine ? `${newLine}${indent}` : ' '}${text}`);
  }
}

/** Strategies whose options are the second argument. */
const SECOND = new Set(['layerGroups', 'parameters']);

function calledName(callee: ts.PropertyAccessExpression | ts.ElementAccessExpression): string {
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return ts.isStringLiteralLike(callee.argumentExpression) ? callee.argumentExpression.text : '';
}

/** Without what changes nothing at run time: brackets, `as`, `satisfies`, `!`, `await`. */
function bare(expression: ts.Expression): ts.Expression {
  let value = expression;
  while (
    ts.isParenthesizedExpression(value) ||
    ts.isAsExpression(value) ||
    ts.isSatisfiesExpression(value) ||
    ts.isTypeAssertionExpression(value) ||
    ts.isNonNullExpression(value) ||
    ts.isAwaitExpression(value)
  )
    value = value.expression;
  return value;
}

const isNumber = (value: ts.Expression): boolean =>
  ts.isNumericLiteral(value) || (ts.isPrefixUnaryExpression(value) && ts.isNumericLiteral(value.operand));

/**
 * The property of that name which counts: the last. One that a spread behind it may override, or that only a spread could
 * hold, is refused.
 * @param insertable whether one that is missing is to be inserted at the end, where it overrides a spread
 */
function property(
  object: ts.ObjectLiteralExpression,
  name: string,
  insertable = false,
): ts.PropertyAssignment | ts.ShorthandPropertyAssignment | undefined {
  const own = object.properties.findLastIndex((one) => one.name !== undefined && nameOf(one.name) === name);
  const spread = object.properties.findLastIndex((one) => ts.isSpreadAssignment(one));
  const found = object.properties[own];
  if (spread > own && !(insertable && own < 0)) throw new Refused('shared', object);
  if (!found) return undefined;
  if (ts.isPropertyAssignment(found) || ts.isShorthandPropertyAssignment(found)) return found;
  throw new Refused(insertable ? 'rate-not-a-number' : 'strategy-not-literal', found);
}

function nameOf(name: ts.PropertyName): string | undefined {
  if (ts.isComputedPropertyName(name))
    return ts.isStringLiteralLike(name.expression) ? name.expression.text : undefined;
  return name.text;
}

function isNameOnly(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isVariableDeclaration(parent)) return parent.name === node;
  return ts.isPropertyAssignment(parent) && parent.name === node;
}
