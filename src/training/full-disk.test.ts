/**
 * A disk that is really full: a tmpfs of a few hundred kilobytes over the run folder, in a mount namespace of its own
 * (`unshare`, which needs no root where Linux allows user namespaces). Where that cannot be had the tests are shown as
 * skipped; journal.test.ts and checkpoint.test.ts then stand alone with failing calls.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent } from '../protocol/events';
import { scanJournal } from './runs/journal-reader';
import { temporaryFolder } from './runs/testing/temporary-folder';
import { buildPrograms, makeInstallation } from './testing/installation';
import { makePictures, makeWeights } from './testing/tiny-run';

const inNamespace = (script: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync('unshare', ['--map-root-user', '--mount', 'bash', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
const canMount =
  process.platform === 'linux' && inNamespace('mount -t tmpfs -o size=64k none /mnt').status === 0;

interface Outcome {
  /** What the commands printed, standard error included. */
  readonly told: string;
  readonly events: readonly RunEvent[];
  /** The run directory as it was at the end, copied out of the small disk. */
  readonly kept: string;
  readonly folder: string;
}

/** Runs one experiment on a disk of `kilobytes`; `meanwhile` is shell code that runs beside it in the same namespace. */
async function runOnDisk(kilobytes: number, meanwhile: string): Promise<Outcome> {
  const folder = temporaryFolder();
  await makePictures(join(folder, 'data'));
  await makeWeights(join(folder, 'tiny.safetensors'));
  fs.mkdirSync(join(folder, '.transfer-lab'));
  fs.writeFileSync(
    join(folder, 'experiment.ts'),
    `import { existsSync } from 'node:fs';
import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
// What fills the disk is slower than this run on a busy computer.
while (!existsSync('${join(folder, 'filled')}')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: './tiny.safetensors' }),
  strategy: strategies.wholeModel(), epochs: 3, batchSize: 8, seed: 1,
});
`,
  );
  const script = `cd "$FOLDER" && mount -t tmpfs -o size=${kilobytes}k none .transfer-lab || exit 99
( ${meanwhile} ) &
"$NODE" "$CLI" run experiment.ts > told.txt 2>&1; echo "exit $?" >> told.txt
wait; cp -r .transfer-lab kept`;
  const cli = join(makeInstallation(), 'dist/cli.js');
  const { status, stderr } = inNamespace(script, { FOLDER: folder, NODE: process.execPath, CLI: cli });
  if (status !== 0) throw new Error(stderr);
  const runs = join(folder, 'kept/runs');
  const kept = join(runs, fs.readdirSync(runs)[0] ?? '');
  const { records } = scanJournal(fs.readFileSync(join(kept, 'events.jsonl')));
  return {
    told: fs.readFileSync(join(folder, 'told.txt'), 'utf8'),
    events: records.map(({ event }) => event),
    kept,
    folder,
  };
}

/** Fills the disk once the run has begun its journal, up to so many kilobytes of room. */
const fill = (leave: number): string =>
  `until ls .transfer-lab/runs/*/events.jsonl 2>/dev/null; do sleep 0.02; done
   room=$(df --output=avail -k .transfer-lab | tail -1)
   head -c $(( (room - ${leave}) * 1024 )) /dev/zero > .transfer-lab/filler
   touch filled`;

describe.skipIf(!canMount)('on a full disk', () => {
  beforeAll(buildPrograms);

  it('a run ends with all its events and weights once somebody has made room, and says what it waits for', async () => {
    const { told, events, kept } = await runOnDisk(
      4096,
      `${fill(40)}
       until grep -q best-waits-for-room .transfer-lab/runs/*/events.jsonl; do sleep 0.1; done
       rm .transfer-lab/filler`,
    );
    expect(told).toContain(
      'The best weights could not be saved: the disk is full. The run holds them in memory',
    );
    expect(told).toContain('exit 0');
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'finished' });
    expect(events.filter(({ type }) => type === 'stepEnd')).toHaveLength(9);
    expect(fs.readdirSync(join(kept, 'best')).sort()).toEqual(['config.json', 'model.safetensors']);
    expect(fs.existsSync(join(kept, 'report.html'))).toBe(true);
  });

  it('events wait in memory while not even the journal has room, and none is lost', async () => {
    const { told, events, kept, folder } = await runOnDisk(
      4096,
      `${fill(0)}
       sleep 15
       cp .transfer-lab/runs/*/events.jsonl stuck.jsonl
       rm .transfer-lab/filler`,
    );
    const stuck = fs.readFileSync(join(folder, 'stuck.jsonl'), 'utf8');
    expect(stuck).not.toContain('"type":"done"');
    expect(told).toContain('exit 0');
    expect(events.filter(({ type }) => type === 'stepEnd')).toHaveLength(9);
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'finished' });
    expect(fs.existsSync(join(kept, 'best/model.safetensors'))).toBe(true);
  });
});
