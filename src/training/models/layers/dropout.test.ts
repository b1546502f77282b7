import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../engine/engine';
import type { Engine } from '../../engine/types';
import { randomStream } from '../../random';
import { drawMasks, dropout, maskInput, maskInputs, type MaskSpec, pickMasks } from './dropout';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

/** A copy of one mask. */
function draw(shape: readonly number[], rate: number, seed = 1, step = 0, name = 'a'): Uint8Array {
  return (drawMasks([{ name, shape, rate }], seed, step)[maskInput(name)] as Uint8Array).slice();
}

/** Share of the places where all of the masks leave out. */
function shareLeftOut(...masks: Uint8Array[]): number {
  const [first = new Uint8Array(0)] = masks;
  return first.filter((_, at) => masks.every((mask) => mask[at] === 0)).length / first.length;
}

/** Four standard errors of the share of `count` draws that happen with `probability`. */
const margin = (probability: number, count: number): number =>
  4 * Math.sqrt((probability * (1 - probability)) / count);

const COUNT = 200_000;

describe('dropout masks', () => {
  it.each([[[1]], [[16]], [[5, 7]], [[3, 1001]]])(
    'of shape %j are the half words of the stream of their seed, step and name',
    (shape) => {
      const stream = randomStream(3, 'dropout/layer.0/12');
      const mask = draw(shape, 0.3, 3, 12, 'layer.0');
      expect(mask).toHaveLength(shape.reduce((product, size) => product * size, 1));
      for (const [at, byte] of mask.entries()) {
        const half = (stream.word(at >> 1) >>> (at % 2 ? 16 : 0)) & 0xffff;
        expect(byte).toBe(half >= Math.round(0.3 * 65536) ? 1 : 0);
      }
    },
  );

  it.each([0.1, 0.25, 0.5, 0.9])('leave out a share of %d', (rate) => {
    expect(Math.abs(shareLeftOut(draw([COUNT], rate)) - rate)).toBeLessThan(margin(rate, COUNT));
  });

  it('leave out nothing at rate 0, and something is kept at any rate below 1', () => {
    expect(shareLeftOut(draw([COUNT], 0))).toBe(0);
    expect(draw([10 * COUNT], 0.999_999_9).some((byte) => byte === 1)).toBe(true);
  });

  const one = { seed: 1, step: 7, name: 'a' };
  it.each([
    ['names', { ...one, name: 'b' }],
    ['steps', { ...one, step: 8 }],
    ['seeds', { ...one, seed: 2 }],
  ])('of different %s have nothing to do with each other', (_, other) => {
    const rate = 0.25;
    const [first, second] = [one, other].map(({ seed, step, name }) => draw([COUNT], rate, seed, step, name));
    const both = shareLeftOut(first as Uint8Array, second as Uint8Array);
    // Of independent ones a sixteenth is left out by both.
    expect(Math.abs(both - rate ** 2)).toBeLessThan(margin(rate ** 2, COUNT));
  });

  it.each([1, 2, 3, 8, 16, 384, 1024])('have nothing to do with themselves %d places on', (distance) => {
    const rate = 0.25;
    const mask = draw([COUNT + distance], rate);
    const both = shareLeftOut(mask.subarray(0, COUNT), mask.subarray(distance));
    expect(Math.abs(both - rate ** 2)).toBeLessThan(margin(rate ** 2, COUNT));
  });

  it('are the same again after others were drawn, whatever else is in the list', () => {
    const specs: MaskSpec[] = [
      { name: 'a', shape: [3, 5], rate: 0.5 },
      { name: 'b', shape: [100], rate: 0.1 },
    ];
    const copy = (step: number): Record<string, Uint8Array> =>
      Object.fromEntries(
        Object.entries(drawMasks(specs, 1, step)).map(([name, mask]) => [name, mask.slice()]),
      );
    const first = copy(4);
    expect(copy(5)).not.toEqual(first);
    expect(copy(4)).toEqual(first);
    expect(draw([100], 0.1, 1, 4, 'b')).toEqual(first['dropout.b']);
  });
});

describe('dropout', () => {
  it('multiplies values and gradients by 0 or 1 / (1 − rate), compiled and op by op', () => {
    const rate = 0.25;
    const shape = [4, 5, 6];
    const specs: MaskSpec[] = [{ name: 'a', shape, rate }];
    const masks = drawMasks(specs, 1, 0);
    const x = tf.variable(tf.sin(tf.range(0, 120)).reshape(shape), true, 'dropout-x');
    const factors = tf.cos(tf.range(0, 120)).reshape(shape);
    const forward = (inputs: Record<string, tf.Tensor>): { loss: tf.Scalar; y: tf.Tensor } => {
      const y = dropout(tf.square(x), 'a', pickMasks(specs, inputs));
      return { loss: tf.sum(tf.mul(y, factors)), y };
    };
    const step = engine.compileStep({
      name: 'dropout',
      inputs: maskInputs(specs),
      trainable: [x],
      forward: (inputs) => {
        const { loss, y } = forward(inputs);
        return { loss, outputs: { y } };
      },
    });
    expect(step.info.uncompiled).toEqual([]);
    const { outputs, gradients } = step.run(masks);
    const compiled = [outputs['y'], gradients.get(x.name) as Float32Array];
    const plain = tf.tidy(() => {
      const given = { [maskInput('a')]: tf.tensor(masks[maskInput('a')] as Uint8Array, shape, 'bool') };
      const { grads } = tf.variableGrads(() => forward(given).loss, [x]);
      return [forward(given).y, grads[x.name] as tf.Tensor].map((tensor) => tensor.dataSync());
    });
    for (let at = 0; at < 120; at++) {
      const kept = masks[maskInput('a')]?.[at] ? 1 / (1 - rate) : 0;
      const expected = [Math.sin(at) ** 2 * kept, 2 * Math.sin(at) * Math.cos(at) * kept];
      for (const values of [compiled, plain])
        for (const [index, value] of expected.entries()) expect(values[index]?.[at]).toBeCloseTo(value, 5);
    }
    step.dispose();
    x.dispose();
  });
});
