import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bert, experiment, strategies, textFile } from '../../lab';
import { RUN_FILES } from '../../protocol/run-files';
import { MOST_TEXT_UNITS } from '../../protocol/try-text';
import { createEngine } from '../engine/engine';
import { encodeTensors } from '../runs/checkpoint';
import { createRunDirectory } from '../runs/run-directory';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { memoryContext } from '../testing/memory-context';
import { problemOf } from '../testing/problem-of';
import { train, type TrainResult } from '../trainer';
import { Predictor } from './predictor';
import { TextPredictor } from './text-predictor';

const ROWS = [
  'I liked it,good',
  'A lovely film,good',
  'So happy,good',
  'I hated it,bad',
  'An awful film,bad',
];

let result: TrainResult;
let predictor: TextPredictor;
let asPictures: string | undefined;

beforeAll(async () => {
  const engine = await createEngine();
  const folder = temporaryFolder();
  await writeFile(join(folder, 'reviews.csv'), ['text,label', ...ROWS, 'So sad,bad'].join('\n'));
  const file = join(folder, 'experiment.ts');
  await writeFile(file, '');
  const versions = { transferLab: '0.1.0', node: process.version };
  const { directory } = await createRunDirectory({ file, experiment: 'a' }, versions);
  const context = memoryContext(engine, folder);
  const small = experiment({
    data: textFile('reviews.csv', { maxTokens: 12, valFraction: 0.34 }),
    model: bert({ weights: null, size: 'bert-tiny', pooling: 'first' }),
    strategy: strategies.wholeModel({ learningRate: 1e-3 }),
    epochs: 2,
    batchSize: 2,
    seed: 1,
  });
  result = await train(small, context);
  const best = join(directory, RUN_FILES.best);
  await mkdir(best);
  await writeFile(join(best, 'model.safetensors'), encodeTensors(context.best?.tensors ?? {}));
  await writeFile(join(best, 'config.json'), JSON.stringify(context.best?.config));
  for (const [name, content] of Object.entries(context.best?.files ?? {}))
    await writeFile(join(best, name), content);
  predictor = await TextPredictor.open(directory);
  asPictures = await problemOf(Predictor.open(directory, engine));
});

afterAll(() => predictor.dispose());

describe('the best network of a run, asked about a text', () => {
  it('says what validation said of it', () => {
    expect(result.predictions.length).toBeGreaterThan(0);
    for (const { text = '', predicted, probability } of result.predictions) {
      const [first] = predictor.predict(text).classes;
      expect(first?.name).toBe(['bad', 'good'][predicted]);
      expect(first?.probability).toBeCloseTo(probability, 5);
    }
  });

  it('gives each word its place and what its pieces push, special tokens apart', () => {
    const { text, words, classes, tokens, cut } = predictor.predict('Unwatchably lovely!');
    expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(['Unwatchably', 'lovely', '!']);
    expect(words[0]?.pieces).toBeGreaterThan(1);
    expect(tokens).toBe(words.reduce((sum, { pieces }) => sum + pieces, 2));
    expect(cut).toBe(0);
    for (const [place, { sum, special }] of classes.entries())
      expect(words.reduce((all, { pushes }) => all + (pushes[place] ?? 0), special)).toBeCloseTo(sum, 5);
  });

  it('says how much of a long text was cut, and leaves that out; a megabyte is taken', () => {
    const long = predictor.predict('good '.repeat(30));
    expect(long).toMatchObject({ tokens: 12, cut: 20, maxTokens: 12 }); // 30 words and 2 special tokens
    expect(long.text).toBe('good '.repeat(10).trimEnd());
    const megabyte = predictor.predict('good '.repeat(200_000));
    expect(megabyte.cut).toBe(199_990);
  });

  it('reads halves of surrogates and control characters as spaces, and bears unknown signs', () => {
    const { text, words } = predictor.predict('so\ud800sad\u0000 \u{1F9FF}');
    expect(text).toBe('so sad  \u{1F9FF}');
    expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(['so', 'sad', '\u{1F9FF}']);
  });

  it.each([
    ['nothing', '', 'text-empty'],
    ['spaces and halves of surrogates', ' \n\udfff', 'text-empty'],
    ['more than a megabyte', 'a'.repeat(MOST_TEXT_UNITS + 1), 'text-too-large'],
  ])('refuses %s', async (_, text, code) => {
    expect(await problemOf(Promise.resolve().then(() => predictor.predict(text)))).toBe(code);
  });

  it('leaves no tensor behind', () => {
    predictor.predict('so happy');
    const before = tf.memory().numTensors;
    predictor.predict('so sad');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('cannot look at a picture, and says so', () => {
    expect(asPictures).toBe('run-reads-texts');
  });
});
