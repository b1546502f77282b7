import { create, toBinary } from '@bufbuild/protobuf';
import { LearnerError } from '../../../protocol/errors';
import type { Graph } from './graph';
import {
  type AttributeProto,
  AttributeProto_AttributeType as Type,
  AttributeProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb';
import type { AttributeValue, ElementType, GraphNode, Value } from './values';

const ELEMENT_TYPES: Record<ElementType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

/** One protobuf message cannot be longer: its length is a signed 32-bit number. */
const LONGEST_MODEL = 2 ** 31 - 2 ** 20;

export interface NamedOutput {
  readonly name: string;
  readonly value: Value;
}

/** What a constant is called in the graph and which bytes it holds. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  readonly data: ArrayBufferView;
}

/** The parts of a graph that are really needed, under their final names. */
export interface PlainModel {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly NamedOutput[];
  readonly constants: readonly StoredTensor[];
}

/** The code of a dtype in ONNX's files. */
export function elementTypeCode(dtype: ElementType): number {
  return ELEMENT_TYPES[dtype];
}

/**
 * Drops what no output needs and names the rest. An output is written by its own last node, without a copy;
 * only inputs, constants and values that are outputs twice are copied by an Identity node.
 * @param fixed inputs that are constants after all, with their data
 */
export function plainModel(
  graph: Graph,
  outputs: readonly NamedOutput[],
  fixed: ReadonlyMap<Value, ArrayBufferView> = new Map(),
): PlainModel {
  const needed = new Set<Value>(outputs.map((output) => output.value));
  const kept: GraphNode[] = [];
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = graph.nodes[index] as GraphNode;
    if (!node.outputs.some((value) => needed.has(value))) continue;
    kept.push(node);
    for (const input of node.inputs) if (input) needed.add(input);
  }
  kept.reverse();
  const renamed = new Map<Value, string>();
  const copies: GraphNode[] = [];
  const named: NamedOutput[] = [];
  for (const { name, value } of outputs) {
    const output: Value = { name, shape: value.shape, dtype: value.dtype };
    named.push({ name, value: output });
    if (graph.producer(value) && !renamed.has(value)) renamed.set(value, name);
    else copies.push({ opType: 'Identity', inputs: [value], attributes: {}, outputs: [output] });
  }
  const rename = (value: Value): Value => {
    const name = renamed.get(value);
    return name === undefined ? value : { ...value, name };
  };
  const nodes = [...kept, ...copies].map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => input && rename(input)),
    outputs: node.outputs.map(rename),
  }));
  const constants = graph.constants
    .filter(({ value }) => needed.has(value))
    .map(({ value, data }) => ({ name: value.name, shape: value.shape, dtype: value.dtype, data }));
  for (const [value, data] of fixed)
    if (needed.has(value))
      constants.push({ name: value.name, shape: value.shape, dtype: value.dtype, data: data as never });
  return {
    nodes,
    inputs: graph.inputs.filter((value) => needed.has(value) && !fixed.has(value)),
    outputs: named,
    constants,
  };
}

/** A shape for a file: names stand for sizes that only a run tells. */
export type OpenShape = (value: Value) => readonly (number | string)[];

/**
 * The model as the bytes of an ONNX file.
 * @throws {LearnerError} if it would be 2 GB or more
 */
export function serialize(
  model: PlainModel,
  name: string,
  shapeOf: OpenShape = ({ shape }) => shape,
): Uint8Array {
  const bytes = model.constants.reduce((sum, constant) => sum + constant.data.byteLength, 0);
  if (bytes > LONGEST_MODEL)
    throw new LearnerError({
      code: 'graph-too-large',
      message: `${name}: the graph holds ${Math.round(bytes / 2 ** 20)} MB of constants; one graph can hold ${LONGEST_MODEL / 2 ** 20} MB.`,
      remedy: 'Feed some of the frozen weights instead of building them in, or take a smaller model.',
    });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: 'transfer-lab',
      opsetImport: [
        { domain: '', version: 18n },
        { domain: 'com.microsoft', version: 1n },
      ],
      graph: {
        name,
        node: model.nodes.map((node) => ({
          input: node.inputs.map((input) => input?.name ?? ''),
          output: node.outputs.map((output) => output.name),
          opType: node.opType.slice(node.opType.lastIndexOf('.') + 1),
          domain: node.opType.slice(0, Math.max(0, node.opType.lastIndexOf('.'))),
          attribute: Object.entries(node.attributes).map(([key, value]) => attribute(key, value)),
        })),
        input: model.inputs.map((value) => valueInfo(value, shapeOf(value))),
        output: model.outputs.map(({ value }) => valueInfo(value, shapeOf(value))),
        initializer: model.constants.map(tensor),
      },
    }),
  );
}

function valueInfo({ name, dtype }: Value, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) =>
    typeof size === 'string'
      ? { value: { case: 'dimParam' as const, value: size } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: ELEMENT_TYPES[dtype], shape: { dim } } } },
  });
}

function tensor({ name, shape, dtype, data }: StoredTensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: ELEMENT_TYPES[dtype],
    rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  });
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string')
    return create(AttributeProtoSchema, { name, type: Type.STRING, s: new TextEncoder().encode(value) });
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: Type.INT, i: BigInt(value) });
  if (Array.isArray(value))
    return create(AttributeProtoSchema, { name, type: Type.INTS, ints: (value as number[]).map(BigInt) });
  if ('float' in value) return create(AttributeProtoSchema, { name, type: Type.FLOAT, f: value.float });
  if ('floats' in value)
    return create(AttributeProtoSchema, { name, type: Type.FLOATS, floats: [...value.floats] });
  const { tensor: numbers, dtype } = value as { tensor: readonly number[]; dtype: ElementType };
  const t = tensor({ name: '', shape: [numbers.length], dtype, data: typedArray(numbers, dtype) });
  return create(AttributeProtoSchema, { name, type: Type.TENSOR, t });
}

function typedArray(numbers: readonly number[], dtype: ElementType): ArrayBufferView {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(numbers, BigInt);
    case 'bool':
      return Uint8Array.from(numbers);
  }
}
