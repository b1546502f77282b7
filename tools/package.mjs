// npm run package: the extension as one .vsix for this platform. Options: --no-build, --target linux-x64 (this platform only)
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = `${process.platform}-${process.arch}`;
const staging = join(root, 'out/package');
const output = join(root, 'out', `transfer-lab-${target}.vsix`);
/** Models that no exercise needs. The smaller MiniLMs are the first layers of the one that is there: `layers: 2`. */
const LEFT_OUT = /^(gpt2|minilm-l[24]$|resnet34)/;

if (!process.argv.includes('--no-build')) node('tools/build.mjs', '--production');
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(join(staging, 'package.json'), JSON.stringify(forUsers(manifest), undefined, 2) + '\n');
for (const name of [
  'package.nls.json',
  'l10n',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'NOTICE',
  'media',
  'exercises',
  'dist',
  'docs/pictures',
]) {
  if (existsSync(join(root, name)))
    cpSync(join(root, name), join(staging, name), { recursive: true, filter: isShipped });
}
cpSync(join(root, '.vscodeignore'), join(staging, '.vscodeignore'));
for (const [name, keep] of Object.entries(natives())) copyPackage(name, keep);
dropInstallScripts('onnxruntime-node');

const vsce = [
  ...['node_modules/@vscode/vsce/vsce', 'package', '--target', target, '--out', output],
  ...['--no-rewrite-relative-links', '--allow-missing-repository', '--skip-license'],
];
const result = spawnSync(
  process.execPath,
  vsce.map((arg, index) => (index === 0 ? join(root, arg) : arg)),
  {
    cwd: staging,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
if (result.status !== 0) process.exit(result.status ?? 1);
console.log(`package: ${output} ${(statSync(output).size / 1e6).toFixed(1)} MB`);

/** What development needs is no business of a user's machine; the natives are the only packages shipped. */
function forUsers(all) {
  const natively = Object.entries(all.dependencies).filter(([name]) => name in natives());
  const rest = Object.entries(all).filter(
    ([name]) => !['devDependencies', 'scripts', 'private'].includes(name),
  );
  return { ...Object.fromEntries(rest), dependencies: Object.fromEntries(natively) };
}

/** Of dist/ only what users run; source maps, benchmark and reference programs and tests stay here. */
function isShipped(path) {
  const inside = relative(root, path).replaceAll('\\', '/');
  if (/\.map$|\.test\.ts$|(^|\/)\.transfer-lab(\/|$)/.test(inside)) return false;
  if (/^exercises\/([^/]+\/(check\.ts|mistakes|reference\/experiment\.ts)|tsconfig\.json)/.test(inside))
    return false;
  // What the models were pretrained on is for those who pretrain.
  if (/^media\/models\/pretraining-/.test(inside)) return false;
  const [, kind, name] = /^media\/(data|models)\/([^/]+)/.exec(inside) ?? [];
  if (kind === 'data' && !exerciseData().includes(name)) return false;
  if (kind === 'models' && LEFT_OUT.test(name)) return false;
  return (
    !inside.startsWith('dist/') ||
    /^dist\/(types|webviews|checks|(extension|main|cli|checking|predicting|rate-edit)\.js|build\.json)/.test(
      inside,
    )
  );
}

/** Data sets that an exercise copies into the learner's folder. The others would only make the download larger. */
function exerciseData() {
  const folder = join(root, 'exercises');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => JSON.parse(readFileSync(join(folder, name, 'exercise.json'), 'utf8')).data);
}

/** Packages with native code, and what of them one platform needs. */
function natives() {
  const { platform, arch } = process;
  const inOrt = /^(package\.json|LICENSE|dist\/(?!.*\.(map|d\.ts)$)|lib\/.*\.js$)/;
  const binary = new RegExp(`^bin/napi-v\\d+/${platform}/${arch}/(?!.*(cuda|tensorrt))`);
  const any = () => true;
  return {
    'onnxruntime-node': (file) => inOrt.test(file) || binary.test(file),
    'onnxruntime-common': (file) => /^(package\.json|dist\/cjs\/.*\.(js|json)$)/.test(file),
    sharp: (file) => /^(package\.json|LICENSE|(lib|dist)\/.*\.(js|cjs|json)$)/.test(file),
    '@img/colour': any,
    'detect-libc': any,
    semver: any,
    [`@img/sharp-${platform}-${arch}`]: any,
    [`@img/sharp-libvips-${platform}-${arch}`]: (file) => !/\.h$/.test(file),
    typescript: (file) =>
      /^(package\.json|LICENSE\.txt|ThirdPartyNoticeText\.txt|lib\/(typescript\.js|lib\.(es|decorators).*\.d\.ts))$/.test(
        file,
      ),
    esbuild: (file) => /^(package\.json|LICENSE\.md|lib\/main\.js)$/.test(file),
    [`@esbuild/${platform}-${arch}`]: any,
  };
}

function copyPackage(name, keep) {
  const from = join(root, 'node_modules', name);
  if (!existsSync(from)) return;
  const walk = (folder) => {
    for (const entry of readdirSync(join(from, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') walk(path);
      } else if (keep(path)) {
        cpSync(join(from, path), join(staging, 'node_modules', name, path), { dereference: true });
      }
    }
  };
  walk('');
}

/** Its other dependencies only serve the script that downloads CUDA libraries at install. */
function dropInstallScripts(name) {
  const file = join(staging, 'node_modules', name, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  delete manifest.scripts;
  manifest.dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([dependency]) => dependency in natives()),
  );
  writeFileSync(file, JSON.stringify(manifest, undefined, 2));
}

function node(...args) {
  const built = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
