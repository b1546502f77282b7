import { isMainThread } from 'node:worker_threads';
import { Tensor } from 'onnxruntime-common';
import type { Binding } from 'onnxruntime-node/dist/binding';
import type { ElementType } from './onnx/values';

export type SessionTensors = Record<string, Tensor>;
export type TensorArray = Float32Array | Int32Array | Uint8Array | BigInt64Array;

export interface SessionOptions {
  readonly threads: number;
  /** Threads wait for work in a loop: faster between nodes, and only while the session runs. */
  readonly spinning: boolean;
  /** Writes ONNX Runtime's own profile to a file with this prefix; `dispose` ends it. */
  readonly profilePrefix?: string;
}

/** A loaded graph. Runs synchronously and writes into the arrays that the caller gives. */
export interface Session {
  run(feeds: SessionTensors, fetches: SessionTensors): void;
  dispose(): void;
}

/** The native library, loaded. */
export interface NativeLibrary {
  createSession(model: Uint8Array, options: SessionOptions): Session;
}

/**
 * Loads ONNX Runtime's binding. This is the only file that knows its inner, synchronous interface
 * (onnxruntime-node 1.30, dist/binding): the public one only runs asynchronously.
 * @throws whatever the platform's loader says where the library is missing
 */
export async function loadNativeLibrary(): Promise<NativeLibrary> {
  const { binding } = await import('onnxruntime-node/dist/binding.js');
  // Errors are thrown as well; the log would only repeat them.
  const fatalOnly = 4;
  binding.initOrtOnce(fatalOnly, Tensor, isMainThread);
  return { createSession: (model, options) => createSession(binding.InferenceSession, model, options) };
}

/** An array as ONNX Runtime takes it: no copy is made. */
export function sessionTensor(data: TensorArray, shape: readonly number[], dtype: ElementType): Tensor {
  return new Tensor(dtype, data as Float32Array, [...shape]);
}

/** A new array for so many elements. */
export function allocate(dtype: ElementType, length: number): TensorArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bool':
      return new Uint8Array(length);
    case 'int64':
      return new BigInt64Array(length);
  }
}

function createSession(
  InferenceSession: Binding.InferenceSessionConstructor,
  model: Uint8Array,
  { threads, spinning, profilePrefix }: SessionOptions,
): Session {
  const session = new InferenceSession();
  session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, {
    intraOpNumThreads: threads,
    graphOptimizationLevel: 'all',
    // A pattern lays all of a run out in one block that is never smaller than its worst moment: 1.6 times the memory of a ResNet-50 step, and no faster.
    enableMemPattern: false,
    enableCpuMemArena: true,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' }, force_spinning_stop: '1' } },
    ...(profilePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePrefix }),
  });
  return {
    run: (feeds, fetches) => void session.run(feeds, fetches, {}),
    dispose: () => {
      if (profilePrefix !== undefined) session.endProfiling();
      session.dispose();
    },
  };
}
