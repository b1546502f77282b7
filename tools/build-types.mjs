// The declarations that a learner's folder is given, so that its editor knows 'transfer-lab' and TensorFlow.js without an install:
//   dist/types/transfer-lab/**, dist/types/@tensorflow/<package>/**, dist/types/version.txt
// A folder's tsconfig.json or jsconfig.json maps "transfer-lab" and "@tensorflow/*" to .transfer-lab/types/.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** @returns {Promise<{ files: number, bytes: number }>} */
export async function buildTypes(root) {
  const files = new Map();
  if (existsSync(join(root, 'src/lab/index.ts'))) addOurs(root, files);
  addPackage(root, '@tensorflow/tfjs', files);

  const target = join(root, 'dist/types');
  await rm(target, { recursive: true, force: true });
  const names = [...files.keys()].sort();
  const hash = createHash('sha256');
  let bytes = 0;
  for (const name of names) {
    const text = files.get(name);
    hash.update(name).update('\0').update(text).update('\0');
    bytes += Buffer.byteLength(text);
    await mkdir(dirname(join(target, name)), { recursive: true });
    await writeFile(join(target, name), text);
  }
  await writeFile(join(target, 'version.txt'), hash.digest('hex').slice(0, 16) + '\n');
  return { files: names.length, bytes };
}

/**
 * The module that experiments import, as declarations with its documentation. File by file, without the checker, which
 * would take ten times as long: so what these files export states its types (isolatedDeclarations).
 */
function addOurs(root, files) {
  const source = join(root, 'src');
  const emitted = new Map();
  const read = (name) => {
    if (!emitted.has(name)) emitted.set(name, declarationsOf(source, name.replace(/\.d\.ts$/, '.ts')));
    return emitted.get(name);
  };
  // Only what the module's own declarations lead to: the engine's are no business of a learner's folder.
  for (const name of reachable('lab/index.d.ts', read)) files.set(join('transfer-lab', name), read(name));
  files.set('transfer-lab/index.d.ts', "export * from './lab/index';\n");
}

/** @returns {string | undefined} undefined where there is no such file */
function declarationsOf(source, name) {
  const fileName = join(source, name);
  if (!existsSync(fileName)) return undefined;
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(fileName, 'utf8'), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: { isolatedDeclarations: true, strict: true, target: ts.ScriptTarget.ES2022 },
  });
  if (diagnostics.length > 0) {
    const text = ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (path) => path,
      getCurrentDirectory: () => source,
      getNewLine: () => '\n',
    });
    throw new Error(`Learners' editors read this file, so its exports must state their types:\n${text}`);
  }
  return outputText;
}

function addPackage(root, name, files) {
  if (files.has(join(name, 'index.d.ts'))) return;
  const folder = join(root, 'node_modules', name);
  const { types, typings } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const entry = (types ?? typings ?? 'dist/index.d.ts').replace(/^\.\//, '');
  files.set(join(name, 'index.d.ts'), `export * from './${entry.replace(/\.d\.ts$/, '')}';\n`);
  addFiles(root, name, entry, files);
}

function addFiles(root, name, entry, files) {
  const folder = join(root, 'node_modules', name);
  const read = (file) => {
    const path = join(folder, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  const outside = new Set();
  for (const file of reachable(entry, read, outside)) {
    files.set(join(name, file), withDocumentation(withoutLicence(read(file))));
  }
  for (const specifier of outside) {
    const found = /^(@tensorflow\/[^/]+)(?:\/(.+))?$/.exec(specifier);
    if (!found || !existsSync(join(root, 'node_modules', found[1]))) continue;
    addPackage(root, found[1], files);
    const deep = found[2] && `${found[2]}.d.ts`;
    if (deep && existsSync(join(root, 'node_modules', found[1], deep)) && !files.has(join(found[1], deep))) {
      addFiles(root, found[1], deep, files);
    }
  }
}

/** All files that `entry` leads to by relative imports; other module names are added to `outside`. */
function reachable(entry, read, outside = new Set()) {
  const seen = new Set();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const text = read(file);
    if (seen.has(file) || text === undefined) continue;
    seen.add(file);
    const info = ts.preProcessFile(text, true, true);
    for (const { fileName } of [...info.importedFiles, ...info.referencedFiles]) {
      if (!fileName.startsWith('.')) {
        outside.add(fileName);
        continue;
      }
      const base = relative(resolve('/'), resolve('/', dirname(file), fileName)).replace(/\.js$/, '');
      queue.push(`${base}.d.ts`, `${base}/index.d.ts`);
    }
  }
  return seen;
}

/** Every file of TensorFlow.js opens with the same licence; NOTICE names it once. */
function withoutLicence(text) {
  return text.replace(/^\s*(?:\/\/\/[^\n]*\n\s*)?\/\*\*?\s*\n\s*\* @license[\s\S]*?\*\/\s*/, '');
}

/**
 * TensorFlow.js documents `function relu_` and exports `const relu: typeof relu_`, so an editor would show nothing at `tf.relu`:
 * the documentation goes to the name that people write.
 */
function withDocumentation(text) {
  return text.replace(
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)(declare function (\w+)_[(<][\s\S]*?\n)(?=export declare const \3: typeof \3_;)/g,
    '$2$1',
  );
}
