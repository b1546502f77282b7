import type { ParameterBuffers } from '../arena';
import type { EmbeddingUpdates, Gradient, RowGradient } from '../types';
import { type Part, fusedAdd, whole } from './fused';

/** A gradient with a value for every value of its variable. @param size of the variable */
export function denseGradient(gradient: Gradient, size: number): Float32Array {
  if (gradient instanceof Float32Array) return gradient;
  return gradient.summed ? gradient.values : spread(gradient, new Float32Array(size));
}

/**
 * Puts a gradient where the update reads it, each row once; a compiled step has written it there already.
 * @param rows of the variable
 * @returns the parts of the variable that are to be updated
 */
export function takeGradient(
  buffers: ParameterBuffers,
  given: Gradient,
  rows: number,
  updates: EmbeddingUpdates,
): readonly Part[] {
  const { gradient } = buffers;
  if (given instanceof Float32Array) {
    put(gradient, given);
    return [whole(buffers)];
  }
  const count = gradient.length / rows;
  const inside = (row: number): boolean => row >= 0 && row < rows;
  if (given.summed) {
    put(gradient, given.values);
    if (updates === 'dense') return [whole(buffers)];
    const used = [...new Set(given.ids)].filter(inside);
    return used.map((row) => ({ at: row * count, gradientAt: row * count, count }));
  }
  if (updates === 'dense') {
    // Copied, since the rows may lie at the beginning of what they are spread over.
    spread({ ...given, values: given.values.slice() }, gradient.fill(0));
    return [whole(buffers)];
  }
  const ids = put(gradient, given.values) ? given.ids.slice() : given.ids;
  const first = new Map<number, number>();
  for (const [index, row] of ids.entries()) {
    if (!inside(row)) continue;
    const earlier = first.get(row);
    if (earlier === undefined) {
      first.set(row, index);
      continue;
    }
    fusedAdd(buffers, earlier * count, index * count, count);
    ids[index] = -1; // It is counted; what lies in place may be taken a second time.
  }
  return Array.from(first, ([row, index]) => ({ at: row * count, gradientAt: index * count, count }));
}

/** @returns whether the values had to be copied */
function put(target: Float32Array, values: Float32Array): boolean {
  if (values.buffer === target.buffer && values.byteOffset === target.byteOffset) return false;
  target.set(values);
  return true;
}

function spread({ ids, values }: RowGradient, table: Float32Array): Float32Array {
  const count = values.length / ids.length;
  for (const [index, row] of ids.entries()) {
    const at = row * count;
    if (row < 0 || at >= table.length) continue;
    for (let i = 0; i < count; i++) table[at + i] = (table[at + i] ?? 0) + (values[index * count + i] ?? 0);
  }
  return table;
}
