import { type TensorInfo, type Variable, engine, tidy } from '@tensorflow/tfjs-core';
import type { Tensor as SessionTensor } from 'onnxruntime-common';
import { LearnerError } from '../../protocol/errors';
import { type TransferLabBackend, typed } from './backend';
import { type NamedOutput, type PlainModel, plainModel, serialize } from './onnx/serialize';
import { type Value, sizeOf } from './onnx/values';
import type { Recording } from './recorder';
import { type NativeLibrary, type Session, type TensorArray, allocate, sessionTensor } from './session';
import type { DataType, NamedData, NamedTensors, ProgramInfo, TensorSpec } from './types';

/** What a program works with: the engine's parts that it needs. */
export interface ProgramHost {
  readonly backend: TransferLabBackend;
  readonly native: NativeLibrary | undefined;
  readonly threads: number;
  readonly profilePrefix?: string;
  /** The values of a variable as they are now. */
  data(variable: Variable): TensorArray;
  /** Where the gradient of a variable shall be written. */
  gradientBuffer(variable: Variable): Float32Array;
}

/** A recorded graph, loaded: inputs and variables in, named outputs out, all in arrays that stay. */
export class Program {
  readonly info: ProgramInfo;
  readonly arrays = new Map<string, TensorArray>();
  private readonly session: Session;
  private readonly feeds: Record<string, SessionTensor> = {};
  private readonly fetches: Record<string, SessionTensor> = {};
  private readonly fed: readonly (readonly [Variable, Value])[];
  private readonly wanted: ReadonlySet<string>;

  /** @param isFed whether a variable that was read may change between runs; the others become constants */
  constructor(
    private readonly host: ProgramHost,
    native: NativeLibrary,
    private readonly name: string,
    private readonly inputs: Readonly<Record<string, TensorSpec>>,
    recording: Recording,
    recordMs: number,
    outputs: readonly NamedOutput[],
    isFed: (variable: Variable) => boolean,
    buffers: ReadonlyMap<string, TensorArray> = new Map(),
  ) {
    const start = performance.now();
    const variables = [...recording.variables];
    const fixed = new Map(
      variables
        .filter(([variable]) => !isFed(variable))
        .map(([variable, value]) => [value, host.data(variable)]),
    );
    const model = plainModel(recording.graph, outputs, fixed);
    this.fed = variables.filter(([, value]) => model.inputs.includes(value));
    this.wanted = new Set(model.inputs.map((value) => value.name));
    this.session = native.createSession(serialize(model, name), {
      threads: host.threads,
      spinning: true,
      ...(host.profilePrefix === undefined ? {} : { profilePrefix: host.profilePrefix }),
    });
    for (const { name: output, value } of outputs) {
      const array = buffers.get(output) ?? allocate(value.dtype, sizeOf(value.shape));
      this.arrays.set(output, array);
      this.fetches[output] = sessionTensor(array, value.shape, value.dtype);
    }
    this.info = {
      nodes: model.nodes.length,
      constantBytes: constantBytes(model),
      recordMs,
      buildMs: performance.now() - start,
      uncompiled: [],
    };
  }

  run(inputs: NamedData): void {
    checkInputs(this.name, this.inputs, inputs);
    for (const [name, spec] of Object.entries(this.inputs))
      if (this.wanted.has(`in_${name}`))
        this.feeds[`in_${name}`] = sessionTensor(inputs[name] as TensorArray, spec.shape, spec.dtype);
    for (const [variable, value] of this.fed) {
      const data = this.host.data(variable);
      // The arrays are read in place, so a tensor is only made anew where the array is another one.
      if (this.feeds[value.name]?.data !== data)
        this.feeds[value.name] = sessionTensor(data, variable.shape, variable.dtype as DataType);
    }
    this.session.run(this.feeds, this.fetches);
  }

  dispose(): void {
    this.session.dispose();
    this.arrays.clear();
  }
}

/**
 * Compares what a caller feeds with what the program was recorded for.
 * @throws {LearnerError} naming the input
 */
export function checkInputs(
  name: string,
  specs: Readonly<Record<string, TensorSpec>>,
  inputs: NamedData,
): void {
  for (const [input, spec] of Object.entries(specs)) {
    const data = inputs[input];
    if (data?.length === sizeOf(spec.shape)) continue;
    throw new LearnerError({
      code: 'wrong-input',
      message: `${name}: input "${input}" ${data ? `has ${data.length} numbers` : 'is missing'}; expected ${spec.dtype} [${spec.shape.join(', ')}], ${sizeOf(spec.shape)} numbers.`,
      remedy: 'Feed every input of the program in the shape that it was compiled for.',
    });
  }
}

/** Runs `body` op by op on real tensors and copies out what it returns. */
export function runOpByOp<T>(
  backend: TransferLabBackend,
  name: string,
  specs: Readonly<Record<string, TensorSpec>>,
  inputs: NamedData,
  body: (inputs: NamedTensors, read: (tensor: TensorInfo) => TensorArray) => T,
): T {
  checkInputs(name, specs, inputs);
  const scope: { result?: T } = {};
  tidy(() => {
    const tensors: NamedTensors = {};
    for (const [input, spec] of Object.entries(specs)) {
      const info = backend.makeTensorInfo([...spec.shape], spec.dtype, inputs[input]);
      tensors[input] = engine().makeTensorFromTensorInfo(info, backend);
    }
    const read = (tensor: TensorInfo): TensorArray =>
      typed(backend.readSync(tensor.dataId) as TensorArray, tensor.dtype).slice();
    scope.result = body(tensors, read);
  });
  return scope.result as T;
}

export function constantBytes(model: PlainModel): number {
  return model.constants.reduce((sum, constant) => sum + constant.data.byteLength, 0);
}
