import * as tf from '@tensorflow/tfjs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { RUN_FILES } from '../../protocol/run-files';
import { imageFolder, resnet18, vgg11_bn, type ExperimentOptions } from '../../lab';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { encodeTensors } from '../runs/checkpoint';
import { createRunDirectory } from '../runs/run-directory';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { memoryContext } from '../testing/memory-context';
import { problemOf } from '../testing/problem-of';
import { makePictures, makeWeights, tiny } from '../testing/tiny-run';
import { train, type TrainResult } from '../trainer';
import { Predictor, softmax, surest } from './predictor';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});

const OWN_HEAD = `(features, { linear, numClasses }) => linear('out', linear('hidden', features, 6).relu(), numClasses)`;
const codeOf = (
  head: string,
): string => `import { experiment, imageFolder, resnet18, strategies } from 'transfer-lab';
export const a = experiment({
  data: imageFolder('data', { imageSize: 32, seed: 1 }),
  model: resnet18({ weights: './tiny.safetensors', head: ${head} }),
  strategy: strategies.wholeModel(), epochs: 1, batchSize: 8, seed: 1,
});
`;

interface Trained {
  readonly folder: string;
  readonly directory: string;
  readonly result: TrainResult;
}

/** A finished run as a run process leaves it. */
async function trained(
  changes: Partial<ExperimentOptions> = {},
  config?: object,
  code = '',
): Promise<Trained> {
  const folder = temporaryFolder();
  await makePictures(join(folder, 'data'));
  await makeWeights(join(folder, 'tiny.safetensors'), changes.model?.architecture ?? 'resnet18');
  if (config) await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const file = join(folder, 'experiment.ts');
  await writeFile(file, code);
  const { directory } = await createRunDirectory(
    { file, experiment: 'a' },
    { transferLab: '0.1.0', node: process.version },
  );
  const context = memoryContext(engine, folder);
  const result = await train(tiny(changes), context);
  const best = join(directory, RUN_FILES.best);
  await mkdir(best);
  await writeFile(join(best, 'model.safetensors'), encodeTensors(context.best?.tensors ?? {}));
  await writeFile(join(best, 'config.json'), JSON.stringify(context.best?.config));
  return { folder, directory, result };
}

/** What validation and the predictor say of the same pictures. */
async function compare({ directory, result }: Trained): Promise<void> {
  const predictor = await Predictor.open(directory, engine);
  expect(result.predictions).toHaveLength(9);
  for (const { file, label, predicted, probability, loss } of result.predictions) {
    const { classes, numClasses } = await predictor.predict({ file });
    const names = ['blue', 'green', 'red'];
    expect(numClasses).toBe(3);
    expect(classes[0]?.name).toBe(names[predicted]);
    expect(classes[0]?.probability).toBeCloseTo(probability, 6);
    const own = classes.find(({ name }) => name === names[label]);
    expect(-Math.log(own?.probability ?? 0)).toBeCloseTo(loss, 5);
  }
  predictor.dispose();
}

describe('the best network of a run, asked about a picture', () => {
  it('says what validation said of it', async () => {
    await compare(await trained());
  });

  it('prepares it as the run did: bicubic and cut, as the checkpoint’s configuration asks', async () => {
    const config = { mean: [0.2, 0.3, 0.4], std: [0.5, 0.4, 0.3], interpolation: 'bicubic', crop_pct: 0.8 };
    const run = await trained({}, config);
    await compare(run);
    const predictor = await Predictor.open(run.directory, engine);
    const { prepared } = await predictor.predict({ file: run.result.predictions[0]?.file ?? '' });
    // 32 / 0.8 = 40; of a square, 1 − 0.8² = 36 % is cut off.
    expect(prepared.join(' ')).toContain(
      'the shorter side has 40 (bicubic, with antialias); the middle 32 x 32 was kept. What was cut off, 36 %',
    );
    predictor.dispose();
  });

  it('says what validation said where the network has more outputs than the data has classes', async () => {
    await compare(await trained({ model: resnet18({ weights: './tiny.safetensors', numClasses: 7 }) }));
  });

  it('leaves no tensor behind, picture after picture', async () => {
    const { directory, result } = await trained();
    const predictor = await Predictor.open(directory, engine);
    const file = result.predictions[0]?.file ?? '';
    await predictor.predict({ file });
    const before = tf.memory().numTensors;
    await predictor.predict({ file, layer: 'layer2' });
    await predictor.predict({ file });
    expect(tf.memory().numTensors).toBe(before);
    predictor.dispose();
  });

  it('offers no feature map of more than 64 x 64 cells', async () => {
    const data = imageFolder('data', { imageSize: 128, seed: 1 });
    const run = await trained({ data, model: vgg11_bn({ weights: './tiny.safetensors' }) });
    const predictor = await Predictor.open(run.directory, engine);
    const { layers } = await predictor.predict({ file: run.result.predictions[0]?.file ?? '' });
    // Stage 1 has 128 x 128.
    expect(layers.map(({ name, rows }) => `${name} ${rows}`)).toEqual([
      'stage2 64',
      'stage3 32',
      'stage4 16',
      'stage5 8',
    ]);
    predictor.dispose();
  });

  it('says what validation said with a VGG, whose dropout is off', async () => {
    await compare(await trained({ model: vgg11_bn({ weights: './tiny.safetensors' }) }));
  });

  it('has the own head of the run’s copy of the code, also where the file has changed since', async () => {
    const head = resnet18({
      weights: './tiny.safetensors',
      head: (features, { linear, numClasses }) =>
        linear('out', linear('hidden', features, 6).relu(), numClasses),
    });
    const run = await trained({ model: head }, undefined, codeOf(OWN_HEAD));
    await writeFile(join(run.folder, 'experiment.ts'), 'this is no code');
    await compare(run);
  });

  it('gives heat maps for at most five classes, at the last feature map or at one that is named', async () => {
    const { directory, result } = await trained();
    const predictor = await Predictor.open(directory, engine);
    const file = result.predictions[0]?.file ?? '';
    const tried = await predictor.predict({ file });
    expect(tried.layers).toEqual([
      { name: 'layer1', rows: 8, columns: 8 }, // 32 / 4
      { name: 'layer2', rows: 4, columns: 4 },
      { name: 'layer3', rows: 2, columns: 2 },
      { name: 'layer4', rows: 1, columns: 1 },
    ]);
    expect(tried.layer.name).toBe('layer4');
    const earlier = await predictor.predict({ file, layer: 'layer2' });
    expect(earlier.classes.map(({ heat }) => heat.length)).toEqual([16, 16, 16]);
    for (const { heat } of earlier.classes) expect([0, 1]).toContain(Math.max(...heat));
    expect(await problemOf(predictor.predict({ file, layer: 'layer9' }))).toBe('layer-unknown');
    predictor.dispose();
  });

  it('is found where its folder was moved or copied to', async () => {
    const run = await trained();
    const elsewhere = join(temporaryFolder(), 'copied');
    await cp(run.directory, elsewhere, { recursive: true });
    await compare({ ...run, directory: elsewhere });
    const moved = join(temporaryFolder(), 'moved');
    await rename(run.folder, moved);
    const file = join(moved, relative(run.folder, run.result.predictions[0]?.file ?? ''));
    const predictor = await Predictor.open(join(moved, relative(run.folder, run.directory)), engine);
    expect((await predictor.predict({ file })).classes).toHaveLength(3);
    predictor.dispose();
  });

  it('is refused with the reason where it is not whole', async () => {
    const one = await trained();
    const open = (directory: string) => problemOf(Predictor.open(directory, engine));
    const best = join(one.directory, RUN_FILES.best);
    expect(await open(dirname(one.folder))).toBe('not-a-run');

    const other = await trained({}, undefined, '');
    await cp(join(one.directory, RUN_FILES.run), join(other.directory, RUN_FILES.run));
    const config = join(other.directory, RUN_FILES.best, 'config.json');
    const whole = JSON.parse(await readFile(config, 'utf8')) as object;
    const write = (changes: object) => writeFile(config, JSON.stringify({ ...whole, ...changes }));
    await write({ numClasses: 4, classNames: ['a', 'b', 'c', 'd'] });
    expect(await open(other.directory)).toBe('run-other-classes');
    await write({ numClasses: 2 });
    expect(await open(other.directory)).toBe('run-other-classes');
    await write({ preprocessing: undefined });
    expect(await open(other.directory)).toBe('run-weights-damaged');
    await write({ architecture: 'resnet34' });
    expect(await open(other.directory)).toBe('weights-mismatch');
    await write({ ownHead: true });
    expect(await open(other.directory)).toBe('experiment-not-found');
    await rm(config);
    expect(await open(other.directory)).toBe('run-weights-damaged');
    await rm(best, { recursive: true });
    expect(await open(one.directory)).toBe('run-without-weights');
  });
});

describe('probabilities', () => {
  it('add up to 1 and bear large logits', () => {
    expect(softmax([1000, 1000, -1000])).toEqual([0.5, 0.5, 0]);
    expect(softmax([Math.log(1), Math.log(3)]).map((value) => Number(value.toFixed(12)))).toEqual([
      0.25, 0.75,
    ]);
  });

  it('are sorted with the surest first, of equal ones the lower class', () => {
    expect(surest([0.2, 0.5, 0.2, 0.1], 3)).toEqual([1, 0, 2]);
    expect(surest([0.5, 0.5], 5)).toEqual([0, 1]);
  });
});
