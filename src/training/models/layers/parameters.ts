import * as tf from '@tensorflow/tfjs';
import { randomStream, type RandomStream } from '../../random';

/** How a tensor lies in memory here, against its order in a checkpoint: convolutions are [h, w, in, out] here, [out, in, h, w] there. */
export type Layout = 'same' | 'convolution';

export interface ModelTensor {
  /** The checkpoint's name: 'layer1.0.conv1.weight'. */
  readonly name: string;
  readonly variable: tf.Variable;
  /** Parameters are trained; buffers are BatchNorm's running statistics. */
  readonly kind: 'parameter' | 'buffer';
  readonly layout: Layout;
  /** Shape in the checkpoint. */
  readonly checkpointShape: readonly number[];
}

let stores = 0;

/**
 * The tensors of one model by checkpoint name. TensorFlow.js wants variable names to be unique in a process, so a
 * variable's own name has a prefix; `nameOf` takes it off.
 */
export class ParameterStore {
  readonly tensors = new Map<string, ModelTensor>();
  /** BatchNorm's num_batches_tracked by name: counted, and saved, but nothing depends on them. */
  readonly counters = new Map<string, number>();
  /** Of the variables' own names. */
  readonly prefix = `model${++stores}/`;

  /** What is still to be drawn, by name. */
  private readonly pending = new Map<string, () => Float32Array>();

  /**
   * @param seed of the initial values; each tensor has a stream of its own, so adding a layer changes no other
   * @param deferred tensors are zero until `drawPending`: drawing 138 million numbers that a checkpoint replaces takes
   *   seconds, and touches memory that is not needed
   */
  constructor(
    readonly seed: number,
    private deferred = false,
  ) {}

  /** Draws the initial values of all tensors but those that were loaded. From then on new tensors are drawn at once. */
  drawPending(loaded: ReadonlySet<string> = new Set()): void {
    this.deferred = false;
    for (const [name, draw] of this.pending) {
      const variable = this.tensors.get(name)?.variable;
      if (variable && !loaded.has(name)) tf.tidy(() => variable.assign(tf.tensor(draw(), variable.shape)));
    }
    this.pending.clear();
  }

  nameOf(variable: tf.Variable): string {
    return variable.name.slice(this.prefix.length);
  }

  get(name: string): ModelTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new Error(`The model has no tensor "${name}".`);
    return tensor;
  }

  /** The existing parameter of that name, or a new one. @param draw one value from the tensor's stream */
  parameter(
    name: string,
    shape: readonly number[],
    draw: (stream: RandomStream, index: number) => number,
    layout: Layout = 'same',
  ): tf.Variable {
    return this.make(name, shape, 'parameter', layout, draw);
  }

  buffer(name: string, shape: readonly number[], value: number): tf.Variable {
    return this.make(name, shape, 'buffer', 'same', () => value);
  }

  remove(name: string): void {
    this.tensors.get(name)?.variable.dispose();
    this.tensors.delete(name);
    this.pending.delete(name);
  }

  dispose(): void {
    for (const { variable } of this.tensors.values()) variable.dispose();
    this.tensors.clear();
  }

  private make(
    name: string,
    shape: readonly number[],
    kind: ModelTensor['kind'],
    layout: Layout,
    draw: (stream: RandomStream, index: number) => number,
  ): tf.Variable {
    const existing = this.tensors.get(name);
    if (existing) return existing.variable;
    const count = shape.reduce((product, size) => product * size, 1);
    const drawn = (): Float32Array => {
      const stream = randomStream(this.seed, `weights/${name}`);
      const values = new Float32Array(count);
      for (let index = 0; index < count; index++) values[index] = draw(stream, index);
      return values;
    };
    if (this.deferred) this.pending.set(name, drawn);
    const initial = tf.tensor(this.deferred ? new Float32Array(count) : drawn(), [...shape]);
    const variable = tf.variable(initial, kind === 'parameter', this.prefix + name);
    initial.dispose();
    const [h = 1, w = 1, inputs = 1, outputs = 1] = shape;
    const checkpointShape = layout === 'convolution' ? [outputs, inputs, h, w] : shape;
    this.tensors.set(name, { name, variable, kind, layout, checkpointShape });
    return variable;
  }
}
