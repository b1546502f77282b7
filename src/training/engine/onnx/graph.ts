import { type AttributeValue, type ElementType, type GraphNode, type Value, sizeOf } from './values';

type Data = Float32Array | Int32Array | Uint8Array | BigInt64Array;

/** Constants up to this many elements are compared by value, so that equal ones are kept once. */
const SMALL = 1024;
/** Repetitions of one value longer than this are built by ConstantOfShape instead of being stored. */
const LONG_REPETITION = 1024;

export interface OutputSpec {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

export interface GraphConstant {
  readonly value: Value;
  readonly data: Data;
}

/**
 * An ONNX graph under construction. All shapes are known. A node that would repeat an earlier one
 * (same operator, inputs and attributes) is that earlier one, so builders may ask for the same thing twice.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs: Value[] = [];
  readonly constants: GraphConstant[] = [];
  private readonly seen = new Map<string, readonly Value[]>();
  private readonly producers = new Map<Value, GraphNode>();
  private readonly constantData = new Map<Value, Data>();
  private readonly uniform = new Map<Value, number>();
  private readonly known = new Map<string, Value>();
  private count = 0;

  input(name: string, spec: OutputSpec): Value {
    const value: Value = { name, shape: [...spec.shape], dtype: spec.dtype };
    this.inputs.push(value);
    return value;
  }

  /** One node with one output. `opType` may carry a domain: 'com.microsoft.FusedMatMul'. */
  node(
    opType: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>>,
    output: OutputSpec,
  ): Value {
    return this.nodeWithOutputs(opType, inputs, attributes, [output])[0] as Value;
  }

  /** One node with several outputs, in ONNX's order. */
  nodeWithOutputs(
    opType: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>>,
    outputs: readonly OutputSpec[],
  ): readonly Value[] {
    const shapes = outputs.map((output) => `${output.dtype}[${output.shape.join()}]`).join(';');
    const names = inputs.map((input) => input?.name ?? '').join();
    const key = `${opType}(${names})${JSON.stringify(attributes)}${shapes}`;
    const earlier = this.seen.get(key);
    if (earlier) return earlier;
    const values = outputs.map((output) => this.newValue(output));
    const node: GraphNode = { opType, inputs: [...inputs], attributes, outputs: values };
    this.nodes.push(node);
    for (const value of values) this.producers.set(value, node);
    this.seen.set(key, values);
    return values;
  }

  /** A tensor stored in the graph. Equal small constants are stored once. */
  constant(data: Data, shape: readonly number[], dtype: ElementType): Value {
    if (data.length !== sizeOf(shape))
      throw new Error(`constant of ${data.length} elements for shape [${shape.join()}]`);
    const uniform = uniformValue(data);
    if (uniform !== undefined && data.length > LONG_REPETITION) return this.repeated(uniform, shape, dtype);
    const make = (): Value => {
      const value = this.newValue({ shape, dtype });
      this.constants.push({ value, data });
      this.constantData.set(value, data);
      if (uniform !== undefined) this.uniform.set(value, uniform);
      return value;
    };
    if (data.length > SMALL) return make();
    return this.once(`${dtype}[${shape.join()}]=${bytesKey(data)}`, make);
  }

  /** A larger constant that several nodes need, such as an index table: made once for each key. */
  constantOnce(key: string, shape: readonly number[], dtype: ElementType, make: () => Data): Value {
    return this.once(`table ${dtype}[${shape.join()}] ${key}`, () => this.constant(make(), shape, dtype));
  }

  scalar(value: number, dtype: 'float32' | 'int32' | 'bool' = 'float32'): Value {
    const data =
      dtype === 'float32'
        ? Float32Array.of(value)
        : dtype === 'int32'
          ? Int32Array.of(value)
          : Uint8Array.of(value);
    return this.constant(data, [], dtype);
  }

  /** A vector of int64, which ONNX wants for shapes, axes, starts and ends. */
  int64s(values: readonly number[]): Value {
    return this.constant(
      BigInt64Array.from(values, (v) => BigInt(v)),
      [values.length],
      'int64',
    );
  }

  /** The node that computes a value; undefined for inputs and constants. */
  producer(value: Value): GraphNode | undefined {
    return this.producers.get(value);
  }

  /** The data of a constant; undefined for everything else. */
  dataOf(value: Value): Data | undefined {
    return this.constantData.get(value);
  }

  /** The number that every element of a constant equals; undefined where there is none or it is not known. */
  uniformValue(value: Value): number | undefined {
    return this.uniform.get(value);
  }

  /** Notes that a computed value repeats one number, for example a broadcast constant. */
  markUniform(value: Value, number: number): void {
    this.uniform.set(value, number);
  }

  private repeated(number: number, shape: readonly number[], dtype: ElementType): Value {
    const value = this.node(
      'ConstantOfShape',
      [this.int64s(shape)],
      { value: { tensor: [number], dtype } },
      { shape, dtype },
    );
    this.uniform.set(value, number);
    return value;
  }

  private once(key: string, make: () => Value): Value {
    const known = this.known.get(key);
    if (known) return known;
    const value = make();
    this.known.set(key, value);
    return value;
  }

  private newValue({ shape, dtype }: OutputSpec): Value {
    return { name: `v${this.count++}`, shape: [...shape], dtype };
  }
}

function uniformValue(data: Data): number | undefined {
  const first = data[0];
  if (first === undefined) return undefined;
  for (const element of data) if (!Object.is(element, first)) return undefined;
  return Number(first);
}

function bytesKey(data: Data): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
}
