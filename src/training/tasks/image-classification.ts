import * as tf from '@tensorflow/tfjs';
import type { ClassScore, Evaluation, Prediction } from '../../protocol/events';
import type { LossFunction } from '../experiment';

/**
 * The mean loss over the items that count.
 * @param logits `[batch, classes]`
 * @param labels `[batch, classes]`, one-hot
 * @param mask `[batch]`, 1 = counts, 0 = padding of a late batch
 * @param own replaces cross entropy
 */
export function classificationLoss(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  mask: tf.Tensor1D,
  own?: LossFunction,
): tf.Scalar {
  const perItem = own ? own(logits, labels) : crossEntropy(logits, labels);
  return tf.div<tf.Scalar>(tf.sum(tf.mul(perItem, mask)), tf.sum(mask));
}

/** Softmax cross entropy in nats, with the maximum taken off first. @returns `[batch]` */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D {
  return tf.neg<tf.Tensor1D>(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1));
}

/** One-hot rows for `labels`; rows beyond them repeat class 0 and are masked. */
export function oneHot(labels: ArrayLike<number>, rows: number, numClasses: number): Float32Array {
  const out = new Float32Array(rows * numClasses);
  for (let row = 0; row < rows; row++) out[row * numClasses + (labels[row] ?? 0)] = 1;
  return out;
}

/** How many of the first `labels.length` rows have their label's logit on top; ties go to the lower class. */
export function countCorrect(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): number {
  let correct = 0;
  for (let row = 0; row < labels.length; row++)
    if (argmax(logits, row, numClasses) === labels[row]) correct++;
  return correct;
}

function argmax(logits: ArrayLike<number>, row: number, numClasses: number): number {
  let best = 0;
  for (let c = 1; c < numClasses; c++)
    if ((logits[row * numClasses + c] ?? 0) > (logits[row * numClasses + best] ?? 0)) best = c;
  return best;
}

/**
 * Scores and predictions of a whole split, in float64 from its logits.
 * @param logits `[items, classes]`
 */
export function evaluate(
  split: Evaluation['split'],
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  files: readonly string[],
  classNames: readonly string[],
): { evaluation: Evaluation; predictions: Prediction[] } {
  const classes = classNames.length;
  const confusion = classNames.map(() => new Array<number>(classes).fill(0));
  const predictions: Prediction[] = [];
  let loss = 0;
  let correct = 0;
  for (let item = 0; item < labels.length; item++) {
    const label = labels[item] ?? 0;
    const predicted = argmax(logits, item, classes);
    const top = logits[item * classes + predicted] ?? 0;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp((logits[item * classes + c] ?? 0) - top);
    const itemLoss = Math.log(sum) + top - (logits[item * classes + label] ?? 0);
    loss += itemLoss;
    if (predicted === label) correct++;
    const row = confusion[label];
    if (row) row[predicted] = (row[predicted] ?? 0) + 1;
    predictions.push({ file: files[item] ?? '', label, predicted, probability: 1 / sum, loss: itemLoss });
  }
  const count = Math.max(1, labels.length);
  return {
    evaluation: {
      split,
      loss: loss / count,
      accuracy: correct / count,
      perClass: classScores(confusion, classNames),
      confusion,
    },
    predictions,
  };
}

/** Precision, recall and F1 per class; 0 where nothing was predicted or nothing is there. */
export function classScores(
  confusion: readonly (readonly number[])[],
  classNames: readonly string[],
): ClassScore[] {
  return classNames.map((className, c) => {
    const hits = confusion[c]?.[c] ?? 0;
    const support = (confusion[c] ?? []).reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0);
    const precision = predicted === 0 ? 0 : hits / predicted;
    const recall = support === 0 ? 0 : hits / support;
    const f1 = hits === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    return { className, precision, recall, f1, support };
  });
}
