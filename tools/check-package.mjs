// Looks into the package that tools/package.mjs has made: what users get, nothing else, and that it runs.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${process.platform}-${process.arch}`;
const folder = join(root, 'out/package');
const MOST_MEGABYTES = 80;

/** Everything that may be in it. A new kind of file is a line here. */
const EXPECTED = [
  /^(package\.json|package\.nls\.json|README\.md|CHANGELOG\.md|LICENSE|NOTICE|\.vscodeignore)$/,
  /^dist\/((extension|main|cli|checking|predicting|rate-edit)\.js(\.LEGAL\.txt)?|build\.json)$/,
  /^dist\/checks\/[\w-]+\.js(\.LEGAL\.txt)?$/,
  /^dist\/types\/(version\.txt|.*\.(d\.ts|json))$/,
  /^dist\/webviews\/[\w-]+\.(js(\.LEGAL\.txt)?|css|ttf|woff2)$/,
  /^docs\/(images|pictures)\/[\w-]+\.(png|webp|gif)$/,
  /^exercises\/(tsconfig\.json|README\.md|\d\d-[\w-]+\/.+\.(md|json|ts|png|webp))$/,
  /^l10n\/bundle\.l10n(\.[\w-]+)?\.json$/,
  /^media\/icons\/[\w-]+\.(svg|png)$/,
  /^media\/models\/[\w-]+\/.+\.(md|json|txt|csv|safetensors)$/,
  /^media\/data\/[\w-]+\/.+\.(md|csv|json|jsonl|txt|tsv|png|jpg)$/,
  /^node_modules\/(onnxruntime-(node|common)|sharp|@img\/[\w-]+|detect-libc|semver|esbuild|@esbuild\/[\w-]+|typescript)\//,
];
const NEEDED = [
  'dist/extension.js',
  'dist/main.js',
  'dist/cli.js',
  'dist/types/version.txt',
  'dist/rate-edit.js',
  'dist/predicting.js',
  'dist/webviews/metrics.js',
  'dist/webviews/instructions.js',
  'l10n/bundle.l10n.json',
  'dist/webviews/learning-rate.js',
  'dist/webviews/try-picture.js',
  'package.nls.json',
  'media/icons/icon.png',
  'media/models/resnet18-narrow/model.safetensors',
  'media/models/minilm-l6/model.safetensors',
  'media/models/minilm-l6/tokenizer.json',
  'LICENSE',
  'NOTICE',
];

const files = list(folder);
const natives = files.filter((file) => /\.(node|so|dll|dylib)(\.\d+)*$|\/bin\/esbuild$|\.exe$/.test(file));
const ours = new RegExp(`${process.platform}[-/]${process.arch}`);
const checks = {
  'holds nothing but what is expected': () =>
    none(files.filter((file) => !EXPECTED.some((one) => one.test(file)))),
  'holds what is needed': () => none(NEEDED.filter((file) => !files.includes(file))),
  'holds the data of every exercise': () =>
    none(
      files
        .filter((file) => /^exercises\/[^/]+\/exercise\.json$/.test(file))
        .flatMap((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).data)
        .filter((name) => !files.includes(`media/data/${name}/README.md`)),
    ),
  'holds native code of this platform alone': () =>
    natives.length > 0 ? none(natives.filter((file) => !ours.test(file))) : 'there is no native code at all',
  'holds no sources, source maps or tests of ours': () =>
    none(files.filter((file) => /\.map$|\.test\.[cm]?[jt]s$|^(src|test|bench|tools)\//.test(file))),
  'names no folder of the machine that made it': () =>
    none(
      ['dist/extension.js', 'dist/main.js', 'dist/cli.js'].filter((file) =>
        readFileSync(join(folder, file), 'utf8').includes(root),
      ),
    ),
  [`is smaller than ${MOST_MEGABYTES} MB`]: () => {
    const megabytes = statSync(join(root, 'out', `transfer-lab-${target}.vsix`)).size / 1e6;
    return megabytes < MOST_MEGABYTES ? '' : `it has ${megabytes.toFixed(1)} MB`;
  },
  'runs: its command line trains a probe step': () => {
    const output = execFileSync(process.execPath, [join(folder, 'dist/cli.js'), 'doctor', '--json'], {
      encoding: 'utf8',
    });
    const answer = JSON.parse(output.trim().split('\n').at(-1));
    return answer.ok && answer.stepMs > 0 ? '' : output;
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  const complaint = check();
  if (complaint !== '') failed++;
  console.log(
    `${complaint === '' ? '✔' : '✖'} the package ${name}${complaint === '' ? '' : `: ${complaint}`}`,
  );
}
console.log(`${Object.keys(checks).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function list(parent) {
  return readdirSync(parent, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/'));
}

function none(found) {
  return found.slice(0, 8).join(', ') + (found.length > 8 ? ` and ${found.length - 8} more` : '');
}
