import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import type { DataType, TensorData } from '../engine/types';
import type { JsonValue, SnapshotTensor, TrainingSnapshot } from '../run-context';
import { encodeSafetensors, parseSafetensors } from '../weights/safetensors';
import type { SafetensorsEntry, SafetensorsType } from '../weights/safetensors';
import { errorCode, realFiles, renamePatiently, syncFolder, writeDurably } from './files';
import type { FileCalls } from './files';

const TENSORS = 'tensors.safetensors';
const META = 'meta.json';
const MANIFEST = 'manifest.json';
const KEPT = 2;
const NAME = /^ckpt-(\d{9})$/;
const SCRAP = /^ckpt-\d+\.tmp-/;

const manifestSchema = z.object({
  version: z.literal(1),
  files: z.record(z.string(), z.object({ size: z.int(), sha256: z.string() })),
});

/**
 * Publishes a snapshot as `checkpoints/ckpt-<step>/`: files, then the manifest with their sizes and hashes, all flushed,
 * then one rename. A crash at any instant leaves the old checkpoints whole and this one either whole or absent.
 * @returns the directory. Older checkpoints are dropped by `dropOldCheckpoints`, after the journal names the new one.
 */
export function writeCheckpoint(
  folder: string,
  snapshot: TrainingSnapshot,
  files: FileCalls = realFiles,
): string {
  const contents: Record<string, Uint8Array> = {
    [TENSORS]: encodeTensors(snapshot.tensors),
    [META]: Buffer.from(JSON.stringify({ step: snapshot.step, meta: snapshot.meta })),
  };
  const manifest = {
    version: 1,
    files: Object.fromEntries(
      Object.entries(contents).map(([name, bytes]) => [
        name,
        { size: bytes.byteLength, sha256: hashOf(bytes) },
      ]),
    ),
  };
  contents[MANIFEST] = Buffer.from(JSON.stringify(manifest));
  const name = `ckpt-${String(snapshot.step).padStart(9, '0')}`;
  return publishFolder(folder, name, contents, files);
}

/** A folder of files under its final name, whole or not at all; one of that name is replaced. */
export function publishFolder(
  parent: string,
  name: string,
  contents: Readonly<Record<string, Uint8Array>>,
  files: FileCalls = realFiles,
): string {
  files.mkdirSync(parent, { recursive: true });
  const target = join(parent, name);
  const temporary = `${target}.tmp-${randomBytes(4).toString('hex')}`;
  try {
    files.mkdirSync(temporary);
    for (const [file, bytes] of Object.entries(contents)) writeDurably(files, join(temporary, file), bytes);
    syncFolder(files, temporary);
    replaceFolder(files, temporary, target);
    syncFolder(files, parent);
  } catch (error) {
    files.rmSync(temporary, { recursive: true, force: true });
    throw error;
  }
  return target;
}

function replaceFolder(files: FileCalls, temporary: string, target: string): void {
  const aside = `${target}.old`;
  files.rmSync(aside, { recursive: true, force: true });
  try {
    files.statSync(target);
    renamePatiently(files, target, aside);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  try {
    renamePatiently(files, temporary, target);
  } catch (error) {
    try {
      files.renameSync(aside, target);
    } catch (second) {
      if (errorCode(second) !== 'ENOENT')
        throw new AggregateError([error, second], 'The old folder could not be put back', { cause: second });
    }
    throw error;
  }
  files.rmSync(aside, { recursive: true, force: true });
}

export function dropOldCheckpoints(folder: string, files: FileCalls = realFiles): void {
  const names = files.readdirSync(folder);
  const whole = names.filter((name) => NAME.test(name)).sort();
  for (const name of [...whole.slice(0, -KEPT), ...names.filter((one) => SCRAP.test(one))]) {
    files.rmSync(join(folder, name), { recursive: true, force: true });
  }
}

export interface FoundCheckpoint {
  /** Absent where there is none that can be used. */
  readonly snapshot?: TrainingSnapshot;
  readonly directory?: string;
  /** Newer ones that could not be used, each with what is wrong with it. */
  readonly refused: readonly { readonly directory: string; readonly reason: string }[];
}

/** The newest checkpoint whose every byte is what was written. */
export function readNewestCheckpoint(folder: string, files: FileCalls = realFiles): FoundCheckpoint {
  let names: string[];
  try {
    names = files.readdirSync(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { refused: [] };
    throw error;
  }
  const refused: { directory: string; reason: string }[] = [];
  // A crash between two renames of one step leaves the older one under ".old".
  const usable = names.filter((name) => NAME.test(name) || /^ckpt-\d{9}\.old$/.test(name));
  for (const name of usable.sort().reverse()) {
    const directory = join(folder, name);
    try {
      return { snapshot: readCheckpoint(directory, files), directory, refused };
    } catch (error) {
      refused.push({ directory, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { refused };
}

export function readCheckpoint(directory: string, files: FileCalls = realFiles): TrainingSnapshot {
  const manifest = manifestSchema.parse(JSON.parse(files.readFileSync(join(directory, MANIFEST), 'utf8')));
  const read = (name: string): Buffer => {
    const expected = manifest.files[name];
    const bytes = files.readFileSync(join(directory, name));
    if (!expected) throw new Error(`${name} is not in its list of files`);
    if (bytes.length !== expected.size)
      throw new Error(`${name} has ${bytes.length} of ${expected.size} bytes`);
    if (hashOf(bytes) !== expected.sha256) throw new Error(`${name} is not what was written`);
    return bytes;
  };
  const { step, meta } = JSON.parse(read(META).toString('utf8')) as { step: number; meta: JsonValue };
  return { step, meta, tensors: decodeTensors(read(TENSORS), join(directory, TENSORS)) };
}

const TYPES: Readonly<Record<DataType, SafetensorsType>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };

export function encodeTensors(tensors: TrainingSnapshot['tensors']): Uint8Array {
  const entries = Object.entries(tensors).map(
    ([name, { shape, dtype, data }]): [string, SafetensorsEntry] => [
      name,
      { dtype: TYPES[dtype], shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) },
    ],
  );
  return encodeSafetensors(new Map(entries));
}

function decodeTensors(bytes: Uint8Array, file: string): Record<string, SnapshotTensor> {
  const { tensors } = parseSafetensors(bytes, file);
  return Object.fromEntries([...tensors].map(([name, entry]) => [name, decodeTensor(entry)]));
}

function decodeTensor({ dtype, shape, bytes }: SafetensorsEntry): SnapshotTensor {
  const own = Uint8Array.from(bytes);
  const of = (type: DataType, data: TensorData): SnapshotTensor => ({ shape, dtype: type, data });
  if (dtype === 'F32') return of('float32', new Float32Array(own.buffer));
  if (dtype === 'I32') return of('int32', new Int32Array(own.buffer));
  if (dtype === 'BOOL') return of('bool', own);
  throw new Error(`a tensor is stored as ${dtype}`);
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
