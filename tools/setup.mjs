// What a fresh clone needs before anything else runs. Imports nothing that would have to be installed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const OLDEST_NODE = [20, 19];

/** A failure that its own output has explained already, or that one sentence explains. */
export class SetupError extends Error {}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `This is Node ${process.versions.node}; Transfer Lab needs ${OLDEST_NODE.join('.')} or newer. ` +
      'Install a current version from https://nodejs.org and run this again.',
  );
}

/** `npm ci` where node_modules is missing or older than the lock file. */
export async function ensurePackages(root) {
  const installed = modified(join(root, 'node_modules/.package-lock.json'));
  if (installed !== undefined && installed >= modified(join(root, 'package-lock.json'))) return;
  console.log('Installing packages (once; 1 to 2 minutes) …');
  const env = {
    ...process.env,
    // Its install script would download CUDA libraries; the CPU's are in the package.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
    ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip',
  };
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], root, env);
}

export async function buildIfStale(root) {
  const built = modified(join(root, 'dist/build.json'));
  const sources = ['src', 'bench', 'tools/build.mjs', 'tools/build-types.mjs', 'package-lock.json'];
  if (built !== undefined && sources.every((path) => newest(join(root, path)) <= built)) return;
  await run(process.execPath, [join(root, 'tools/build.mjs')], root);
}

/** Runs to the end with this terminal's output; no shell where there is a choice. */
export function run(command, args, cwd, env = process.env) {
  return new Promise((resolve, reject) => {
    const windowsScript = process.platform === 'win32' && command === 'npm';
    const child = spawn(command, args, { cwd, env, stdio: 'inherit', shell: windowsScript });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new SetupError(`"${[command, ...args].join(' ')}" ended with ${signal || `code ${code}`}.`));
    });
  });
}

export function sayError(error) {
  console.error(error instanceof SetupError ? `\n${error.message}` : error);
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : undefined;
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}
