import type * as tf from '@tensorflow/tfjs';

/** Numbers as ONNX Runtime and TensorFlow.js both keep them: bool as one byte, 0 or 1. */
export type TensorData = Float32Array | Int32Array | Uint8Array;
export type DataType = 'float32' | 'int32' | 'bool';
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}
export type NamedTensors = Record<string, tf.Tensor>;
export type NamedData = Record<string, TensorData>;

/** A training step, written on TensorFlow.js and recorded once. */
export interface StepSpec {
  /** Said in error messages, for example "whole network, batch 16". */
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /**
   * One forward pass. Runs while recording, never again: reading a tensor's values in here is refused.
   * What it assigns to variables (BatchNorm's running statistics) is carried back after every run.
   * @returns the scalar loss, and outputs that the caller wants to read (logits).
   */
  forward(inputs: NamedTensors): { loss: tf.Tensor; outputs?: NamedTensors };
  /** Variables that get a gradient. Every other variable that `forward` reads is a constant of the graph, which ORT packs once, unless it is assigned to. */
  readonly trainable: readonly tf.Variable[];
}

/** Where a graph's time and memory go; shown to the learner and printed by the benchmarks. */
export interface ProgramInfo {
  readonly nodes: number;
  readonly constantBytes: number;
  readonly recordMs: number;
  readonly buildMs: number;
  /** Kernels that could not be compiled; not empty means that the program runs op by op. */
  readonly uncompiled: readonly string[];
}

/**
 * The gradient of a table of which a step looked up some rows: an embedding. Its other rows have none. Consumed by an
 * optimizer, which adds up in place what belongs to the same row.
 */
export interface RowGradient {
  /** Row of the table by look-up; one that is outside of the table counts nowhere. A row may stand here several times. */
  readonly ids: Int32Array;
  /** `[ids.length, row size]`: what each look-up adds to its row; or, where `summed`, the whole table's gradient. */
  readonly values: Float32Array;
  readonly summed: boolean;
}

export type Gradient = Float32Array | RowGradient;

export interface StepResult {
  readonly loss: number;
  /** Views of buffers that the step owns: valid until its next run. */
  readonly outputs: NamedData;
  /** By variable name; views of buffers that the step owns: valid until its next run. @see denseGradient */
  readonly gradients: ReadonlyMap<string, Gradient>;
}

export interface TrainingStep {
  readonly info: ProgramInfo;
  /** Forward and gradients. Changes no trainable variable; the optimizer does. */
  run(inputs: NamedData): StepResult;
  dispose(): void;
}

/** A function without gradients: evaluation, features of a frozen prefix, prediction. */
export interface FunctionSpec {
  readonly name: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  run(inputs: NamedTensors): NamedTensors;
  /** Variables that may change between runs and are fed each time. All others become constants. */
  readonly fed?: readonly tf.Variable[];
}

export interface CompiledFunction {
  readonly info: ProgramInfo;
  /** @returns views of buffers that the function owns: valid until its next run. */
  run(inputs: NamedData): NamedData;
  dispose(): void;
}

/** Sizes by name: { batch: 4, past: 128 }. */
export type Sizes = Readonly<Record<string, number>>;

/**
 * A function without gradients whose inputs may have other sizes in each run. It must be the same for all of them: reshapes
 * along an axis are followed, but nothing in it may be made of a size (a constant, a slice up to it). At most four sizes.
 */
export interface OpenFunctionSpec {
  readonly name: string;
  readonly sizes: readonly string[];
  inputs(sizes: Sizes): Readonly<Record<string, TensorSpec>>;
  run(inputs: NamedTensors): NamedTensors;
  /** Variables that are fed, so that the graph holds no copy of them; slower where an input has few rows. */
  readonly fed?: readonly tf.Variable[] | 'all';
}

export interface OpenFunction {
  readonly info: ProgramInfo;
  /** @returns views of buffers that the function owns: valid until its next run. */
  run(sizes: Sizes, inputs: NamedData): NamedData;
  dispose(): void;
}

export interface EngineOptions {
  /** Threads of ONNX Runtime's pool. Default: the machine's cores, at most 8. */
  readonly threads?: number;
  /** false: every kernel runs on tfjs' own JavaScript code (the slow plain way, where no native library loads). */
  readonly native?: boolean;
}

/** What this process trains on, in words for the learner. */
export interface DeviceDescription {
  readonly provider: 'cpu' | 'javascript';
  readonly threads: number;
  /** "ONNX Runtime 1.30.0, 2 threads", or why the plain way was taken. */
  readonly text: string;
  /** Set when something better was refused: what was found and what to do. */
  readonly refused?: { readonly reason: string; readonly remedy: string };
}

export interface Engine {
  readonly device: DeviceDescription;
  compileStep(spec: StepSpec): TrainingStep;
  compileFunction(spec: FunctionSpec): CompiledFunction;
  compileOpenFunction(spec: OpenFunctionSpec): OpenFunction;
  /**
   * Moves the variables' values into memory that the optimizer and ORT both work on in place.
   * A variable keeps its identity; its values now live in the engine.
   */
  adopt(variables: readonly tf.Variable[]): void;
  /** The values of a variable, in place where the engine has adopted it. Do not keep across `dispose`. */
  data(variable: tf.Variable): TensorData;
  createOptimizer(spec: OptimizerSpec): Optimizer;
  dispose(): void;
}

/** Startup: tries the native library, falls back to plain JavaScript and says so. Registers the tfjs backend and makes it current. */
export type CreateEngine = (options?: EngineOptions) => Promise<Engine>;

export interface ParameterGroup {
  readonly name: string;
  readonly variables: readonly tf.Variable[];
  /** Multiplied by the schedule's factor at each step. */
  readonly learningRate: number;
  readonly weightDecay: number;
}

/**
 * 'rows': only rows that the step looked up are updated, as by torch.optim.SparseAdam; weights and moments of all others stay,
 * and decay reaches a row when it is used. 'dense': every row in every step, as by torch.optim.AdamW: those without a
 * gradient move with what is left of old ones, and decay. A table that something else reads too (a tied head) is always dense.
 */
export type EmbeddingUpdates = 'rows' | 'dense';

/** The update rules of PyTorch 2's torch.optim.SGD, Adam (decay added to the gradient) and AdamW (decoupled decay), to the letter. */
export type OptimizerSpec = {
  readonly groups: readonly ParameterGroup[];
  /** Global L2 norm: gradients x min(1, clipNorm / (norm + 1e-6)). Absent: no clipping. */
  readonly clipNorm?: number;
  /** What happens to rows of an embedding that a step did not look up. Default 'rows'. @see EmbeddingUpdates */
  readonly embeddingUpdates?: EmbeddingUpdates;
} & (
  | { readonly kind: 'sgd'; readonly momentum?: number; readonly nesterov?: boolean }
  | {
      readonly kind: 'adam' | 'adamw';
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
    }
);

export interface Optimizer {
  /**
   * One fused update of all variables, in place.
   * @param factors by group name: what the schedule multiplies this group's learning rate with; absent = 1
   * @returns the global L2 norm of the gradients before clipping
   */
  apply(
    gradients: ReadonlyMap<string, Gradient>,
    factors?: Readonly<Record<string, number>>,
  ): { gradientNorm: number };
  /** Everything needed to go on bit for bit: slots by `${variable}/${slot}`, and the step count. Copies. */
  state(): { step: number; slots: Record<string, Float32Array> };
  restore(state: { step: number; slots: Record<string, Float32Array> }): void;
  dispose(): void;
}
