import type { Tensor as SessionTensor } from 'onnxruntime-common';
import type { Variable } from '@tensorflow/tfjs-core';
import { type NamedOutput, type PlainModel, plainModel, serialize } from './onnx/serialize';
import { type Value, sizeOf } from './onnx/values';
import { type ProgramHost, checkInputs, constantBytes, runOpByOp } from './program';
import { Recording, UncompiledKernel } from './recorder';
import { type NativeLibrary, type TensorArray, allocate, sessionTensor } from './session';
import type { DataType, NamedData, OpenFunction, OpenFunctionSpec, Sizes, TensorData } from './types';

/** Sizes that the two recordings are made with: primes, so that no product or sum of them is taken for one of them. */
const PRIMES = [
  [37, 53],
  [41, 59],
  [43, 61],
  [47, 67],
] as const;

/**
 * Records a function twice, with different sizes. Where both give the same graph, it holds for any sizes, and one loaded graph
 * with one copy of its constants serves them all.
 * @throws {Error} naming what differs, where a size got into the graph
 */
export function compileOpenFunction(host: ProgramHost, spec: OpenFunctionSpec): OpenFunction {
  const { native } = host;
  if (!native) return openOpByOp(host, spec, []);
  try {
    return load(host, native, spec);
  } catch (error) {
    if (error instanceof UncompiledKernel) return openOpByOp(host, spec, [error.kernelName]);
    throw error;
  }
}

interface Recorded {
  readonly sizes: Sizes;
  readonly recording: Recording;
  readonly outputs: readonly NamedOutput[];
}

function load(host: ProgramHost, native: NativeLibrary, spec: OpenFunctionSpec): OpenFunction {
  const start = performance.now();
  const first = record(host, spec, 0);
  const second = record(host, spec, 1);
  const recordMs = performance.now() - start;
  const fed = new Set<Variable>(spec.fed === 'all' ? first.recording.variables.keys() : (spec.fed ?? []));
  const modelOf = ({ recording, outputs }: Recorded): PlainModel =>
    plainModel(
      recording.graph,
      outputs,
      new Map(
        [...recording.variables]
          .filter(([variable]) => !fed.has(variable))
          .map(([variable, value]) => [value, host.data(variable)]),
      ),
    );
  const [model, other] = [modelOf(first), modelOf(second)];
  requireSame(spec.name, model, other);
  const axes = new Map<string, Axes>();
  const pairs = [
    ...model.inputs.map((value, index) => [value, other.inputs[index]] as const),
    ...model.outputs.map(({ value }, index) => [value, other.outputs[index]?.value] as const),
  ];
  for (const [value, twin] of pairs) axes.set(value.name, axesOf(value, twin, first.sizes));
  const open = (value: Value): Axes => axes.get(value.name) ?? value.shape;
  const session = native.createSession(serialize(model, spec.name, open), {
    threads: host.threads,
    spinning: true,
    ...(host.profilePrefix === undefined ? {} : { profilePrefix: host.profilePrefix }),
  });
  const wanted = new Set(model.inputs.map(({ name }) => name));
  const variables = [...first.recording.variables].filter(([, { name }]) => wanted.has(name));
  const feeds: Record<string, SessionTensor> = {};
  const kept = new Map<string, TensorArray>();
  return {
    info: {
      nodes: model.nodes.length,
      constantBytes: constantBytes(model),
      recordMs,
      buildMs: performance.now() - start - recordMs,
      uncompiled: [],
    },
    run(sizes, inputs) {
      const specs = spec.inputs(sizes);
      checkInputs(spec.name, specs, inputs);
      for (const [name, { shape, dtype }] of Object.entries(specs))
        if (wanted.has(`in_${name}`))
          feeds[`in_${name}`] = sessionTensor(inputs[name] as TensorArray, shape, dtype);
      for (const [variable, { name }] of variables) {
        const data = host.data(variable);
        if (feeds[name]?.data !== data)
          feeds[name] = sessionTensor(data, variable.shape, variable.dtype as DataType);
      }
      const fetches: Record<string, SessionTensor> = {};
      const results: NamedData = {};
      for (const { name, value } of model.outputs) {
        const shape = open(value).map((axis) => (typeof axis === 'number' ? axis : (sizes[axis] ?? 0)));
        const array = roomFor(kept, name, value, sizeOf(shape));
        fetches[name] = sessionTensor(array, shape, value.dtype);
        results[name.slice('out_'.length)] = array as TensorData;
      }
      session.run(feeds, fetches);
      return results;
    },
    dispose: () => {
      session.dispose();
      kept.clear();
    },
  };
}

/** The beginning of an array that is kept, and that grows when it must. */
function roomFor(
  kept: Map<string, TensorArray>,
  name: string,
  { dtype }: Value,
  length: number,
): TensorArray {
  let array = kept.get(name);
  if (!array || array.length < length) kept.set(name, (array = allocate(dtype, length)));
  return array.length === length ? array : array.subarray(0, length);
}

function record(host: ProgramHost, spec: OpenFunctionSpec, which: 0 | 1): Recorded {
  const sizes = Object.fromEntries(spec.sizes.map((name, index) => [name, PRIMES[index]?.[which] ?? 0]));
  const recording = new Recording(host.backend, spec.name);
  recording.graph.openSizes = new Set(Object.values(sizes));
  const outputs: NamedOutput[] = [];
  recording.record(spec.inputs(sizes), (inputs) => {
    for (const [name, tensor] of Object.entries(spec.run(inputs)))
      outputs.push({ name: `out_${name}`, value: recording.valueOf(tensor) });
  });
  return { sizes, recording, outputs };
}

type Axes = readonly (number | string)[];

/** A shape with the names of sizes where the two recordings differ. */
function axesOf({ shape }: Value, twin: Value | undefined, sizes: Sizes): Axes {
  return shape.map((axis, index) => {
    if (twin?.shape[index] === axis) return axis;
    return Object.entries(sizes).find(([, size]) => size === axis)?.[0] ?? axis;
  });
}

function requireSame(name: string, a: PlainModel, b: PlainModel): void {
  const nodes = (model: PlainModel): string[] =>
    model.nodes.map(({ opType, inputs, outputs, attributes }) =>
      JSON.stringify([opType, inputs.map((x) => x?.name), outputs.map((x) => x.name), attributes]),
    );
  const constants = (model: PlainModel): string[] =>
    model.constants.map(({ name: constant, data, shape }) =>
      // Weights are the same arrays in both.
      data.byteLength > 2 ** 16
        ? `${constant} [${shape.join()}] ${data.byteLength}`
        : `${constant} [${shape.join()}] ${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')}`,
    );
  for (const list of [nodes, constants]) {
    const [one, two] = [list(a), list(b)];
    const at = one.findIndex((text, index) => text !== two[index]);
    if (at < 0 && one.length === two.length) continue;
    throw new Error(
      `${name}: the graph is another one for other sizes: ${one[at]?.slice(0, 300)} / ${two[at]?.slice(0, 300)}`,
    );
  }
}

function openOpByOp(host: ProgramHost, spec: OpenFunctionSpec, uncompiled: readonly string[]): OpenFunction {
  return {
    info: { nodes: 0, constantBytes: 0, recordMs: 0, buildMs: 0, uncompiled },
    run: (sizes, data) =>
      runOpByOp(host.backend, spec.name, spec.inputs(sizes), data, (inputs, read) =>
        Object.fromEntries(
          Object.entries(spec.run(inputs)).map(([name, tensor]) => [name, read(tensor) as TensorData]),
        ),
      ),
    dispose: () => undefined,
  };
}
