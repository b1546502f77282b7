// Type checks every world by its own tsconfig: node tools/check-types.mjs [WORLD…]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = join(root, 'node_modules/typescript/bin/tsc');

const WORLDS = {
  training: 'src/training/tsconfig.json',
  editor: 'src/editor/tsconfig.json',
  webviews: 'src/webviews/tsconfig.json',
  'webview tests': 'tsconfig.tests.json',
  test: 'test/tsconfig.json',
  exercises: 'exercises/tsconfig.json',
};

/** tsc's complaint about a config that matches no file: a world whose first file is not written. */
const NO_INPUTS = 'TS18003';

const wanted = process.argv.slice(2);
const queue = Object.entries(WORLDS).filter(
  ([name, config]) => (wanted.length === 0 || wanted.includes(name)) && existsSync(join(root, config)),
);
let failed = 0;

async function work() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [name, config] = next;
    const { code, output } = await compile(config);
    if (code === 0) {
      console.log(`types: ${name} ok`);
    } else if (output.includes(NO_INPUTS)) {
      console.log(`types: ${name} has no files`);
    } else {
      failed++;
      console.log(`types: ${name} FAILED (${config})\n${output.trimEnd()}`);
    }
  }
}

function compile(config) {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [compiler, '--noEmit', '--pretty', 'false', '-p', join(root, config)],
      {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('close', (code) => resolve({ code, output }));
  });
}

await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
process.exitCode = failed === 0 ? 0 : 1;
