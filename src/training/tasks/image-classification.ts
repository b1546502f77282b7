import * as tf from '@tensorflow/tfjs';
import type { Evaluation, Prediction } from '../../protocol/events';
import type { Split } from '../data/dataset';
import type { LossFunction } from '../experiment';
import { IGNORED_LABEL } from '../tokenizing/token-labels';
import { calibrationOf } from './calibration';
import { classScores, macroF1 } from './class-scores';

/** What the head is trained with. */
export interface ClassificationLoss {
  /** Replaces cross entropy and the options below. */
  readonly own?: LossFunction;
  /** Share of each label that is spread evenly over all classes, 0..1 (Szegedy et al., 2016). */
  readonly labelSmoothing?: number;
  /** `[classes]`: how much each class counts. */
  readonly classWeights?: ArrayLike<number>;
  /** Labels are shares of several classes, as mixup makes them: then the mean is over pictures, not over their weights. */
  readonly softLabels?: boolean;
}

/**
 * The mean loss over the items that count; with class weights the weighted mean. As torch.nn.CrossEntropyLoss, which
 * divides by the labels' weights for class indices, and by the number of items for class probabilities.
 * @param logits `[batch, classes]`
 * @param labels `[batch, classes]`, one-hot or shares that add up to 1
 * @param mask `[batch]`, 1 = counts, 0 = padding of a late batch
 */
export function classificationLoss(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  mask: tf.Tensor1D,
  { own, labelSmoothing = 0, classWeights, softLabels = false }: ClassificationLoss = {},
): tf.Scalar {
  const mean = (perItem: tf.Tensor, counts: tf.Tensor): tf.Scalar =>
    tf.div<tf.Scalar>(tf.sum(tf.mul(perItem, mask)), tf.sum(counts));
  if (own) return mean(own(logits, labels), mask);
  if (!classWeights) return mean(crossEntropy(logits, smooth(labels, labelSmoothing)), mask);
  const weights = tf.tensor2d(Float32Array.from(classWeights), [1, classWeights.length]);
  const perItem = crossEntropy(logits, tf.mul(smooth(labels, labelSmoothing), weights));
  return mean(perItem, softLabels ? mask : tf.mul(tf.sum(tf.mul(labels, weights), 1), mask));
}

/** Softmax cross entropy in nats, with the maximum taken off first. @returns `[batch]` */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Tensor1D {
  return tf.neg<tf.Tensor1D>(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1));
}

function smooth(labels: tf.Tensor2D, share: number): tf.Tensor2D {
  if (share === 0) return labels;
  return tf.add(tf.mul(labels, 1 - share), share / labels.shape[1]);
}

/** One-hot rows for `labels`; rows beyond them repeat class 0 and are masked. */
export function oneHot(labels: ArrayLike<number>, rows: number, numClasses: number): Float32Array {
  const out = new Float32Array(rows * numClasses);
  for (let row = 0; row < rows; row++) out[row * numClasses + (labels[row] ?? 0)] = 1;
  return out;
}

/** Writes one row of labels: 1 for the item's class, or shared with the class of what the item is blended with. */
export function putLabels(
  labelOf: ArrayLike<number>,
  item: number,
  mix: { readonly partner: number; readonly share: number } | undefined,
  target: { readonly labels: Float32Array; readonly row: number; readonly numClasses: number },
): void {
  const { labels, row, numClasses } = target;
  const share = mix?.share ?? 0;
  labels.fill(0, row * numClasses, (row + 1) * numClasses);
  const add = (index: number, amount: number): void => {
    const label = labelOf[index] ?? 0;
    if (label === IGNORED_LABEL) return;
    const place = row * numClasses + label;
    labels[place] = (labels[place] ?? 0) + amount;
  };
  add(item, 1 - share);
  if (mix && share > 0) add(mix.partner, share);
}

/** How many of the first `labels.length` rows have their label's logit on top; ties go to the lower class. @param labels -100 = does not count */
export function countCorrect(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  numClasses: number,
): number {
  let correct = 0;
  for (let row = 0; row < labels.length; row++)
    if (labels[row] !== IGNORED_LABEL && argmax(logits, row, numClasses) === labels[row]) correct++;
  return correct;
}

function argmax(logits: ArrayLike<number>, row: number, numClasses: number): number {
  let best = 0;
  for (let c = 1; c < numClasses; c++)
    if ((logits[row * numClasses + c] ?? 0) > (logits[row * numClasses + best] ?? 0)) best = c;
  return best;
}

const SHOWN_CHARACTERS = 300;

/** What is shown of a text: events hold those of a whole split. */
function shortened(text: string): string {
  const characters = [...text.slice(0, 2 * SHOWN_CHARACTERS + 2)];
  return characters.length <= SHOWN_CHARACTERS ? text : `${characters.slice(0, SHOWN_CHARACTERS).join('')} …`;
}

/** How many classes come before this one, from 0; of equal logits the lower class comes first. */
function rankOf(logits: ArrayLike<number>, row: number, label: number, numClasses: number): number {
  const own = logits[row * numClasses + label] ?? 0;
  let rank = 0;
  for (let c = 0; c < numClasses; c++) {
    const value = logits[row * numClasses + c] ?? 0;
    if (value > own || (value === own && c < label)) rank++;
  }
  return rank;
}

/**
 * Scores and predictions of a whole split, in float64 from its logits.
 * @param logits `[items, outputs]`: at least one output for each class. What is predicted is always a class; outputs beyond
 *   them, where `numClasses` asks for more than the data has, take their share of the probability.
 */
export function evaluate(
  split: Evaluation['split'],
  logits: ArrayLike<number>,
  { labels, files, texts }: Pick<Split, 'files' | 'texts'> & { readonly labels: ArrayLike<number> },
  classNames: readonly string[],
): { evaluation: Evaluation; predictions: Prediction[] } {
  const classes = classNames.length;
  const confusion = classNames.map(() => new Array<number>(classes).fill(0));
  const predictions: Prediction[] = [];
  const k = classes >= 5 ? 5 : 1;
  let loss = 0;
  let correct = 0;
  let inTop = 0;
  const outputs = labels.length === 0 ? classes : logits.length / labels.length;
  for (let item = 0; item < labels.length; item++) {
    const label = labels[item] ?? 0;
    const own = Float64Array.from({ length: outputs }, (_, c) => logits[item * outputs + c] ?? 0);
    const predicted = argmax(own, 0, classes);
    const top = own.reduce((highest, value) => Math.max(highest, value), -Infinity);
    const sum = own.reduce((total, value) => total + Math.exp(value - top), 0);
    const itemLoss = Math.log(sum) + top - (own[label] ?? 0);
    loss += itemLoss;
    if (predicted === label) correct++;
    if (rankOf(own, 0, label, classes) < k) inTop++;
    const row = confusion[label];
    if (row) row[predicted] = (row[predicted] ?? 0) + 1;
    const probability = Math.exp((own[predicted] ?? 0) - top) / sum;
    const text = texts?.[item];
    predictions.push({
      file: files[item] ?? '',
      ...(text === undefined ? {} : { text: shortened(text) }),
      label,
      predicted,
      probability,
      loss: itemLoss,
    });
  }
  const count = Math.max(1, labels.length);
  const perClass = classScores(confusion, classNames);
  return {
    evaluation: {
      split,
      loss: loss / count,
      accuracy: correct / count,
      perClass,
      confusion,
      topK: { k, accuracy: inTop / count },
      macroF1: macroF1(perClass),
      calibration: calibrationOf(
        predictions.map(({ probability }) => probability),
        predictions.map(({ label, predicted }) => label === predicted),
      ),
    },
    predictions,
  };
}
