// Trains an exercise's reference experiments and records them, picture by picture:
//   node tools/record-reference.mjs 01-fine-tune-an-image-classifier [--experiments NAME,…] [--seeds 1,2,3]
// Writes exercises/<id>/reference/runs.json; runs that are there with the same settings are kept, so it can be stopped and continued.
import { fork } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBirpc } from 'birpc';

const root = fileURLToPath(new URL('..', import.meta.url));
const [id, ...options] = process.argv.slice(2);
const option = (name) => options[options.indexOf(`--${name}`) + 1];
const source = join(root, 'exercises', id, 'reference');
const output = join(source, 'runs.json');
const exercise = JSON.parse(readFileSync(join(root, 'exercises', id, 'exercise.json'), 'utf8'));
const seeds = options.includes('--seeds') ? option('seeds').split(',').map(Number) : [1, 2, 3, 4, 5];

const folder = mkdtempSync(join(tmpdir(), 'transfer-lab-reference-'));
cpSync(join(source, 'experiment.ts'), join(folder, 'experiment.ts'));
for (const name of exercise.data)
  cpSync(join(root, 'media/data', name), join(folder, 'data', name), { recursive: true });

const child = fork(join(root, 'dist/checking.js'), { serialization: 'advanced' });
const checking = createBirpc(
  { progress: (text) => console.log(text) },
  { post: (data) => child.send(data), on: (receive) => child.on('message', receive), timeout: -1 },
);
const ask = async (promise) => {
  const answer = await promise;
  if (answer.problem) throw new Error(`${answer.problem.message} ${answer.problem.remedy}`);
  return answer.value;
};

try {
  const experiments = await ask(checking.load(join(folder, 'experiment.ts')));
  const wanted = options.includes('--experiments')
    ? option('experiments').split(',')
    : experiments.map(({ name }) => name);
  for (const seed of seeds)
    for (const facts of experiments.filter(({ name }) => wanted.includes(name))) await record(facts, seed);
} finally {
  child.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function record(facts, seed) {
  const { name, fingerprint } = facts;
  const same = (run) => run.experiment === name && run.seed === seed;
  if (read().runs.some((run) => same(run) && run.settings === fingerprint)) return;
  const outcome = await ask(checking.outcome({ experiment: name, seed }));
  const { accuracy, bestEpoch, correct, pictures } = outcome;
  const now = read();
  const run = {
    experiment: name,
    seed,
    accuracy,
    bestEpoch,
    epochs: facts.epochs,
    learningRate: Math.max(...facts.phases.flatMap(({ learningRates }) => Object.values(learningRates))),
    correct: correct.map(Number).join(''),
    settings: fingerprint,
  };
  const runs = [...now.runs.filter((other) => !same(other)), run];
  runs.sort((a, b) => (a.experiment < b.experiment ? -1 : a.experiment > b.experiment ? 1 : a.seed - b.seed));
  const text = JSON.stringify({ ...now, madeWith: versions(), pictures, runs }, undefined, 1);
  writeFileSync(`${output}.tmp`, `${text}\n`);
  renameSync(`${output}.tmp`, output);
  console.log(`${name}, seed ${seed}: ${accuracy.toFixed(4)}`);
}

function read() {
  const about = `node tools/record-reference.mjs ${id}`;
  return existsSync(output)
    ? JSON.parse(readFileSync(output, 'utf8'))
    : { command: about, madeWith: versions(), pictures: [], runs: [] };
}

function versions() {
  const version = (name) =>
    JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  return {
    node: process.version,
    onnxruntime: version('onnxruntime-node'),
    tfjs: version('@tensorflow/tfjs'),
    machine: `${platform()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  };
}
