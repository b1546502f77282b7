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
}

const instances = new WeakMap<WasmMemory, Updates>();
let module_: object | undefined;

/** torch.optim.SGD's rule on one parameter, in place. @see update-rules.ts */
export function fusedSgd(buffers: ParameterBuffers, s: SgdStep): void {
  const { values, gradient, first } = buffers;
  updatesOf(buffers.memory).sgd(
    values.byteOffset,
    gradient.byteOffset,
    first.byteOffset,
    padded(values),
    s.learningRate,
    s.momentum,
    s.nesterov,
    s.weightDecay,
    s.gradientScale,
  );
}

/** torch.optim.Adam's and AdamW's rules on one parameter, in place. @see update-rules.ts */
export function fusedAdam(buffers: ParameterBuffers, s: AdamStep): void {
  const { values, gradient, first, second } = buffers;
  updatesOf(buffers.memory).adam(
    values.byteOffset,
    gradient.byteOffset,
    first.byteOffset,
    second.byteOffset,
    padded(values),
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

/** Sum of the gradient's squares, in double precision. */
export function fusedSumOfSquares({ memory, gradient }: ParameterBuffers): number {
  return updatesOf(memory).sumOfSquares(gradient.byteOffset, padded(gradient));
}

/** The arena keeps zeros between an array's end and the next multiple of four. */
function padded(array: Float32Array): number {
  return (array.length + 3) & ~3;
}

function updatesOf(memory: WasmMemory): Updates {
  const known = instances.get(memory);
  if (known) return known;
  module_ ??= new wasm.Module(Buffer.from(updateWasm, 'base64'));
  const updates = new wasm.Instance(module_, { env: { memory } }).exports as Updates;
  instances.set(memory, updates);
  return updates;
}
