import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import {
  type DataType,
  type KernelConfig,
  type NamedAttrMap,
  type TensorInfo,
  type backend_util,
  engine,
  getKernelsForBackend,
  registerBackend,
  registerKernel,
} from '@tensorflow/tfjs-core';
import { plainModel, serialize } from './onnx/serialize';
import { type Value, sizeOf } from './onnx/values';
import { kernelBuilders } from './ops/index';
import { GraphBuilder, type KernelBuilder, type KernelResult } from './ops/kernel';
import { type NativeLibrary, type Session, type TensorArray, allocate, sessionTensor } from './session';

export const BACKEND_NAME = 'transfer-lab';

export type KernelInputs = Record<string, TensorInfo | undefined> | readonly TensorInfo[];
type KernelOutputs = TensorInfo | TensorInfo[];

/** A kernel call on its way: what it is called with, and TensorFlow.js's own code for it. */
export interface KernelCall {
  readonly kernelName: string;
  readonly builder: KernelBuilder | undefined;
  readonly inputs: KernelInputs;
  readonly attrs: NamedAttrMap;
  plain(): KernelOutputs;
}

/** Takes kernel calls instead of running them. */
export interface KernelRecorder {
  kernel(call: KernelCall): KernelOutputs;
  /** Told of every tensor made from JavaScript values. */
  written(length: number): void;
}

/** One kernel as a loaded graph. */
interface LoadedKernel {
  readonly session: Session;
  readonly outputs: readonly Value[];
  readonly list: boolean;
}

/** Loaded one-kernel graphs; the longest unused goes first. */
const MOST_KERNELS = 256;

/**
 * TensorFlow.js's cpu backend with ONNX Runtime for every kernel that has a builder.
 * Values are typed arrays in JavaScript's memory, as the cpu backend has them.
 */
export class TransferLabBackend extends MathBackendCPU {
  recorder: KernelRecorder | undefined;
  /** Without it every kernel runs on TensorFlow.js's own code. */
  native: NativeLibrary | undefined;
  threads = 1;
  private readonly loaded = new Map<string, LoadedKernel | 'plain'>();
  private readonly segmentIds = new WeakMap<object, Int32Array>();

  override write(values: backend_util.BackendValues, shape: number[], dtype: DataType): object {
    this.recorder?.written((values as { length?: number } | undefined)?.length ?? 0);
    const dataId = { id: nextId++ };
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  /** A tensor whose values are asked for when somebody reads them. */
  deferred(shape: readonly number[], dtype: DataType, read: () => TensorArray): TensorInfo {
    const dataId = { id: nextId++ };
    this.data.set(dataId, {
      get values() {
        return read() as backend_util.BackendValues;
      },
      dtype,
      refCount: 1,
    });
    return { dataId, shape: [...shape], dtype };
  }

  dispatch(call: KernelCall): KernelOutputs {
    if (this.recorder) return this.recorder.kernel(call);
    const result = this.runNative(call) ?? call.plain();
    if (call.kernelName === 'UnsortedSegmentSum') this.keepSegmentIds(call, result);
    return result;
  }

  /** The ids by which a tensor's rows were added up; undefined for whatever is not a sum by segments. */
  segmentIdsOf({ dataId }: TensorInfo): Int32Array | undefined {
    return this.segmentIds.get(dataId);
  }

  /** Frees the loaded kernels. */
  releaseKernels(): void {
    for (const kernel of this.loaded.values()) if (kernel !== 'plain') kernel.session.dispose();
    this.loaded.clear();
  }

  private keepSegmentIds({ inputs }: KernelCall, result: KernelOutputs): void {
    const ids = (inputs as Record<string, TensorInfo | undefined>)['segmentIds'];
    if (!ids || result instanceof Array) return;
    const values = typed(this.readSync(ids.dataId) as TensorArray, 'int32') as Int32Array;
    this.segmentIds.set(result.dataId, values.slice());
  }

  private runNative({ kernelName, builder, inputs, attrs }: KernelCall): KernelOutputs | undefined {
    if (!this.native || !builder || !compilable(inputs)) return undefined;
    const key = kernelKey(kernelName, inputs, attrs);
    const kernel = this.loaded.get(key) ?? this.load(this.native, kernelName, builder, inputs, attrs);
    this.loaded.delete(key);
    this.loaded.set(key, kernel);
    if (this.loaded.size > MOST_KERNELS) this.dropOldest();
    if (kernel === 'plain') return undefined;
    const feeds = Object.fromEntries(
      entries(inputs).map(([name, info]) => {
        const values = this.data.get(info.dataId).values as TensorArray;
        return [
          inputName(name),
          sessionTensor(typed(values, info.dtype), info.shape, info.dtype as 'float32'),
        ];
      }),
    );
    const arrays = kernel.outputs.map((value) => allocate(value.dtype, sizeOf(value.shape)));
    const fetches = Object.fromEntries(
      kernel.outputs.map((value, index) => [
        `out${index}`,
        sessionTensor(arrays[index] as TensorArray, value.shape, value.dtype),
      ]),
    );
    kernel.session.run(feeds, fetches);
    const infos = kernel.outputs.map((value, index) =>
      this.makeTensorInfo([...value.shape], value.dtype as 'float32', arrays[index] as Float32Array),
    );
    return kernel.list ? infos : infos[0];
  }

  private load(
    native: NativeLibrary,
    kernelName: string,
    builder: KernelBuilder,
    inputs: KernelInputs,
    attrs: NamedAttrMap,
  ): LoadedKernel | 'plain' {
    const graph = new GraphBuilder();
    const result = build(builder, graph, inputs, attrs, (info, name) =>
      graph.input(inputName(name), { shape: info.shape, dtype: info.dtype as 'float32' }),
    );
    if (!result) return 'plain';
    const outputs = result instanceof Array ? result : [result];
    const model = plainModel(
      graph,
      outputs.map((value, index) => ({ name: `out${index}`, value })),
    );
    const session = native.createSession(serialize({ ...model, inputs: graph.inputs }, kernelName), {
      threads: heavy.has(kernelName) ? this.threads : 1,
      spinning: false,
    });
    return { session, outputs, list: result instanceof Array };
  }

  private dropOldest(): void {
    const [oldest] = this.loaded;
    if (!oldest) return;
    this.loaded.delete(oldest[0]);
    if (oldest[1] !== 'plain') oldest[1].session.dispose();
  }
}

let nextId = 1_000_000;

/** Kernels worth a thread pool of their own when they run one by one. */
const heavy = new Set(['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter', 'BatchMatMul']);

/** Calls a builder with the graph's values in the place of the tensors. */
export function build(
  builder: KernelBuilder,
  graph: GraphBuilder,
  inputs: KernelInputs,
  attrs: NamedAttrMap,
  value: (info: TensorInfo, name: string) => Value,
): KernelResult {
  const named = entries(inputs).map(([name, info]) => [name, value(info, name)] as const);
  const values = inputs instanceof Array ? named.map(([, v]) => v) : Object.fromEntries(named);
  return builder.build(graph, values as never, attrs as never);
}

export function entries(inputs: KernelInputs): [string, TensorInfo][] {
  return Object.entries(inputs).filter((entry): entry is [string, TensorInfo] => entry[1] != null);
}

/** Strings and complex numbers stay with TensorFlow.js. */
export function compilable(inputs: KernelInputs): boolean {
  const list = entries(inputs);
  return list.length > 0 && list.every(([, info]) => ['float32', 'int32', 'bool'].includes(info.dtype));
}

/** Registers the backend with all of TensorFlow.js's cpu kernels, each through `dispatch`. */
export function registerTransferLabBackend(): TransferLabBackend {
  const registered = engine().findBackend(BACKEND_NAME) as TransferLabBackend | null;
  if (registered) return registered;
  const backend = new TransferLabBackend();
  registerBackend(BACKEND_NAME, () => backend, 4);
  const builders = new Map(kernelBuilders.map((builder) => [builder.kernelName, builder]));
  for (const cpu of getKernelsForBackend('cpu'))
    registerKernel(through(backend, cpu, builders.get(cpu.kernelName)));
  return backend;
}

function through(
  backend: TransferLabBackend,
  cpu: KernelConfig,
  builder: KernelBuilder | undefined,
): KernelConfig {
  const { kernelName, kernelFunc } = cpu;
  return {
    ...cpu,
    backendName: BACKEND_NAME,
    kernelFunc: ({ inputs, attrs = {} }) =>
      backend.dispatch({
        kernelName,
        builder,
        inputs,
        attrs,
        plain: () => kernelFunc({ inputs, attrs, backend }),
      }),
  };
}

function inputName(name: string): string {
  return `in_${name}`;
}

function kernelKey(kernelName: string, inputs: KernelInputs, attrs: NamedAttrMap): string {
  const shapes = entries(inputs).map(([name, { shape, dtype }]) => `${name}:${dtype}[${shape.join()}]`);
  // JSON writes NaN and both infinities as null.
  const text = JSON.stringify(attrs, (_, v: unknown) =>
    typeof v === 'number' && !Number.isFinite(v) ? String(v) : v,
  );
  return `${kernelName}(${shapes.join()})${text}`;
}

/** TensorFlow.js sometimes keeps values as a plain array. */
export function typed(values: TensorArray | ArrayLike<number>, dtype: DataType): TensorArray {
  if (dtype === 'float32')
    return values instanceof Float32Array ? values : Float32Array.from(values as number[]);
  if (dtype === 'int32') return values instanceof Int32Array ? values : Int32Array.from(values as number[]);
  return values instanceof Uint8Array ? values : Uint8Array.from(values as number[]);
}
