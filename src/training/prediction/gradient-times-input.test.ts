import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { createBert } from '../models/bert';
import { forwardGroups } from '../models/model';
import { gradientTimesInput } from './gradient-times-input';

beforeAll(async () => {
  await createEngine();
});

describe('gradient times input', () => {
  it('of a linear network is what each token adds to the logit, so that all together give it', () => {
    // Two tokens of two channels, two classes: logit_k = Σ over tokens and channels of x · w_k.
    const weights = tf.tensor2d([1, 4, 2, 3, 3, 2, 4, 1], [4, 2]);
    const logits = (x: tf.Tensor): tf.Tensor => tf.matMul(x.reshape([-1, 4]), weights);
    const embedded = tf.tensor3d([1, -1, 2, 0.5], [1, 2, 2]);
    const pushes = gradientTimesInput(logits, embedded, [0, 1], 2);
    // Class 0: 1·1 − 1·2 = −1 and 2·3 + 0.5·4 = 8; class 1: 1·4 − 1·3 = 1 and 2·2 + 0.5·1 = 4.5.
    expect(pushes).toEqual([
      [-1, 8],
      [1, 4.5],
    ]);
    expect(Array.from(logits(embedded).dataSync())).toEqual([7, 5.5]);
  });

  it('of a BERT is the slope of the logit when a token’s embedding grows, by central differences', () => {
    const sizes = { vocabSize: 20, hiddenSize: 8, numLayers: 2, numHeads: 2, intermediateSize: 16 };
    const rates = { hiddenDropout: 0.1, attentionDropout: 0.1, headDropout: 0.1 };
    const more = { maxPositions: 8, typeVocabSize: 2, layerNormEpsilon: 1e-12, paddingId: 0 };
    const model = createBert(
      'bert',
      {
        ...sizes,
        ...rates,
        ...more,
        initialDeviation: 0.3,
        head: 'sequence',
        pooling: 'mean',
        numClasses: 3,
      },
      5,
    );
    const to = model.layerGroups.length;
    const rest = (x: tf.Tensor): tf.Tensor => forwardGroups(model, x, { from: 1, to }, false);
    const ids = tf.tensor2d([2, 7, 11, 3], [1, 4], 'int32');
    const embedded = forwardGroups(model, ids, { from: 0, to: 1 }, false) as tf.Tensor3D;
    const values = embedded.dataSync<'float32'>();
    const before = tf.memory().numTensors;
    const pushes = gradientTimesInput(rest, embedded, [2, 0], 3);
    expect(tf.memory().numTensors).toBe(before);
    const step = 1e-2;
    const logit = (token: number, factor: number, label: number): number =>
      tf.tidy(() => {
        const changed = values.map((value, index) =>
          Math.floor(index / 8) === token ? value * factor : value,
        );
        return rest(tf.tensor3d(changed, [1, 4, 8])).dataSync()[label] ?? 0;
      });
    for (const [place, label] of [2, 0].entries())
      for (let token = 0; token < 4; token++) {
        const slope = (logit(token, 1 + step, label) - logit(token, 1 - step, label)) / (2 * step);
        expect(Math.abs((pushes[place]?.[token] ?? NaN) - slope)).toBeLessThan(2e-3);
      }
    model.dispose();
  });
});
