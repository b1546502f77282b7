// Builds everything that runs: node tools/build.mjs [--watch] [--production]
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { buildTypes } from './build-types.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/** Never bundled: the editor's own module, and packages that carry native code. */
const EXTERNAL = ['vscode', 'onnxruntime-node', 'onnxruntime-common', 'sharp', 'esbuild', 'typescript'];

const NODE_ENTRIES = {
  extension: 'src/extension.ts',
  main: 'src/training/main.ts',
  cli: 'src/training/cli.ts',
  checking: 'src/training/checking/main.ts',
  predicting: 'src/training/prediction/main.ts',
  oracle: 'src/training/oracle/main.ts',
  'rate-edit': 'src/editor/rates/rate-edit-worker.ts',
  bench: 'bench/main.ts',
};

const common = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: production ? 'linked' : 'none',
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
};

function nodeOptions() {
  return {
    ...common,
    entryPoints: present(NODE_ENTRIES),
    outdir: 'dist',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: EXTERNAL,
    minifySyntax: production,
    minifyWhitespace: production,
    keepNames: true,
  };
}

/** A check per exercise: dist/checks/<id>.js. Found by their folders, so a new exercise needs no line here. */
function checkOptions() {
  const folder = join(root, 'exercises');
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'check.ts')));
  return {
    ...nodeOptions(),
    entryPoints: Object.fromEntries(names.map((name) => [name, `exercises/${name}/check.ts`])),
    outdir: 'dist/checks',
  };
}

function webviewOptions() {
  const folder = join(root, 'src/webviews');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.includes('.')) : [];
  const entries = Object.fromEntries(
    names
      .map((name) => [name, `src/webviews/${name}/main.ts`])
      .filter(([, file]) => existsSync(join(root, file))),
  );
  return {
    ...common,
    entryPoints: entries,
    outdir: 'dist/webviews',
    platform: 'browser',
    format: 'iife',
    target: 'chrome124',
    minify: production,
    loader: { '.svg': 'dataurl', '.ttf': 'dataurl', '.woff2': 'dataurl' },
  };
}

/** An entry that is not written yet is said, not failed on. */
function present(entries) {
  return Object.fromEntries(
    Object.entries(entries).filter(([name, file]) => {
      if (existsSync(join(root, file))) return true;
      console.log(`build: no ${file} yet, so no dist/${name}.js`);
      return false;
    }),
  );
}

async function run(options) {
  if (Object.keys(options.entryPoints).length === 0) return;
  if (!watch) {
    await esbuild.build(options);
    return;
  }
  const context = await esbuild.context(options);
  await context.watch();
}

const began = performance.now();
await mkdir(join(root, 'dist'), { recursive: true });
const [types] = await Promise.all([
  buildTypes(root),
  run(nodeOptions()),
  run(checkOptions()),
  run(webviewOptions()),
]);
await writeFile(join(root, 'dist/build.json'), JSON.stringify({ production, node: process.version }) + '\n');
console.log(
  `build: dist/ in ${((performance.now() - began) / 1000).toFixed(1)} s; ` +
    `declarations ${(types.bytes / 1e6).toFixed(1)} MB in ${types.files} files${watch ? '; watching' : ''}`,
);
