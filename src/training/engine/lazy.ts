import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import {
  type KernelCall,
  type KernelRecorder,
  type TransferLabBackend,
  build,
  compilable,
  typed,
} from './backend';
import { plainModel, serialize } from './onnx/serialize';
import { type Value, sizeOf } from './onnx/values';
import { GraphBuilder } from './ops/kernel';
import { type NativeLibrary, type TensorArray, allocate, sessionTensor } from './session';

/** A new graph is begun when this one has grown so far. */
const MOST_NODES = 300;
const aliases = new Set(['Identity', 'Reshape', 'ExpandDims']);

interface Recorded {
  readonly graph: GraphBuilder;
  readonly value: Value;
}

/**
 * Records every kernel and compiles what a value needs when somebody reads it. Training does not run this way;
 * it lets tests that were written for op-by-op backends (TensorFlow.js's own suite) judge the compiled path.
 */
export class LazyCompiler implements KernelRecorder {
  private graph = new GraphBuilder();
  private readonly recorded = new WeakMap<object, Recorded>();
  private readonly computed = new WeakMap<Value, TensorArray>();

  constructor(
    private readonly backend: TransferLabBackend,
    private readonly native: NativeLibrary,
  ) {}

  /** Makes the backend lazy from now on. */
  static install(backend: TransferLabBackend): void {
    if (!backend.native) throw new Error('compiling needs the native library');
    backend.recorder = new LazyCompiler(backend, backend.native);
  }

  kernel(call: KernelCall): TensorInfo | TensorInfo[] {
    if (!call.builder || aliases.has(call.kernelName) || !compilable(call.inputs)) return this.plain(call);
    if (this.graph.nodes.length > MOST_NODES) this.graph = new GraphBuilder();
    const { graph } = this;
    const result = build(call.builder, graph, call.inputs, call.attrs, (info) => this.valueOf(info));
    if (!result) return this.plain(call);
    const tensor = (value: Value): TensorInfo => {
      const info = this.backend.deferred(value.shape, value.dtype as DataType, () =>
        this.compute(graph, value),
      );
      this.recorded.set(info.dataId, { graph, value });
      return info;
    };
    return result instanceof Array ? result.map(tensor) : tensor(result);
  }

  written(): void {
    // Values made in JavaScript are constants here, random ones too.
  }

  private valueOf(info: TensorInfo): Value {
    const known = this.recorded.get(info.dataId);
    if (known?.graph === this.graph && known.value.dtype === info.dtype)
      return this.graph.reshape(known.value, info.shape);
    const data = typed(this.backend.data.get(info.dataId).values as TensorArray, info.dtype);
    return this.graph.constant(data.slice(), info.shape, info.dtype as 'float32');
  }

  private compute(graph: GraphBuilder, value: Value): TensorArray {
    const known = this.computed.get(value);
    if (known) return known;
    const model = plainModel(graph, [{ name: 'out', value }]);
    const session = this.native.createSession(serialize(model, 'lazy'), { threads: 1, spinning: false });
    const data = allocate(value.dtype, sizeOf(value.shape));
    session.run({}, { out: sessionTensor(data, value.shape, value.dtype) });
    session.dispose();
    this.computed.set(value, data);
    return data;
  }

  private plain(call: KernelCall): TensorInfo | TensorInfo[] {
    this.backend.recorder = undefined;
    try {
      return call.plain();
    } finally {
      this.backend.recorder = this;
    }
  }
}
