import { LearnerError } from '../../protocol/errors';
import type { Safetensors, SafetensorsEntry } from './safetensors';

const SUFFIX = '.scale';

/**
 * Matrices may be stored as 8-bit integers: tensor `X` (I8, [rows, columns]) with `X.scale` (F16 or F32, [rows]) stands for
 * the matrix whose row r is X[r] times X.scale[r]. This joins the two: the result has X alone, with its `rowScales`, which
 * `toFloat32` applies. An I8 tensor without scales stays a tensor of integers.
 * @param title said in errors
 * @throws {LearnerError} 'weights-unreadable' if scales are of another type or count than the rows
 */
export function joinRowScales(content: Safetensors, title: string): Safetensors {
  const tensors = new Map(content.tensors);
  for (const [name, entry] of content.tensors) {
    const rowScales = content.tensors.get(name + SUFFIX);
    if (entry.dtype !== 'I8' || rowScales === undefined) continue;
    const rows = entry.shape[0];
    const fits = ['F16', 'F32'].includes(rowScales.dtype) && rowScales.shape.join() === String(rows);
    if (!fits) {
      throw new LearnerError({
        code: 'weights-unreadable',
        message: `${title} gives "${name}" [${entry.shape.join(', ')}] the scales ${describe(rowScales)}; expected one F16 or F32 for each row.`,
        remedy: 'Get the file again, or choose other weights.',
      });
    }
    tensors.set(name, { ...entry, rowScales });
    tensors.delete(name + SUFFIX);
  }
  return { ...content, tensors };
}

const describe = ({ dtype, shape }: SafetensorsEntry): string => `${dtype} [${shape.join(', ')}]`;
