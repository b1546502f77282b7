import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LearnerError } from '../../protocol/errors';
import { createEngine } from './engine';
import { someNumbers } from './ops/kernel-cases';
import { chooseProvider } from './providers';
import type { Engine, NamedTensors, StepSpec } from './types';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.dispose());

let count = 0;
/** A small convolutional classifier with a running mean that is assigned to. */
function network() {
  const id = count++;
  const filter = tf.variable(tf.tensor(someNumbers(3 * 3 * 2 * 4, 1), [3, 3, 2, 4]), true, `filter${id}`);
  const weights = tf.variable(tf.tensor(someNumbers(4 * 3, 2), [4, 3]), true, `weights${id}`);
  const running = tf.variable(tf.zeros([4]), false, `running${id}`);
  const frozen = tf.variable(tf.ones([4]), false, `frozen${id}`);
  const forward = ({ images, labels }: NamedTensors) => {
    const y = tf.relu(tf.conv2d(images as tf.Tensor4D, filter as unknown as tf.Tensor4D, 1, 'same'));
    const features = tf.mul(tf.mean(y, [1, 2]), frozen);
    running.assign(tf.add(tf.mul(running, 0.9), tf.mul(tf.mean(features, 0), 0.1)));
    const logits = tf.matMul(features, weights);
    return {
      loss: tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, 3), logits),
      outputs: { logits },
    };
  };
  const spec: StepSpec = {
    name: 'small network',
    inputs: { images: { shape: [2, 5, 5, 2], dtype: 'float32' }, labels: { shape: [2], dtype: 'int32' } },
    trainable: [filter, weights],
    forward,
  };
  return { filter, weights, running, frozen, spec };
}
const batch = { images: someNumbers(100, 3), labels: Int32Array.of(2, 0) };

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LearnerError) return error.problem.code;
    throw error;
  }
  return 'no error';
}

describe('a compiled step', () => {
  it('gives the loss, gradients, outputs and assignments of the op-by-op run', async () => {
    const compiled = network();
    const step = engine.compileStep(compiled.spec);
    const got = step.run(batch);
    const plain = network();
    const javascript = await createEngine({ native: false });
    const slow = javascript.compileStep(plain.spec);
    const want = slow.run(batch);
    expect(step.info.uncompiled).toEqual([]);
    expect(got.loss).toBeCloseTo(want.loss, 6);
    expect([...(got.outputs['logits'] ?? [])].map((x) => x.toFixed(5))).toEqual(
      [...(want.outputs['logits'] ?? [])].map((x) => x.toFixed(5)),
    );
    const pairs = [[engine.data(compiled.running), javascript.data(plain.running)]];
    for (const key of ['filter', 'weights'] as const)
      pairs.push([
        got.gradients.get(compiled[key].name) as Float32Array,
        want.gradients.get(plain[key].name) as Float32Array,
      ]);
    for (const [a, b] of pairs) {
      expect(a).toHaveLength(b?.length ?? -1);
      a?.forEach((x, i) => expect(x).toBeCloseTo(b?.[i] ?? NaN, 6));
    }
    engine = await createEngine({ threads: 1 });
  });

  it('sees what the optimizer changed, and changes no trainable variable itself', () => {
    const net = network();
    engine.adopt(net.spec.trainable);
    const step = engine.compileStep(net.spec);
    const optimizer = engine.createOptimizer({
      kind: 'sgd',
      groups: [{ name: 'all', variables: net.spec.trainable, learningRate: 0.5, weightDecay: 0 }],
    });
    const first = step.run(batch).loss;
    expect(step.run(batch).loss).toBe(first);
    for (let i = 0; i < 20; i++) optimizer.apply(step.run(batch).gradients);
    expect(step.run(batch).loss).toBeLessThan(first);
    expect([...net.filter.dataSync()]).toEqual([...engine.data(net.filter)]);
  });

  it('keeps the number of tensors the same, while recording and after steps', () => {
    const net = network();
    const before = tf.memory().numTensors;
    const step = engine.compileStep(net.spec);
    step.run(batch);
    step.run(batch);
    expect(tf.memory().numTensors).toBe(before);
    expect([...net.frozen.dataSync()]).toEqual([1, 1, 1, 1]);
    step.dispose();
  });

  it('carries assigned variables back after every run', () => {
    const net = network();
    const step = engine.compileStep(net.spec);
    expect([...net.running.dataSync()]).toEqual([0, 0, 0, 0]);
    step.run(batch);
    const once = [...net.running.dataSync()];
    step.run(batch);
    // r1 = 0.1 m, r2 = 0.9 r1 + 0.1 m = 1.9 r1
    net.running.dataSync().forEach((x, i) => expect(x).toBeCloseTo(1.9 * (once[i] ?? NaN), 6));
  });

  it('refuses to read values while recording', () => {
    const net = network();
    const forward = (inputs: NamedTensors) => {
      inputs['images']?.dataSync();
      return net.spec.forward(inputs);
    };
    expect(problemOf(() => engine.compileStep({ ...net.spec, forward }))).toBe('value-read-while-recording');
  });

  it('refuses dropout drawn inside the step', () => {
    const net = network();
    const forward = (inputs: NamedTensors) =>
      net.spec.forward({ ...inputs, images: tf.dropout(inputs['images'] as tf.Tensor, 0.5) });
    expect(problemOf(() => engine.compileStep({ ...net.spec, forward }))).toBe('random-while-recording');
  });

  it('says which input has the wrong size', () => {
    const step = engine.compileStep(network().spec);
    expect(problemOf(() => step.run({ ...batch, images: new Float32Array(7) }))).toBe('wrong-input');
  });

  it('runs op by op, and names the kernel, where one cannot be compiled', () => {
    const net = network();
    const forward = (inputs: NamedTensors) => {
      const { loss } = net.spec.forward(inputs);
      // How many there are depends on the values, so no graph of known shapes has them.
      return {
        loss,
        outputs: { different: tf.unique(tf.reshape(inputs['images'] as tf.Tensor, [-1])).values },
      };
    };
    const step = engine.compileStep({ ...net.spec, forward });
    expect(step.info.uncompiled).toEqual(['Unique']);
    expect(Number.isFinite(step.run(batch).loss)).toBe(true);
  });
});

describe('a compiled function', () => {
  it('keeps variables as constants unless they are fed', () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    const spec = {
      name: 'doubling',
      inputs: { x: { shape: [2], dtype: 'float32' as const } },
      run: ({ x }: NamedTensors) => ({ y: tf.mul(x as tf.Tensor, v) }),
    };
    const constant = engine.compileFunction(spec);
    const fed = engine.compileFunction({ ...spec, fed: [v] });
    v.assign(tf.tensor1d([10, 20]));
    const x = Float32Array.of(1, 1);
    expect([...(constant.run({ x })['y'] ?? [])]).toEqual([1, 2]);
    expect([...(fed.run({ x })['y'] ?? [])]).toEqual([10, 20]);
  });

  it('returns an input unchanged and a constant as it is', () => {
    const program = engine.compileFunction({
      name: 'nothing to do',
      inputs: { x: { shape: [2], dtype: 'float32' } },
      run: ({ x }) => ({ same: x as tf.Tensor, seven: tf.scalar(7) }),
    });
    const { same, seven } = program.run({ x: Float32Array.of(3, 4) });
    expect([...(same ?? [])]).toEqual([3, 4]);
    expect([...(seven ?? [])]).toEqual([7]);
  });
});

describe('the provider', () => {
  it('falls back to plain JavaScript where the library is missing, and says what to do', async () => {
    const { native, device } = await chooseProvider({}, () =>
      Promise.reject(new Error("Cannot find module '../bin/napi-v6/linux/riscv64/onnxruntime_binding.node'")),
    );
    expect(native).toBeUndefined();
    expect(device.provider).toBe('javascript');
    expect(device.refused?.reason).toMatch(/is not installed/);
    expect(device.refused?.remedy).toMatch(/^Install/);
  });
});
