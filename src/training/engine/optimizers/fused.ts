import type { ParameterBuffers } from '../arena';
import { type WasmMemory, wasm } from '../wasm';
import type { AdamStep, SgdStep } from './update-rules';
import { updateWasm } from './update-wasm';

interface Updates {
  sgd(
    p: number,
    g: number,
    m: number,
    n: number,
    rate: number,
    momentum: number,
    nesterov: boolean,
    decay: number,
    scale: number,
  ): void;
  adam(
    p: number,
    g: number,
    m: number,
    v: number,
    n: number,
    stepSize: number,
    rootCorrection: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    epsilon: number,
    shrink: number,
    decay: number,
    scale: number,
  ): void;
  sumOfSquares(g: number, n: number): number;
  add(target: number, source: number, n: number): void;
}

/** Some of a parameter's values, and where their gradient lies among its gradients. */
export interface Part {
  readonly at: number;
  readonly gradientAt: number;
  /** A multiple of 4. */
  readonly count: number;
}

/** All of it. The arena keeps zeros between an array's end and the next multiple of four. */
export function whole({ values }: ParameterBuffers): Part {
  return { at: 0, gradientAt: 0, count: (values.length + 3) & ~3 };
}

const instances = new WeakMap<WasmMemory, Updates>();
let module_: object | undefined;

/** torch.optim.SGD's rule on a part of a parameter, in place. @see update-rules.ts */
export function fusedSgd(buffers: ParameterBuffers, { at, gradientAt, count }: Part, s: SgdStep): void {
  const { values, gradient, first } = buffers;
  updatesOf(buffers.memory).sgd(
    addressOf(values, at),
    addressOf(gradient, gradientAt),
    addressOf(first, at),
    count,
    s.learningRate,
    s.momentum,
    s.nesterov,
    s.weightDecay,
    s.gradientScale,
  );
}

/** torch.optim.Adam's and AdamW's rules on a part of a parameter, in place. @see update-rules.ts */
export function fusedAdam(buffers: ParameterBuffers, { at, gradientAt, count }: Part, s: AdamStep): void {
  const { values, gradient, first, second } = buffers;
  updatesOf(buffers.memory).adam(
    addressOf(values, at),
    addressOf(gradient, gradientAt),
    addressOf(first, at),
    addressOf(second, at),
    count,
    s.learningRate / (1 - s.beta1 ** s.step),
    Math.sqrt(1 - s.beta2 ** s.step),
    s.beta1,
    s.beta2,
    1 - s.beta1,
    1 - s.beta2,
    s.epsilon,
    s.decoupled ? 1 - s.learningRate * s.weightDecay : 1,
    s.decoupled ? 0 : s.weightDecay,
    s.gradientScale,
  );
}

/** Sum of the squares of a part's gradient, in double precision. */
export function fusedSumOfSquares(
  { memory, gradient }: ParameterBuffers,
  { gradientAt, count }: Part,
): number {
  return updatesOf(memory).sumOfSquares(addressOf(gradient, gradientAt), count);
}

/** Adds `count` gradients from `source` on to those from `target` on. */
export function fusedAdd(
  { memory, gradient }: ParameterBuffers,
  target: number,
  source: number,
  count: number,
): void {
  updatesOf(memory).add(addressOf(gradient, target), addressOf(gradient, source), count);
}

function addressOf(array: Float32Array, index: number): number {
  return array.byteOffset + index * array.BYTES_PER_ELEMENT;
}

function updatesOf(memory: WasmMemory): Updates {
  const known = instances.get(memory);
  if (known) return known;
  module_ ??= new wasm.Module(Buffer.from(updateWasm, 'base64'));
  const updates = new wasm.Instance(module_, { env: { memory } }).exports as Updates;
  instances.set(memory, updates);
  return updates;
}
