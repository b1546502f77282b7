// npm start            sets everything up, fine-tunes the model of exercise 1 in the terminal
// npm start -- --open  opens exercise 1 in VS Code with the extension loaded
// Plain Node without packages, and syntax that an old Node can read: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildIfStale, checkNode, ensurePackages, run, sayError } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const open = process.argv.includes('--open');

try {
  checkNode();
  await ensurePackages(root);
  await buildIfStale(root);
  await (open ? openInEditor() : trainInTerminal());
} catch (error) {
  sayError(error);
  process.exitCode = 1;
}

async function trainInTerminal() {
  const folder = newFolder();
  await transferLab(['new', '01', folder]);
  await transferLab(['compare', folder]);
  const shown = relative(process.cwd(), folder);
  console.log(`
Your exercise is in ${shown}. What you can do next:
  npm start -- --open          open it in VS Code, with the extension loaded
  node dist/cli.js check ${shown}   see what is done and what is missing
`);
}

async function openInEditor() {
  const folder = newestFolder() || newFolder();
  if (!existsSync(folder)) await transferLab(['new', '01', folder]);
  const code = findCode();
  if (code) {
    console.log(`Opening ${relative(process.cwd(), folder)} in VS Code, with Transfer Lab loaded.`);
    const result = spawnSync(code, [`--extensionDevelopmentPath=${root}`, folder], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (result.status !== 0) throw new Error(`"${code}" ended with ${result.status}.`);
    return;
  }
  console.log('The command "code" is not on the PATH, so this uses VS Code in your browser.');
  await run(process.execPath, [join(root, 'tools/build-tests.mjs')], root);
  const child = spawn(process.execPath, [join(root, 'out/test/main.js'), 'open', folder], {
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) => child.on('close', (status) => resolve(status || 0)));
}

async function transferLab(args) {
  await run(process.execPath, [join(root, 'dist/cli.js'), ...args], process.cwd());
}

/** exercise-01, exercise-01-2, …: the first that does not exist. What a learner wrote is never touched. */
function newFolder() {
  for (let number = 1; ; number++) {
    const folder = join(root, number === 1 ? 'exercise-01' : `exercise-01-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

function newestFolder() {
  const numbers = readdirSync(root)
    .map((name) => /^exercise-01(?:-(\d+))?$/.exec(name))
    .filter(Boolean)
    .map(([name, number]) => ({ name, number: Number(number || 1) }))
    .sort((a, b) => b.number - a.number);
  return numbers.length > 0 ? join(root, numbers[0].name) : undefined;
}

function findCode() {
  return ['code', 'code-insiders', 'codium'].find((name) => {
    const found = spawnSync(name, ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' });
    return found.status === 0;
  });
}
