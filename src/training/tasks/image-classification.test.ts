import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { classWeightsOf } from './class-weights';
import {
  classificationLoss,
  evaluate,
  oneHot,
  putLabels,
  type ClassificationLoss,
} from './image-classification';
import sklearn from './scikit-learn.json';

// PyTorch's values, computed in float64: see test/oracle/README.md. The row with the label that it ignores is masked here.
const { crossEntropy: reference } = JSON.parse(
  readFileSync(new URL('../../../test/oracle/losses.json', import.meta.url), 'utf8'),
) as {
  crossEntropy: {
    logits: number[][];
    labels: number[];
    cases: { name: string; loss: number; gradients: { logits: number[][] } }[];
  };
};
const LOGITS = reference.logits;
const LABELS = reference.labels.map((label) => Math.max(0, label));
const MASK = reference.labels.map((label) => (label < 0 ? 0 : 1));
const classWeights = [0.5, 1, 2, 1.5, 0.25];

function lossAndGradient(options: ClassificationLoss): { loss: number; gradient: number[] } {
  return tf.tidy(() => {
    const labels = tf.tensor2d(oneHot(LABELS, 6, 5), [6, 5]);
    const run = tf.valueAndGrad((logits) =>
      classificationLoss(logits as tf.Tensor2D, labels, tf.tensor1d(MASK), options),
    );
    const { value, grad } = run(tf.tensor2d(LOGITS));
    return { loss: value.dataSync()[0] ?? NaN, gradient: [...grad.dataSync()] };
  });
}

describe('the classification loss', () => {
  it.each<[string, ClassificationLoss]>([
    ['plain', {}],
    ['labelSmoothing', { labelSmoothing: 0.1 }],
    ['classWeights', { classWeights }],
    ['classWeightsLabelSmoothing', { classWeights, labelSmoothing: 0.1 }],
  ])('%s equals PyTorch’s, and so does its gradient', (name, options) => {
    const expected = reference.cases.find((one) => one.name === name);
    const found = lossAndGradient(options);
    expect(found.loss).toBeCloseTo(expected?.loss ?? NaN, 5);
    expect(found.gradient).toEqual(
      expected?.gradients.logits.flat().map((value) => expect.closeTo(value, 6) as number),
    );
  });

  it('of blended labels is the mean over pictures, as PyTorch’s for class probabilities, with the right gradient', () => {
    const shares = new Float32Array(6 * 5);
    for (let row = 0; row < 6; row++)
      putLabels(LABELS, row, { partner: (row + 1) % 6, share: 0.3 }, { labels: shares, row, numClasses: 5 });
    const options = { classWeights, labelSmoothing: 0.1, softLabels: true };
    const lossOf = (logits: tf.Tensor): tf.Scalar =>
      classificationLoss(logits as tf.Tensor2D, tf.tensor2d(shares, [6, 5]), tf.tensor1d(MASK), options);
    const flat = LOGITS.flat();
    const expected = (values: readonly number[]): number => {
      let sum = 0;
      for (let row = 0; row < 6; row++) {
        const own = values.slice(row * 5, row * 5 + 5);
        const normaliser = Math.log(own.reduce((total, value) => total + Math.exp(value), 0));
        for (let c = 0; c < 5; c++) {
          const target = 0.9 * (shares[row * 5 + c] ?? 0) + 0.1 / 5;
          sum -= (MASK[row] ?? 0) * (classWeights[c] ?? 0) * target * ((own[c] ?? 0) - normaliser);
        }
      }
      return sum / 5;
    };
    const gradient = tf.tidy(() => tf.grad(lossOf)(tf.tensor2d(LOGITS)).dataSync());
    expect(tf.tidy(() => lossOf(tf.tensor2d(LOGITS)).dataSync()[0])).toBeCloseTo(expected(flat), 5);
    for (const index of [0, 6, 12, 17, 24, 29]) {
      const moved = (by: number): number =>
        expected(flat.map((value, place) => (place === index ? value + by : value)));
      expect(gradient[index]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
    }
  });
});

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const labelsOf = (items: number): number[] =>
  Array.from({ length: items }, (_, i) => (i * i + Math.floor(i / 7)) % 5);

describe('class weights', () => {
  it('balanced are scikit-learn’s', () => {
    const weights = classWeightsOf('balanced', NAMES.slice(0, 5), labelsOf(sklearn.items), 5);
    for (const [index, value] of sklearn.balanced.entries()) expect(weights[index]).toBeCloseTo(value, 5);
  });

  it('are given in order or by name, and say what does not fit', () => {
    expect([...classWeightsOf([2, 3], ['a', 'b'], [], 3)]).toEqual([2, 3, 1]);
    expect([...classWeightsOf({ b: 4 }, ['a', 'b'], [], 2)]).toEqual([1, 4]);
    expect(() => classWeightsOf([1], ['a', 'b'], [], 2)).toThrow(
      '1 numbers, but the data has 2 classes: a, b',
    );
    expect(() => classWeightsOf({ z: 1 }, ['a', 'b'], [], 2)).toThrow('names "z". Classes of the data: a, b');
  });
});

describe('scores', () => {
  // scikit-learn's values, written by tools/vision/make_option_references.py; the formulas of the inputs are the same.
  const { items, classes } = sklearn;
  const labels = labelsOf(items);
  const logits = Array.from({ length: items * classes }, (_, i) => ((i * i * 7 + i * 13 + 5) % 101) / 25 - 2);
  for (let item = 0; item < items; item += 2) {
    const place = item * classes + (labels[item] ?? 0);
    logits[place] = (logits[place] ?? 0) + 2;
  }
  const { evaluation } = evaluate('val', logits, { labels: labels, files: [] }, NAMES);

  it('agree with scikit-learn: loss, accuracy, top 5, precision, recall, F1 and their mean', () => {
    expect(evaluation.loss).toBeCloseTo(sklearn.loss, 9);
    expect(evaluation.accuracy).toBeCloseTo(sklearn.accuracy, 12);
    expect(evaluation.topK).toEqual({ k: 5, accuracy: expect.closeTo(sklearn.top5, 12) as number });
    expect(evaluation.macroF1).toBeCloseTo(sklearn.macroF1, 9);
    for (const [index, score] of evaluation.perClass.entries()) {
      expect(score.precision).toBeCloseTo(sklearn.precision[index] ?? NaN, 6);
      expect(score.recall).toBeCloseTo(sklearn.recall[index] ?? NaN, 6);
      expect(score.f1).toBeCloseTo(sklearn.f1[index] ?? NaN, 6);
      expect(score.support).toBe(sklearn.support[index]);
    }
  });

  it('are those of the classes where the network has more outputs, which take their share of the probability', () => {
    // Two classes and one output more. Item 1: e⁰ : e^ln 3 : e^ln 4 = 1 : 3 : 4, so class 1 has 3/8. Item 2: 2 : 1 : 1.
    const wide = [0, Math.log(3), Math.log(4), Math.log(2), 0, 0];
    const items = { labels: [1, 0], files: [] };
    const { evaluation: scored, predictions } = evaluate('val', wide, items, ['a', 'b']);
    expect(scored.accuracy).toBe(1);
    expect(scored.confusion).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(predictions.map(({ probability }) => probability)).toEqual([
      expect.closeTo(3 / 8, 12),
      expect.closeTo(1 / 2, 12),
    ]);
    expect(scored.loss).toBeCloseTo((Math.log(8 / 3) + Math.log(2)) / 2, 12);
  });

  it('agree with scikit-learn’s calibration curve, and the expected calibration error follows from it', () => {
    const bins = evaluation.calibration?.bins.filter(({ count }) => count > 0) ?? [];
    expect(bins.map(({ count }) => count)).toEqual(sklearn.calibration.counts);
    for (const [index, { accuracy, confidence }] of bins.entries()) {
      expect(accuracy).toBeCloseTo(sklearn.calibration.accuracy[index] ?? NaN, 6);
      expect(confidence).toBeCloseTo(sklearn.calibration.confidence[index] ?? NaN, 6);
    }
    expect(evaluation.calibration?.expectedCalibrationError).toBeCloseTo(sklearn.expectedCalibrationError, 9);
  });
});
