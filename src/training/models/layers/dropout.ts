/**
 * Dropout (Srivastava et al., 2014) whose masks are inputs of the compiled step. A number drawn while a step is recorded
 * would be the same in every step; so a layer group lists the masks that it wants, and whoever runs the step draws them
 * from (seed, step, name): the same seed gives the same run, and a resumed run goes on with the same masks.
 */
import * as tf from '@tensorflow/tfjs';
import type { TensorSpec } from '../../engine/types';
import { type WasmMemory, wasm } from '../../engine/wasm';
import { streamKeys } from '../../random';
import { dropoutMasksWasm } from './dropout-masks-wasm';

export interface MaskSpec {
  /** The module's name in the checkpoint's network: 'classifier.2'. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Share of the values that become zero, 0 <= rate < 1. */
  readonly rate: number;
}

/** What one step multiplies with, by name. Evaluation has none, and a frozen group, which is in evaluation mode, gets none. */
export type Masks = Readonly<Record<string, tf.Tensor>>;

/** x times its mask; x itself where there is none. */
export function dropout<T extends tf.Tensor>(x: T, name: string, masks: Masks | undefined): T {
  const mask = masks?.[name];
  return mask ? tf.mul<T>(x, mask) : x;
}

/** Masks that leave nothing out are not asked for. */
export const wanted = (specs: readonly MaskSpec[]): MaskSpec[] => specs.filter(({ rate }) => rate > 0);

/** What a mask is called among the inputs of a step. */
export const maskInput = (name: string): string => `dropout.${name}`;

/** The inputs that a step with these masks has beside its own: a byte for each value, 1 = kept. */
export function maskInputs(specs: readonly MaskSpec[]): Record<string, TensorSpec> {
  return Object.fromEntries(specs.map(({ name, shape }) => [maskInput(name), { shape, dtype: 'bool' }]));
}

/** Takes the masks out of a step's inputs. What is kept counts 1 / (1 − rate), so that the mean stays. */
export function pickMasks(specs: readonly MaskSpec[], inputs: Readonly<Record<string, tf.Tensor>>): Masks {
  return Object.fromEntries(
    specs.map(({ name, rate }) => {
      const kept = tf.cast(inputs[maskInput(name)] as tf.Tensor, 'float32');
      return [name, tf.mul(kept, 1 / (1 - rate))];
    }),
  );
}

const PAGE = 65_536;
/** Bytes that the loop in WebAssembly writes at a time. */
const LANES = 16;
/** A mask is decided by 16 random bits, so rates are parts of this: 0.1 is 6,554 of them. */
const RATE_UNITS = 65_536;

interface Drawer {
  draw(at: number, count: number, key: number, second: number, threshold: number): void;
}

interface MaskMemory {
  readonly drawer: Drawer;
  readonly masks: readonly { readonly spec: MaskSpec; readonly bytes: Uint8Array }[];
}

const memories = new WeakMap<readonly MaskSpec[], MaskMemory>();
let module_: object | undefined;

/**
 * The masks of step `step`: 0 with probability `rate`, else 1.
 * @param step from 0, over the whole run
 * @returns views of memory that stays with `specs`: valid until the masks of the same list are drawn again
 */
export function drawMasks(
  specs: readonly MaskSpec[],
  seed: number,
  step: number,
): Record<string, Uint8Array> {
  const memory = memories.get(specs) ?? allocate(specs);
  memories.set(specs, memory);
  return Object.fromEntries(
    memory.masks.map(({ spec: { name, rate }, bytes }) => {
      const { key, second } = streamKeys(seed, `dropout/${name}/${step}`);
      const threshold = Math.min(RATE_UNITS - 1, Math.round(rate * RATE_UNITS));
      memory.drawer.draw(bytes.byteOffset, roundUp(bytes.length), key, second, threshold);
      return [maskInput(name), bytes];
    }),
  );
}

function allocate(specs: readonly MaskSpec[]): MaskMemory {
  const sizes = specs.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  const total = sizes.reduce((sum, size) => sum + roundUp(size), PAGE);
  const memory: WasmMemory = new wasm.Memory({ initial: Math.ceil(total / PAGE) });
  let at = PAGE / 64;
  const masks = specs.map((spec, index) => {
    const bytes = new Uint8Array(memory.buffer, at, sizes[index]);
    at += roundUp(bytes.length);
    return { spec, bytes };
  });
  module_ ??= new wasm.Module(Buffer.from(dropoutMasksWasm, 'base64'));
  const drawer = new wasm.Instance(module_, { env: { memory } }).exports as Drawer;
  return { drawer, masks };
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / LANES) * LANES;
}
