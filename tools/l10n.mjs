// Collects the texts that the editor side shows into l10n/bundle.l10n.json, from which translators begin: node tools/l10n.mjs
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
export const BUNDLE = join(root, 'l10n/bundle.l10n.json');

/** Every text in `vscode.l10n.t('…')`, or in a `t('…')` that stands for it, of src/editor and src/extension.ts. */
export function collectTexts() {
  const folder = join(root, 'src/editor');
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(folder, name));
  const texts = [...files, join(root, 'src/extension.ts')].flatMap((file) =>
    textsOf(readFileSync(file, 'utf8'), file),
  );
  return Object.fromEntries([...new Set(texts)].sort().map((text) => [text, text]));
}

/** @throws {Error} naming the line where a text is put together first, so that nobody could translate it */
export function textsOf(source, file) {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const texts = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && isTranslation(node.expression)) {
      const [text] = node.arguments;
      if (text !== undefined && ts.isStringLiteralLike(text)) texts.push(text.text);
      else {
        const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
        throw new Error(`${file}:${line + 1}: the first argument of a translation must be a plain text`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return texts;
}

function isTranslation(callee) {
  if (ts.isIdentifier(callee)) return callee.text === 't';
  return (
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === 't' &&
    /\bl10n$/.test(callee.expression.getText())
  );
}

export const bundleText = () => `${JSON.stringify(collectTexts(), undefined, 2)}\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(root, 'l10n'), { recursive: true });
  writeFileSync(BUNDLE, bundleText());
  console.log(`l10n: ${Object.keys(collectTexts()).length} texts in ${BUNDLE}`);
}
