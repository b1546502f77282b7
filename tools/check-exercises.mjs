// Checks every exercise as its learners would meet it: node tools/check-exercises.mjs [ID…]
// The folder is complete, the starter is open, the solution passes (really trained), and each mistake of mistakes.json is named
// at its line. Ends with "N passed, N failed".
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const KNOWN = [
  'README.md',
  'check.ts',
  'exercise.json',
  'images',
  'mistakes.json',
  'reference',
  'solution',
  'starter',
];
const wanted = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };

const ids = readdirSync(join(root, 'exercises'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && (wanted.length === 0 || wanted.includes(entry.name)))
  .map(({ name }) => name);
for (const id of ids) {
  const exercise = readExercise(id);
  await inScratch((scratch) => checkFolder(id, exercise, scratch));
}
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 && ids.length > 0 ? 0 : 1;

async function checkFolder(id, exercise, scratch) {
  const at = (...parts) => join(root, 'exercises', id, ...parts);
  const read = (...parts) => readFileSync(at(...parts), 'utf8');
  const learner = join(scratch, 'exercise');
  const entry = join(learner, exercise.entry);
  const solution = read('solution', exercise.entry);
  const tasks = exercise.tasks.map((task) => task.id);
  const training = exercise.tasks.filter((task) => task.file === undefined).map((task) => task.id);
  const check = (...options) => cli('check', learner, ...options);

  await test(id, 'its id is the name of its folder', () => equal(exercise.id, id));
  await test(id, 'every task has hints, and no hint is empty', () =>
    exercise.tasks.every(({ hints }) => hints.length > 0 && hints.every((hint) => hint.trim() !== '')),
  );
  await test(id, 'no hint holds a whole line of the solution', () => {
    const lines = solution.split('\n').map((line) => line.trim());
    const long = lines.filter((line) => line.length > 30 && line.includes('strategies.'));
    const told = exercise.tasks
      .flatMap(({ hints }) => hints)
      .filter((hint) => long.some((line) => hint.includes(line)));
    return equal(told, []);
  });
  await test(id, 'no stray files', () =>
    equal(
      readdirSync(at()).filter((name) => !KNOWN.includes(name)),
      [],
    ),
  );
  await test(id, 'the starter says what to do in TODO lines, the solution has none', () =>
    equal([/\/\/ TODO/.test(read('starter', exercise.entry)), /TODO/.test(solution)], [true, false]),
  );
  const readme = read('README.md');
  const mistakes = JSON.parse(read('mistakes.json'));
  await test(id, 'its README explains every mistake by its name', () =>
    equal(
      mistakes.map(({ mistake }) => mistake).filter((mistake) => !readme.includes(`\`${mistake}\``)),
      [],
    ),
  );
  await test(id, 'its README says of each experiment what the recorded runs say', () => {
    const { runs } = JSON.parse(read('reference', 'runs.json'));
    const rows = readme.split('\n').filter((line) => line.startsWith('| `'));
    const told = rows.filter((row) => row.includes('±'));
    const wrong = told.filter((row) => {
      const name = /`(\w+)`/.exec(row)?.[1];
      const accuracies = runs.filter((run) => run.experiment === name).map(({ accuracy }) => accuracy);
      return !row.includes(inWords(accuracies));
    });
    return told.length > 0 && equal(wrong, []);
  });

  await cli('new', String(exercise.number), learner);
  await test(id, 'the starter has no type error, and no task of it is attempted', async () => {
    const { report } = await check('--only', 'code');
    const of = (task) => report.results.filter((result) => result.task === task);
    return (
      equal(report.results.find((result) => result.id === 'types')?.status, 'passed') &&
      equal(
        tasks.map((task) => of(task)[0]?.status),
        tasks.map(() => 'notAttempted'),
      )
    );
  });
  await test(id, 'every task has a check, and one that trains unless it is text', async () => {
    const { report } = await check();
    const kinds = (task) =>
      new Set(report.results.filter((one) => one.task === task).map(({ kind }) => kind));
    return tasks.every(
      (task) => kinds(task).has('code') && (kinds(task).size > 1 || !training.includes(task)),
    );
  });

  const solved = () => cpSync(at('solution'), learner, { recursive: true });
  solved();
  await test(id, 'the solution passes all checks', async () => {
    const { report, code } = await check();
    for (const { title, message = '' } of report.results) console.log(`         ${title}: ${message}`);
    console.log(`         checked in ${report.seconds.toFixed(1)} s`);
    const failing = report.results.filter(({ status }) => status !== 'passed');
    return equal(failing, []) && equal(code, 0);
  });
  await test(id, 'checked again, nothing is trained again', async () => {
    const before = keptOutcomes(learner);
    const { report } = await check();
    return equal(report.passed, true) && equal(keptOutcomes(learner), before);
  });
  for (const mistake of mistakes) {
    const file = mistake.file ?? exercise.entry;
    const { text, line } = broken(read('solution', file), mistake);
    solved();
    writeFileSync(join(learner, file), text);
    await test(id, `${mistake.mistake} is named in line ${line}: ${mistake.why}`, async () => {
      const { report, code } = await check('--only', mistake.only ?? 'code');
      const found = report.results
        .filter(({ status }) => status === 'wrong')
        .map((result) => `${result.mistake} in line ${result.location?.line ?? line}`);
      return equal(found.includes(`${mistake.mistake} in line ${line}`) || found, true) && equal(code, 1);
    });
  }
  solved();
  await test(id, 'the solution passes as JavaScript, too', async () => {
    rmSync(entry);
    writeFileSync(join(learner, `${basename(exercise.entry, '.ts')}.mjs`), solution);
    return equal((await check('--only', 'code,behaviour')).report.passed, true);
  });
}

/** "0.90 ± 0.01 | 5": mean, standard deviation between seeds, number of seeds. */
function inWords(accuracies) {
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / accuracies.length;
  const squares = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(2)} ± ${Math.sqrt(squares / (accuracies.length - 1)).toFixed(2)} | ${accuracies.length}`;
}

/** Names and times of what checks have kept of their trainings. */
function keptOutcomes(learner) {
  const folder = join(learner, '.transfer-lab', 'cache', 'outcomes');
  return readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]);
}

/** The solution with one thing changed, and the line where that has to be reported. */
function broken(solution, { mistake, find, put, at = put, prepend = '' }) {
  if (find !== undefined && !solution.includes(find))
    throw new Error(`${mistake}: the solution does not hold "${find}".`);
  const text = prepend + (find === undefined ? put : solution.replace(find, () => put));
  return { text, line: text.slice(0, text.indexOf(at)).split('\n').length };
}

async function test(id, name, work) {
  let problem;
  try {
    const result = await work();
    if (result !== true) problem = `found ${JSON.stringify(result)}`;
  } catch (error) {
    problem = error.message;
  }
  counts[problem === undefined ? 'passed' : 'failed']++;
  console.log(`${problem === undefined ? 'ok    ' : 'FAILED'} ${id.slice(0, 2)} ${name}`);
  if (problem !== undefined) console.log(`         ${problem}`);
}

function equal(found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`found ${a}, expected ${b}`);
  return true;
}

/** The command line, as a learner runs it. */
function cli(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'dist/cli.js'), ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('error', reject);
    child.on('close', (code) => {
      const report = JSON.parse(output.trim().split('\n').at(-1) || '{}');
      if (report.ok === true) resolve({ code, report });
      else reject(new Error(report.problem?.message ?? errors));
    });
  });
}

function readExercise(id) {
  return JSON.parse(readFileSync(join(root, 'exercises', id, 'exercise.json'), 'utf8'));
}

async function inScratch(work) {
  const scratch = mkdtempSync(join(tmpdir(), 'transfer-lab-exercises-'));
  try {
    if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('Run "npm run build" first.');
    await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
