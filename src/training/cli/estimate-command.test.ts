import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunEstimate } from '../../protocol/estimate';
import type { TrainingPlan } from '../../protocol/freeze-map';
import { ESTIMATES_FOLDER } from '../../protocol/run-files';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { busyNote } from './estimate-command';
import { buildPrograms, makeInstallation } from '../testing/installation';
import { makePictures, makeWeights } from '../testing/tiny-run';

beforeAll(buildPrograms);

const source = (
  epochs: number,
): string => `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: './tiny.safetensors' }),
  strategy: strategies.wholeModel(), epochs: ${epochs}, batchSize: 8, seed: 1,
});
`;

describe('the shipped commands', () => {
  it('estimate a run as it stands in the editor, keep that, and say afterwards how good it was', async () => {
    const folder = temporaryFolder();
    await makePictures(join(folder, 'data'));
    await makeWeights(join(folder, 'tiny.safetensors'));
    const file = join(folder, 'experiment.ts');
    fs.writeFileSync(file, 'export {};');
    const cli = join(makeInstallation(), 'dist/cli.js');
    const answer = (args: readonly string[], input = ''): Record<string, unknown> => {
      const { stdout, stderr } = spawnSync(process.execPath, [cli, ...args, '--json'], {
        encoding: 'utf8',
        input,
      });
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
      expect(last, stderr).toMatchObject({ ok: true });
      return last;
    };
    const plan = ['plan', file, '--experiment', 'a', '--stdin'];
    const estimated = answer([...plan, '--estimate'], source(2));
    const { settings } = estimated['plan'] as TrainingPlan;
    const estimate = estimated['estimate'] as RunEstimate;
    expect(estimate).toMatchObject({ settings, batchSize: 8, epochs: 2, fits: true, extrapolated: false });
    expect(estimate.measured.map(({ batchSize }) => batchSize)).toEqual([2, 8]);
    const numbers = [
      estimate.startSeconds,
      ...[estimate.seconds, estimate.memory].flatMap(({ value, low, high }) => [value, low, high]),
    ];
    expect(numbers.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
    expect(fs.readdirSync(join(folder, ESTIMATES_FOLDER))).toEqual([`${settings}.json`]);
    expect(answer(plan, source(2))['estimate']).toEqual(estimate);
    expect(answer(plan, source(1))['estimate']).toBe(undefined);

    fs.writeFileSync(file, source(2));
    const run = answer(['run', file]);
    expect(run['estimate']).toMatch(/^Estimated .+ and [\d.]+ [MG]B; took .+ and [\d.]+ [MG]B\.$/);
  });
});

it('a machine on which more wants to work than it has cores is called busy', () => {
  expect(busyNote(2, 2)).toEqual([]);
  expect(busyNote(2.1, 2)[0]).toContain('measure again when it is quiet');
});
