import { Graph } from '../onnx/graph';
import { elementTypeCode } from '../onnx/serialize';
import { type ElementType, type Value, broadcastShape, sameShape, sizeOf } from '../onnx/values';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Where a slice ends that takes all the rest, however long an axis is. */
const TO_THE_END = 2 ** 31 - 1;

/** A graph with the operators that most kernels need, each with its shape rule. */
export class GraphBuilder extends Graph {
  /** Sizes that may be others when the graph runs: reshapes do not name them. */
  openSizes: ReadonlySet<number> = new Set();

  /** An operator that keeps shape and dtype: 'Exp', 'Neg'. */
  unary(opType: string, x: Value): Value {
    return this.node(opType, [x], {}, x);
  }

  /** An operator with broadcasting: 'Add', 'Less'. @param dtype of the result; default: that of `a` */
  binary(opType: string, a: Value, b: Value, dtype: ElementType = a.dtype): Value {
    const shape = broadcastShape(a.shape, b.shape);
    return this.withoutEffect(opType, a, b, shape) ?? this.node(opType, [a, b], {}, { shape, dtype });
  }

  /** x op number, where the number takes x's dtype. */
  withScalar(opType: string, x: Value, number: number): Value {
    return this.binary(opType, x, this.scalar(number, x.dtype === 'int32' ? 'int32' : 'float32'));
  }

  /** A reshape of a reshape is one reshape; to the same shape it is nothing. */
  reshape(x: Value, shape: readonly number[]): Value {
    if (sizeOf(shape) !== sizeOf(x.shape))
      throw new Error(`reshape of [${x.shape.join()}] to [${shape.join()}]`);
    const before = this.producer(x);
    const source = before?.opType === 'Reshape' ? before.inputs[0] : undefined;
    if (source) return this.reshape(source, shape);
    if (sameShape(x.shape, shape)) return x;
    const attributes = shape.includes(0) ? { allowzero: 1 } : {};
    const target = this.int64s(this.withoutOpenSizes(x, shape));
    const result = this.node('Reshape', [x, target], attributes, { shape, dtype: x.dtype });
    this.copyUniform(x, result);
    return result;
  }

  /** Moving only axes of length 1 is a reshape; transposing twice is transposing once. */
  transpose(x: Value, perm: readonly number[]): Value {
    const shape = perm.map((axis) => x.shape[axis] ?? 1);
    const moved = perm.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, index) => index === 0 || axis > (moved[index - 1] ?? -1)))
      return this.reshape(x, shape);
    const before = this.producer(x);
    const inner = before?.opType === 'Transpose' ? before.inputs[0] : undefined;
    if (before && inner) {
      const first = before.attributes['perm'] as readonly number[];
      return this.transpose(
        inner,
        perm.map((axis) => first[axis] ?? 0),
      );
    }
    return this.node('Transpose', [x], { perm: [...perm] }, { shape, dtype: x.dtype });
  }

  cast(x: Value, dtype: ElementType): Value {
    if (x.dtype === dtype) return x;
    return this.node('Cast', [x], { to: elementTypeCode(dtype) }, { shape: x.shape, dtype });
  }

  /** Batched matrix product with broadcasting over the leading axes. */
  matMul(a: Value, b: Value, { transposeA = false, transposeB = false }: MatMulOptions = {}): Value {
    const [rowsA, columnsA] = lastTwo(a.shape, transposeA);
    const [rowsB, columnsB] = lastTwo(b.shape, transposeB);
    if (columnsA !== rowsB) throw new Error(`matMul of [${a.shape.join()}] and [${b.shape.join()}]`);
    const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rowsA, columnsB];
    if (!transposeA && !transposeB) return this.node('MatMul', [a, b], {}, { shape, dtype: a.dtype });
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
    return this.node('com.microsoft.FusedMatMul', [a, b], attributes, { shape, dtype: a.dtype });
  }

  /** 'ReduceSum', 'ReduceMean', 'ReduceMax' … over the given axes; no axes means x itself. */
  reduce(opType: string, x: Value, axes: readonly number[], keepDims = false): Value {
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
    if (axes.length === 0) return x;
    return this.node(
      opType,
      [x, this.int64s(axes)],
      { keepdims: keepDims ? 1 : 0 },
      { shape, dtype: x.dtype },
    );
  }

  /** x[begin, begin + size) with steps of 1. */
  slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
    if (sameShape(x.shape, size)) return x;
    const axes = x.shape.map((_, axis) => axis).filter((axis) => x.shape[axis] !== size[axis]);
    const starts = axes.map((axis) => begin[axis] ?? 0);
    const ends = axes.map((axis) => {
      const end = (begin[axis] ?? 0) + (size[axis] ?? 0);
      return this.openSizes.size > 0 && end === x.shape[axis] ? TO_THE_END : end;
    });
    return this.node(
      'Slice',
      [x, this.int64s(starts), this.int64s(ends), this.int64s(axes)],
      {},
      {
        shape: size,
        dtype: x.dtype,
      },
    );
  }

  /** @param paddings `[before, after]` for each axis */
  pad(x: Value, paddings: readonly (readonly [number, number])[], constant = 0): Value {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
    const pads = this.int64s([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])]);
    const fill = this.scalar(
      constant,
      x.dtype === 'float32' ? 'float32' : x.dtype === 'bool' ? 'bool' : 'int32',
    );
    return this.node('Pad', [x, pads, fill], {}, { shape, dtype: x.dtype });
  }

  concat(values: readonly Value[], axis: number): Value {
    const [first] = values;
    if (!first) throw new Error('concat of nothing');
    if (values.length === 1) return first;
    const shape = [...first.shape];
    shape[axis] = values.reduce((sum, value) => sum + (value.shape[axis] ?? 0), 0);
    return this.node('Concat', values, { axis }, { shape, dtype: first.dtype });
  }

  gather(x: Value, indices: Value, axis: number): Value {
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return this.node('Gather', [x, indices], { axis }, { shape, dtype: x.dtype });
  }

  /** Repeats axes of length 1 up to `shape`. */
  expand(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const result = this.node('Expand', [x, this.int64s(shape)], {}, { shape, dtype: x.dtype });
    this.copyUniform(x, result);
    return result;
  }

  where(condition: Value, a: Value, b: Value): Value {
    const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
    return this.node('Where', [condition, a, b], {}, { shape, dtype: a.dtype });
  }

  /** ONNX's 0 takes a size over from the same axis of x; its -1, which may stand once, follows from the others. */
  private withoutOpenSizes(x: Value, shape: readonly number[]): readonly number[] {
    const free = shape.map((size, axis) =>
      !this.openSizes.has(size) ? size : x.shape[axis] === size ? 0 : -1,
    );
    return free.filter((size) => size === -1).length > 1 ? shape : free;
  }

  private copyUniform(from: Value, to: Value): void {
    const number = this.uniformValue(from);
    if (number !== undefined) this.markUniform(to, number);
  }

  /** x + 0, x - 0, x · 1, x / 1, which automatic gradients are full of. */
  private withoutEffect(opType: string, a: Value, b: Value, shape: readonly number[]): Value | undefined {
    const neutral =
      opType === 'Mul' || opType === 'Div' ? 1 : opType === 'Sub' || opType === 'Add' ? 0 : undefined;
    if (neutral === undefined || a.dtype !== b.dtype) return undefined;
    if (this.uniformValue(b) === neutral) return this.expand(this.padRank(a, shape.length), shape);
    const commutes = opType === 'Mul' || opType === 'Add';
    if (commutes && this.uniformValue(a) === neutral)
      return this.expand(this.padRank(b, shape.length), shape);
    return undefined;
  }

  private padRank(x: Value, rank: number): Value {
    if (x.shape.length === rank) return x;
    return this.reshape(x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]);
  }
}

function lastTwo(shape: readonly number[], swap: boolean): [number, number] {
  const rows = shape.at(-2) ?? 1;
  const columns = shape.at(-1) ?? 1;
  return swap ? [columns, rows] : [rows, columns];
}
