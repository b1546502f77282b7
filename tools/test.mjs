// npm test: installs what is needed and runs every check. Options: --only NAME[,NAME], --list
// Ends with "N passed, N failed" and a non-zero code at any failure. Needs no terminal and no input.
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, ensurePackages, sayError, SetupError } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const logs = join(root, 'out/test-logs');
const node = process.execPath;
const bin = (path) => join(root, 'node_modules', path);

/**
 * `after`: stages that must have passed. `file`: what is tested; a stage whose subject is not written yet is skipped, and said so. `tests`: reads counts from the output; a stage without counts as one test.
 * Two stages run at a time: most use one core.
 */
const STAGES = [
  { name: 'build', run: [node, 'tools/build.mjs', '--production'] },
  { name: 'vscode tests: build', after: ['build'], run: [node, 'tools/build-tests.mjs'] },
  { name: 'vscode server', after: ['vscode tests: build'], run: [node, 'out/test/main.js', 'install'] },
  { name: 'lint', run: [node, bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
  { name: 'format', run: [node, bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'types', run: [node, 'tools/check-types.mjs'] },
  {
    name: 'structure',
    run: [
      node,
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'src',
    ],
  },
  { name: 'unit tests', after: ['build'], run: [node, bin('vitest/vitest.mjs'), 'run'], tests: vitestCounts },
  {
    name: 'tfjs suite op by op',
    file: 'test/tfjs-suite/run.mjs',
    run: [node, 'test/tfjs-suite/run.mjs', '--mode', 'op-by-op'],
    tests: suiteCounts,
  },
  {
    name: 'tfjs suite compiled',
    file: 'test/tfjs-suite/run.mjs',
    run: [node, 'test/tfjs-suite/run.mjs', '--mode', 'compiled'],
    tests: suiteCounts,
  },
  {
    name: 'exercises',
    after: ['build'],
    file: 'tools/check-exercises.mjs',
    run: [node, 'tools/check-exercises.mjs'],
    tests: plainCounts,
  },
  {
    name: 'package',
    after: ['build'],
    file: 'src/extension.ts',
    run: [node, 'tools/package.mjs', '--no-build'],
  },
  {
    name: 'package contents',
    after: ['package'],
    run: [node, 'tools/check-package.mjs'],
    tests: plainCounts,
  },
  {
    name: 'vscode host',
    after: ['vscode server'],
    run: [node, 'out/test/main.js', 'host'],
    tests: plainCounts,
  },
  {
    name: 'vscode browser',
    after: ['vscode server', 'package'],
    run: [node, 'out/test/main.js', 'ui'],
    tests: plainCounts,
  },
];

try {
  checkNode();
  await main();
} catch (error) {
  sayError(error);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}

async function main() {
  if (process.argv.includes('--list')) {
    for (const { name } of STAGES) console.log(name);
    return;
  }
  await ensurePackages(root);
  mkdirSync(logs, { recursive: true });
  const at = process.argv.indexOf('--only');
  const wanted = at < 0 ? undefined : process.argv[at + 1].split(',');
  const asked = STAGES.filter(({ name }) => wanted === undefined || wanted.includes(name));
  const chosen = asked.filter(({ file }) => file === undefined || existsSync(join(root, file)));
  const skipped = asked.filter((stage) => !chosen.includes(stage));
  for (const { name, file } of skipped) console.log(`skip   ${name}: there is no ${file} yet`);
  if (chosen.some(({ name }) => name.startsWith('vscode'))) ensureBrowser();

  const results = await runStages(chosen);
  console.log('');
  const notRun = (count) => (count > 0 ? `, ${count} not run` : '');
  for (const { name, seconds, passed, failed, ...rest } of results) {
    const counts = `${passed} passed, ${failed} failed${notRun(rest.notRun)}`;
    console.log(
      `${failed ? 'FAILED' : 'ok    '} ${name.padEnd(24)} ${seconds.toFixed(1).padStart(6)} s   ${counts}`,
    );
  }
  const total = (key) => results.reduce((sum, result) => sum + (result[key] ?? 0), 0);
  const left = notRun(total('notRun')) + (skipped.length > 0 ? `, ${skipped.length} skipped` : '');
  console.log(`\n${total('passed')} passed, ${total('failed')} failed${left}`);
  process.exitCode = total('failed') === 0 ? 0 : 1;
}

async function runStages(stages) {
  const results = [];
  const waiting = [...stages];
  const running = new Set();
  const outcome = new Map();
  const names = new Set(stages.map(({ name }) => name));
  while (waiting.length > 0 || running.size > 0) {
    for (const stage of [...waiting]) {
      if (running.size >= 2) break;
      const needs = (stage.after ?? []).filter((name) => names.has(name));
      if (!needs.every((name) => outcome.has(name))) continue;
      waiting.splice(waiting.indexOf(stage), 1);
      const broken = needs.find((name) => outcome.get(name) === false);
      const job = (broken ? Promise.resolve(blocked(stage, broken)) : runStage(stage)).then((result) => {
        running.delete(job);
        outcome.set(stage.name, result.failed === 0);
        results.push(result);
      });
      running.add(job);
    }
    await Promise.race(running);
  }
  return results;
}

function blocked(stage, needed) {
  console.log(`FAILED ${stage.name}: not run, because "${needed}" failed`);
  return { name: stage.name, seconds: 0, passed: 0, failed: 1 };
}

function runStage(stage) {
  const began = performance.now();
  console.log(`start  ${stage.name}`);
  const log = join(logs, `${stage.name.replace(/[^a-z]+/g, '-')}.log`);
  const file = createWriteStream(log);
  return new Promise((resolve) => {
    const [command, ...args] = stage.run;
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => file.write(data));
    child.on('error', (error) => file.write(`${error.stack}\n`));
    child.on('close', (code) => {
      file.end(() => {
        const seconds = (performance.now() - began) / 1000;
        const text = readFileSync(log, 'utf8');
        const counts = stage.tests?.(text);
        const failed = code === 0 ? (stage.tests && !counts ? 1 : 0) : Math.max(1, counts?.failed ?? 1);
        const passed = counts?.passed ?? (code === 0 && !failed ? 1 : 0);
        if (failed > 0) {
          console.log(`\n--- ${stage.name}: the end of ${log}\n${text.trimEnd().slice(-6000)}\n---\n`);
        }
        console.log(`${failed ? 'FAILED' : 'ok    '} ${stage.name} (${seconds.toFixed(1)} s)`);
        resolve({ name: stage.name, seconds, passed, failed, notRun: counts?.notRun ?? 0 });
      });
    });
  });
}

/**
 * "compiled: 4219 passed, 6 failed, 6 of them listed in differences.json": what is listed there, with its reason, is expected to differ.
 */
function suiteCounts(text) {
  const found = /(\d+) passed, (\d+) failed, (\d+) of them listed/.exec(text);
  return found && { passed: Number(found[1]), failed: Number(found[2]) - Number(found[3]) };
}

/** The last "N passed, N failed" line, which may end with ", N not run". */
function plainCounts(text) {
  const found = [...text.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) not run)?/gm)].at(-1);
  return found && { passed: Number(found[1]), failed: Number(found[2]), notRun: Number(found[3] ?? 0) };
}

/** "Tests  2 failed | 311 passed (313)"; a file that does not load counts as one failure. */
function vitestCounts(text) {
  const line = /^\s*Tests\s+(.+)$/m.exec(text)?.[1];
  if (line === undefined) return undefined;
  const count = (word, from) => Number(new RegExp(`(\\d+) ${word}`).exec(from)?.[1] ?? 0);
  const files = /^\s*Test Files\s+(.+)$/m.exec(text)?.[1] ?? '';
  return { passed: count('passed', line), failed: Math.max(count('failed', line), count('failed', files)) };
}

function ensureBrowser() {
  if (hasBrowser()) return;
  const aptCanInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (aptCanInstall) {
    console.log('Installing Chromium from Debian’s packages …');
    const options = {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  }
  if (!hasBrowser()) {
    throw new SetupError(
      'The tests in VS Code need Chromium. Install it (Debian and Ubuntu: "apt-get install chromium"), or set CHROMIUM to its path.',
    );
  }
}

function hasBrowser() {
  if (process.env.CHROMIUM) return existsSync(process.env.CHROMIUM);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => existsSync(folder));
  return folders.some((folder) => readdirSync(folder).some((name) => names.includes(name)));
}
