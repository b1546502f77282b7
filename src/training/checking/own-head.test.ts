import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import type { HeadFunction } from '../experiment';
import { kindOfHead } from './own-head';

const logits: HeadFunction = (features, { linear, numClasses }) => linear('classes', features, numClasses);

describe('kindOfHead', () => {
  it.each<[string, HeadFunction | undefined, string]>([
    ['no own head', undefined, 'default'],
    ['one linear layer', logits, 'logits'],
    [
      'a hidden layer',
      (features, { linear, numClasses }) => linear('out', linear('hidden', features, 8).relu(), numClasses),
      'logits',
    ],
    ['a softmax at the end', (features, layers) => logits(features, layers).softmax(), 'probabilities'],
    ['scores that are never negative', (features, layers) => logits(features, layers).relu(), 'logits'],
    [
      'code that throws',
      () => {
        throw new Error('mine');
      },
      'unknown',
    ],
  ])('%s', (_, head, kind) => {
    const before = tf.memory().numTensors;
    expect(kindOfHead(head)).toBe(kind);
    expect(tf.memory().numTensors).toBe(before);
  });
});
