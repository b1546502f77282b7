import type { Value } from '../onnx/values';
import type { GraphBuilder } from './graph-builder';

export type { ElementType, Value } from '../onnx/values';
export { broadcastShape, sameShape, sizeOf, stridesOf } from '../onnx/values';
export { GraphBuilder } from './graph-builder';

export type KernelResult = Value | readonly Value[] | undefined;

/**
 * A TensorFlow.js kernel as ONNX nodes. The same builder serves op-by-op running (a graph of one kernel,
 * kept by shapes, dtypes and attributes) and recording (the nodes join the step's graph).
 */
export interface KernelBuilder {
  /** TensorFlow.js's name, for example 'Conv2D'. */
  readonly kernelName: string;
  /**
   * Adds the kernel's nodes. Inputs of dtype string or complex64 never get here.
   * @returns the outputs, dtypes as TensorFlow.js wants them (float32, int32, bool), or undefined where ONNX
   *   cannot express this case: then TensorFlow.js's own code runs
   */
  readonly build: (graph: GraphBuilder, inputs: never, attrs: never) => KernelResult;
}

/**
 * @param build gets inputs by TensorFlow.js's names (a list for kernels that take one: Concat, Pack, AddN, Einsum)
 */
export function kernel<Inputs extends object, Attrs = object>(
  kernelName: string,
  build: (graph: GraphBuilder, inputs: Inputs, attrs: Attrs) => KernelResult,
): KernelBuilder {
  return { kernelName, build: build };
}
