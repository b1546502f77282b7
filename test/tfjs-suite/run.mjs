// TensorFlow.js's own tests, which the npm package @tensorflow/tfjs-core carries, against our backend:
//   node test/tfjs-suite/run.mjs --mode op-by-op|compiled|cpu [--filter TEXT]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import Jasmine from 'jasmine';

const { values } = parseArgs({
  options: { mode: { type: 'string', default: 'op-by-op' }, filter: { type: 'string' } },
});
const here = import.meta.dirname;
/** Tests that differ, each with its reason. */
const differences =
  values.mode === 'cpu' ? {} : JSON.parse(readFileSync(path.join(here, 'differences.json'), 'utf8'));
const MOST_DIFFERENCES = 20;
if (!['op-by-op', 'compiled', 'cpu'].includes(values.mode))
  throw new Error(`--mode ${values.mode}: expected op-by-op, compiled or cpu`);
if (Object.keys(differences).length > MOST_DIFFERENCES)
  throw new Error(`differences.json lists more than ${MOST_DIFFERENCES} tests; mend some`);

const folder = mkdtempSync(path.join(here, '../../node_modules/.tfjs-suite-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const outfile = path.join(folder, 'suite.cjs');
await build({
  entryPoints: [path.join(here, 'entry.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  mainFields: ['module', 'main'],
  // The package says that it has no side effects; declaring tests is one.
  ignoreAnnotations: true,
  external: ['onnxruntime-node', 'onnxruntime-common'],
  logLevel: 'error',
});

const jasmine = new Jasmine();
jasmine.loadConfig({ random: false });
jasmine.exitOnCompletion = false;
jasmine.clearReporters();
const failed = new Map();
let passed = 0;
let skipped = 0;
jasmine.addReporter({
  specDone({ status, fullName, failedExpectations }) {
    if (status === 'passed') passed++;
    else if (status !== 'failed') skipped++;
    if (status === 'failed') failed.set(fullName, failedExpectations[0]?.message ?? '');
  },
});
await createRequire(import.meta.url)(outfile).declareTests(values.mode);
await jasmine.execute(undefined, values.filter);

const unexpected = [...failed].filter(([name]) => !(name in differences));
const mended = values.filter ? [] : Object.keys(differences).filter((name) => !failed.has(name));
for (const [name, message] of unexpected) console.error(`FAILED ${name}\n  ${message.slice(0, 300)}`);
for (const name of mended)
  console.error(`FAILED ${name}\n  It passes, though differences.json lists it: take it off the list.`);
console.log(
  `${values.mode}: ${passed} passed, ${failed.size} failed, ${failed.size - unexpected.length} of them listed in differences.json; ${skipped} skipped`,
);
process.exit(unexpected.length > 0 || mended.length > 0 || passed === 0 ? 1 : 0);
