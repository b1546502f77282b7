import { readFile, realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};
const MAX_BYTES = 2_000_000;

/**
 * A picture as a data: address.
 * @param allowed files that the run itself named; anything else is refused, wherever it lies
 */
export async function pictureAddress(
  file: string,
  allowed: ReadonlySet<string>,
  folder: string,
): Promise<string | undefined> {
  if (!allowed.has(file)) return undefined;
  const type = TYPES[path.extname(file).toLowerCase()];
  if (type === undefined) return undefined;
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(folder)]);
    const inside = path.relative(root, real);
    if (inside.startsWith('..') || path.isAbsolute(inside)) return undefined;
    const { size } = await stat(real);
    return size > MAX_BYTES ? undefined : `data:${type};base64,${(await readFile(real)).toString('base64')}`;
  } catch {
    return undefined; // The file is gone: the view says so.
  }
}
