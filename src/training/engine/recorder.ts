import {
  type DataType,
  type NamedTensorMap,
  type Tensor,
  type TensorInfo,
  type Variable,
  engine,
} from '@tensorflow/tfjs-core';
import { LearnerError } from '../../protocol/errors';
import {
  type KernelCall,
  type KernelRecorder,
  type TransferLabBackend,
  build,
  compilable,
  entries,
  typed,
} from './backend';
import type { Value } from './onnx/values';
import { GraphBuilder } from './ops/kernel';
import type { TensorArray } from './session';
import type { NamedTensors, TensorSpec } from './types';

/** A kernel that cannot join the graph: the program runs op by op instead. */
export class UncompiledKernel extends Error {
  constructor(readonly kernelName: string) {
    super(`${kernelName} cannot be compiled`);
  }
}

/** These share their input's values and only look at shapes. */
const aliases = new Set(['Identity', 'Reshape', 'ExpandDims']);
/** Operators of TensorFlow.js that draw numbers in JavaScript. */
const randomOperator = /^(random|rand|truncatedNormal|multinomial|dropout|stringRandom)/;

/** One pass through `forward`, as a graph. Nothing is computed; shapes alone decide. */
export class Recording implements KernelRecorder {
  readonly graph = new GraphBuilder();
  private readonly values = new WeakMap<object, Value>();
  private readonly variableOf = new Map<object, Variable>();
  private readonly before = new Map<Variable, object>();
  /** Variables that were read, and their inputs of the graph. */
  readonly variables = new Map<Variable, Value>();

  constructor(
    private readonly backend: TransferLabBackend,
    private readonly name: string,
  ) {}

  /**
   * Records `body`. Variables keep their values, whatever the body assigns to them.
   * @param body gets one placeholder for each input; must itself take from the recording what it wants to keep
   */
  record<T>(inputs: Readonly<Record<string, TensorSpec>>, body: (inputs: NamedTensors) => T): T {
    for (const variable of Object.values(engine().registeredVariables)) {
      this.variableOf.set(variable.dataId, variable);
      this.before.set(variable, variable.dataId);
      this.backend.incRef(variable.dataId);
    }
    const placeholders: NamedTensorMap = {};
    for (const [name, spec] of Object.entries(inputs)) placeholders[name] = this.placeholder(name, spec);
    this.backend.recorder = this;
    engine().startScope('record');
    try {
      return body(placeholders);
    } finally {
      engine().endScope();
      this.backend.recorder = undefined;
      this.restoreVariables();
      for (const tensor of Object.values(placeholders)) tensor.dispose();
    }
  }

  /** What the body assigned to a variable; undefined where it left it alone. Only while recording. */
  assigned(): Map<Variable, Value> {
    const changed = [...this.before].filter(([variable, dataId]) => variable.dataId !== dataId);
    return new Map(changed.map(([variable]) => [variable, this.valueOf(variable)]));
  }

  /** The graph's value for a tensor: recorded, a variable, or a constant. */
  valueOf(info: TensorInfo): Value {
    const known = this.values.get(info.dataId) ?? this.variableInput(info.dataId);
    // TensorFlow.js casts constants by giving the same data another dtype.
    if (known?.dtype === info.dtype) return this.graph.reshape(known, info.shape);
    const data = typed(this.backend.data.get(info.dataId).values as TensorArray, info.dtype);
    const constant = this.graph.constant(data.slice(), info.shape, info.dtype as 'float32');
    this.values.set(info.dataId, constant);
    return constant;
  }

  kernel(call: KernelCall): TensorInfo | TensorInfo[] {
    const symbolic = entries(call.inputs).some(([, info]) => this.isSymbolic(info.dataId));
    if (!symbolic) return this.outsideRecording(() => call.plain());
    if (aliases.has(call.kernelName)) return call.plain();
    if (!call.builder || !compilable(call.inputs)) throw new UncompiledKernel(call.kernelName);
    const result = build(call.builder, this.graph, call.inputs, call.attrs, (info) => this.valueOf(info));
    if (!result) throw new UncompiledKernel(call.kernelName);
    return result instanceof Array ? result.map((v: Value) => this.tensor(v)) : this.tensor(result);
  }

  written(): void {
    const scopes = (engine().state as unknown as { scopeStack: { name: string }[] }).scopeStack;
    const random = scopes.find((scope) => randomOperator.test(scope.name));
    if (!random) return;
    const operator = random.name.replace(/__op$/, '');
    throw new LearnerError({
      code: 'random-while-recording',
      message: `${this.name}: tf.${operator} was called while the step was recorded; the same numbers would be used in every step.`,
      remedy: 'Pass the mask or the random numbers as an input of the step.',
    });
  }

  private tensor(value: Value): TensorInfo {
    // A kernel may give a constant (ZerosLike): its values exist already.
    const read = (): TensorArray => this.graph.dataOf(value) ?? this.refuseRead();
    const info = this.backend.deferred(value.shape, value.dtype as DataType, read);
    this.values.set(info.dataId, value);
    return info;
  }

  private placeholder(name: string, spec: TensorSpec): Tensor {
    const value = this.graph.input(`in_${name}`, spec);
    return engine().makeTensorFromTensorInfo(this.tensor(value), this.backend);
  }

  private isSymbolic(dataId: object): boolean {
    const value = this.values.get(dataId);
    if (value) return !this.graph.dataOf(value);
    return this.variableOf.has(dataId);
  }

  private variableInput(dataId: object): Value | undefined {
    const variable = this.variableOf.get(dataId);
    if (!variable) return undefined;
    const dtype = variable.dtype as 'float32';
    const value = this.graph.input(`var_${variable.name}`, { shape: variable.shape, dtype });
    this.values.set(dataId, value);
    this.variables.set(variable, value);
    return value;
  }

  private outsideRecording<T>(run: () => T): T {
    this.backend.recorder = undefined;
    try {
      return run();
    } finally {
      this.backend.recorder = this;
    }
  }

  private refuseRead(): never {
    throw new LearnerError({
      code: 'value-read-while-recording',
      message: `${this.name}: the values of a tensor were read while the step was recorded; they do not exist yet, and a decision based on them would be frozen.`,
      remedy:
        'Use TensorFlow.js operators (tf.where, tf.max) instead of reading values, or return the tensor as an output and read it after the step.',
    });
  }

  private restoreVariables(): void {
    for (const [variable, dataId] of this.before) {
      if (variable.dataId !== dataId) {
        engine().disposeTensor(variable);
        variable.dataId = dataId;
        engine().incRef(variable, this.backend);
      }
      this.backend.decRef(dataId);
    }
  }
}
