import type { Variable } from '@tensorflow/tfjs-core';
import type { TransferLabBackend } from './backend';
import type { TensorArray } from './session';
import { type WasmMemory, wasm } from './wasm';

const PAGE = 65_536;
/** One block stays below this, so that 32-bit addresses suffice and no block is too large to get. */
const LARGEST_BLOCK = 2 ** 30;
/** Vectors of four floats: arrays start at multiples of 16 bytes and the last vector may be read whole. */
const ALIGNMENT = 16;

/** What one parameter needs, side by side in one WebAssembly memory. */
export interface ParameterBuffers {
  readonly memory: WasmMemory;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  /** Optimizer state: SGD's momentum, Adam's first moment. */
  readonly first: Float32Array;
  /** Adam's second moment. */
  readonly second: Float32Array;
}

/**
 * Parameters, gradients and optimizer state in WebAssembly memory: ONNX Runtime reads and writes the arrays
 * in place, and the fused update works on them in place. Pages that nobody touches cost nothing.
 */
export class Arena {
  private readonly buffers = new Map<Variable, ParameterBuffers>();

  constructor(private readonly backend: TransferLabBackend) {}

  /** Moves float32 variables in. Those that are in stay; one that was assigned a new value since is copied back in. */
  adopt(variables: readonly Variable[]): void {
    const fresh = variables.filter((variable) => variable.dtype === 'float32' && !this.buffers.has(variable));
    for (let start = 0; start < fresh.length;) {
      let end = start;
      let bytes = PAGE;
      do bytes += 4 * roundUp((fresh[end] as Variable).size * 4);
      while (++end < fresh.length && bytes + 16 * (fresh[end] as Variable).size < LARGEST_BLOCK);
      this.allocate(fresh.slice(start, end), bytes);
      start = end;
    }
    for (const variable of variables) {
      const own = this.buffers.get(variable)?.values;
      const entry = this.backend.data.get(variable.dataId);
      if (!own || entry.values === own) continue;
      own.set(entry.values as Float32Array);
      entry.values = own;
    }
  }

  get(variable: Variable): ParameterBuffers | undefined {
    return this.buffers.get(variable);
  }

  /** Gives every variable an array of its own again, so that it outlives the arena. */
  dispose(): void {
    for (const [variable, { values }] of this.buffers) {
      if (variable.isDisposed) continue;
      const entry = this.backend.data.get(variable.dataId);
      if (entry.values === values) entry.values = (values as TensorArray).slice() as Float32Array;
    }
    this.buffers.clear();
  }

  private allocate(variables: readonly Variable[], bytes: number): void {
    const memory = new wasm.Memory({ initial: Math.ceil(bytes / PAGE) });
    let at = PAGE / 64;
    const next = (length: number): Float32Array => {
      const array = new Float32Array(memory.buffer, at, length);
      at += roundUp(length * 4);
      return array;
    };
    const parts = variables.map(({ size }) => next(size));
    variables.forEach((variable, index) => {
      this.buffers.set(variable, {
        memory,
        values: parts[index] as Float32Array,
        gradient: next(variable.size),
        first: next(variable.size),
        second: next(variable.size),
      });
    });
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}
