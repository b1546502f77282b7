import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sizeOf } from './engine/onnx/values';
import { readSafetensors, toFloat32, writeSafetensors, type SafetensorsEntry } from './weights/safetensors';

/**
 * What a frozen prefix makes of every item: by name ('train', 'train.1' … for further variants of pictures, 'val', 'test'),
 * `[rows, ...itemShape]`. A row is an item or, where a text still has a vector for each of its tokens, a token.
 */
export interface Features {
  readonly itemShape: readonly number[];
  readonly parts: Readonly<Record<string, Float32Array>>;
}

const MEMORY_BYTES = 512 * 1024 * 1024;
const FILE_BYTES = 512 * 1024 * 1024;
const KEPT_FILES = 12;

/** Process-wide, newest last: strategies of one comparison share a prefix. */
const memory = new Map<string, Features>();

/** Names the features by everything they depend on. */
export function featureKey(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 32);
}

/**
 * The features from memory or disk, else computed and kept in both.
 * @param onProblem a cache that cannot be read or written costs time, nothing else
 */
export async function cachedFeatures(
  folder: string,
  key: string,
  compute: () => Promise<Features>,
  onProblem: (text: string) => void,
): Promise<{ features: Features; from: 'memory' | 'disk' | 'computed' }> {
  const known = memory.get(key);
  if (known) return { features: known, from: 'memory' };
  const file = join(folder, `${key}.safetensors`);
  const stored = await readFeatures(file, onProblem);
  const features = stored ?? (await compute());
  remember(key, features);
  if (!stored) {
    try {
      await writeFeatures(folder, file, features);
    } catch (error) {
      onProblem(`The features could not be kept in ${folder}: ${describe(error)}`);
    }
  }
  return { features, from: stored ? 'disk' : 'computed' };
}

/** Drops what is in memory; files stay. */
export function forgetFeatures(): void {
  memory.clear();
}

function remember(key: string, features: Features): void {
  memory.set(key, features);
  let total = [...memory.values()].reduce((sum, entry) => sum + byteLengthOf(entry), 0);
  for (const [oldest, entry] of memory) {
    if (total <= MEMORY_BYTES || oldest === key) break;
    memory.delete(oldest);
    total -= byteLengthOf(entry);
  }
}

async function readFeatures(file: string, onProblem: (text: string) => void): Promise<Features | undefined> {
  try {
    await stat(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onProblem(describe(error));
    return undefined;
  }
  try {
    const { tensors } = await readSafetensors(file);
    const first = [...tensors.values()][0];
    if (!first) return undefined;
    const parts = Object.fromEntries([...tensors].map(([name, entry]) => [name, toFloat32(entry)]));
    return { itemShape: first.shape.slice(1), parts };
  } catch (error) {
    onProblem(`Kept features are unreadable and are computed again: ${describe(error)}`);
    await rm(file, { force: true });
    return undefined;
  }
}

async function writeFeatures(folder: string, file: string, features: Features): Promise<void> {
  if (byteLengthOf(features) > FILE_BYTES) return;
  await mkdir(folder, { recursive: true });
  const itemSize = sizeOf(features.itemShape);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, data] of Object.entries(features.parts)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    tensors.set(name, { dtype: 'F32', shape: [data.length / itemSize, ...features.itemShape], bytes });
  }
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeSafetensors(temporary, tensors);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  await prune(folder);
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((a, b) => b.time - a.time);
  for (const { name } of aged.slice(KEPT_FILES)) await rm(join(folder, name), { force: true });
}

function byteLengthOf({ parts }: Features): number {
  return Object.values(parts).reduce((sum, data) => sum + data.byteLength, 0);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
