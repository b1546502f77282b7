import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';

/**
 * The safetensors format: 8 bytes of header length (little endian), a JSON header, the tensors' bytes.
 * This reader is stricter than the reference one: besides overlaps, holes and trailing bytes it refuses duplicate names
 * (JSON.parse would keep the last) and numbers that a double cannot hold.
 */
export const BYTES_PER_ELEMENT = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsType = keyof typeof BYTES_PER_ELEMENT;

export interface SafetensorsEntry {
  readonly dtype: SafetensorsType;
  readonly shape: readonly number[];
  /** Little endian, as in the file. */
  readonly bytes: Uint8Array;
  /** One number for each row (slice along the first axis) that its elements are multiplied by: see row-scales.ts. */
  readonly rowScales?: SafetensorsEntry;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

const MAX_HEADER_BYTES = 100 * 1024 * 1024;
/** One read call takes at most 2 GB. */
const MAX_READ = 2 ** 30;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());

/** @throws {LearnerError} 'weights-unreadable', naming file and reason */
export async function readSafetensors(file: string): Promise<Safetensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw damaged(file, `cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  }
  return parseSafetensors(bytes, file);
}

/**
 * Reads the header only; a tensor's bytes are read anew each time that they are asked for, so that a model of half a
 * gigabyte is never in memory twice.
 * @throws {LearnerError} 'weights-unreadable', naming file and reason
 */
export function openSafetensors(file: string): Safetensors {
  const size = reading(file, (fd) => fstatSync(fd).size);
  const part = (start: number, length: number): Uint8Array<ArrayBuffer> =>
    reading(file, (fd) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length;) {
        const count = readSync(fd, bytes, done, Math.min(length - done, MAX_READ), start + done);
        if (count === 0) throw damaged(file, `became shorter than ${size} bytes while it was read`);
        done += count;
      }
      return bytes;
    });
  const headerBytes = headerLength(part(0, Math.min(8, size)), size, file);
  const header = parseHeader(part(8, headerBytes), file);
  const start = 8 + headerBytes;
  return readEntries(header, size - start, file, (entry, from, to) => ({
    ...entry,
    get bytes() {
      return part(start + from, to - from);
    },
  }));
}

function reading<T>(file: string, read: (fd: number) => T): T {
  let fd: number | undefined;
  try {
    fd = openSync(file, 'r');
    return read(fd);
  } catch (error) {
    if (error instanceof LearnerError) throw error;
    throw damaged(file, `cannot be read (${error instanceof Error ? error.message : String(error)})`, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** @param file said in errors */
export function parseSafetensors(bytes: Uint8Array, file: string): Safetensors {
  const headerBytes = headerLength(bytes, bytes.byteLength, file);
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes), file);
  const data = bytes.subarray(8 + headerBytes);
  return readEntries(header, data.byteLength, file, (entry, start, end) => ({
    ...entry,
    bytes: data.subarray(start, end),
  }));
}

/** @param bytes the file's beginning @param size of the whole file */
function headerLength(bytes: Uint8Array, size: number, file: string): number {
  if (bytes.byteLength < 8) throw damaged(file, `has ${size} bytes, too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = view.getBigUint64(0, true);
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    throw damaged(file, `says its header has ${declared.toString()} bytes; at most 100 MB are allowed`);
  }
  const headerBytes = Number(declared);
  if (8 + headerBytes > size) {
    throw damaged(file, `ends inside its header (${headerBytes} bytes promised, ${size - 8} there)`);
  }
  return headerBytes;
}

function parseHeader(bytes: Uint8Array, file: string): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw damaged(file, 'has a header that is not JSON', error);
  }
  if (!text.startsWith('{') || typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw damaged(file, 'has a header that is not a JSON object');
  }
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined) throw damaged(file, `names "${duplicate}" twice in its header`);
  return header as Record<string, unknown>;
}

/**
 * The first name that an object of this (valid) JSON text holds twice, at any depth.
 * A string is a key when a colon follows it.
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs;
  for (const match of text.matchAll(token)) {
    const [found, colon] = match;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(found.slice(0, found.length - colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

function readEntries(
  header: Record<string, unknown>,
  dataBytes: number,
  file: string,
  make: (entry: Pick<SafetensorsEntry, 'dtype' | 'shape'>, start: number, end: number) => SafetensorsEntry,
): Safetensors {
  const tensors = new Map<string, SafetensorsEntry>();
  const spans: { name: string; start: number; end: number }[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      const parsed = metadataSchema.safeParse(value);
      if (!parsed.success) throw damaged(file, 'has metadata that are not text');
      metadata = parsed.data;
      continue;
    }
    const parsed = entrySchema.safeParse(value);
    if (!parsed.success) throw damaged(file, `describes tensor "${name}" in a form that cannot be read`);
    const { dtype, shape, data_offsets } = parsed.data;
    if (!(dtype in BYTES_PER_ELEMENT))
      throw damaged(file, `stores tensor "${name}" as ${dtype}, which is not supported`);
    const [start, end] = data_offsets;
    const size = shape.reduce(
      (product, length) => product * length,
      BYTES_PER_ELEMENT[dtype as SafetensorsType],
    );
    if (!Number.isSafeInteger(size) || end - start !== size) {
      throw damaged(
        file,
        `gives tensor "${name}" [${shape.join(', ')}] ${end - start} bytes instead of ${size}`,
      );
    }
    if (end > dataBytes) throw damaged(file, `ends inside tensor "${name}"`);
    spans.push({ name, start, end });
    tensors.set(name, make({ dtype: dtype as SafetensorsType, shape }, start, end));
  }
  spans.sort((a, b) => a.start - b.start || a.end - b.end);
  let position = 0;
  for (const { name, start, end } of spans) {
    if (start < position) throw damaged(file, `lets tensor "${name}" overlap the one before it`);
    if (start > position)
      throw damaged(file, `leaves ${start - position} bytes unused before tensor "${name}"`);
    position = end;
  }
  if (position !== dataBytes) {
    throw damaged(file, `has ${dataBytes - position} bytes after its last tensor`);
  }
  return { tensors, metadata };
}

/** Any floating or integer tensor as float32; F64 and I64 lose what float32 cannot hold. */
export function toFloat32({ rowScales, ...entry }: SafetensorsEntry): Float32Array {
  const values = elements(entry);
  if (rowScales === undefined) return values;
  const scales = toFloat32(rowScales);
  const columns = values.length / scales.length;
  for (const [row, scale] of scales.entries()) {
    for (let index = row * columns; index < (row + 1) * columns; index++) {
      values[index] = (values[index] ?? 0) * scale;
    }
  }
  return values;
}

function elements({ dtype, bytes }: SafetensorsEntry): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / BYTES_PER_ELEMENT[dtype];
  const out = new Float32Array(count);
  if (dtype === 'F32') {
    new Uint8Array(out.buffer).set(bytes); // every platform that Node runs on is little endian
    return out;
  }
  const read = elementReader(dtype, view);
  for (let index = 0; index < count; index++) out[index] = read(index);
  return out;
}

/** The value of each of the 65,536 half precision numbers: a network has millions of them. */
let halves: Float32Array | undefined;

function elementReader(dtype: SafetensorsType, view: DataView): (index: number) => number {
  switch (dtype) {
    case 'F64':
      return (i) => view.getFloat64(8 * i, true);
    case 'F32':
      return (i) => view.getFloat32(4 * i, true);
    case 'F16': {
      halves ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToNumber(bits));
      const table = halves;
      return (i) => table[view.getUint16(2 * i, true)] ?? NaN;
    }
    case 'BF16': {
      const bits = new DataView(new ArrayBuffer(4));
      return (i) => {
        bits.setUint32(0, view.getUint16(2 * i, true) << 16);
        return bits.getFloat32(0);
      };
    }
    case 'I64':
      return (i) => Number(view.getBigInt64(8 * i, true));
    case 'I32':
      return (i) => view.getInt32(4 * i, true);
    case 'I16':
      return (i) => view.getInt16(2 * i, true);
    case 'I8':
      return (i) => view.getInt8(i);
    case 'U8':
    case 'BOOL':
      return (i) => view.getUint8(i);
  }
}

/** IEEE 754 half precision. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The file as one buffer: names sorted by alignment, then by name, header padded so that data begin at a multiple of 8. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = [...tensors].sort(
    ([a, x], [b, y]) => BYTES_PER_ELEMENT[y.dtype] - BYTES_PER_ELEMENT[x.dtype] || (a < b ? -1 : 1),
  );
  const header: Record<string, unknown> = {};
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let position = 0;
  for (const [name, { dtype, shape, bytes }] of entries) {
    header[name] = { dtype, shape, data_offsets: [position, position + bytes.byteLength] };
    position += bytes.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.byteLength / 8) * 8;
  const out = new Uint8Array(8 + padded + position).fill(0x20, 8, 8 + padded);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.set(text, 8);
  let offset = 8 + padded;
  for (const [, { bytes }] of entries) {
    out.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return out;
}

/** Writes and flushes; publishing by rename is the caller's. */
export async function writeSafetensors(
  file: string,
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(encodeSafetensors(tensors, metadata));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function damaged(file: string, reason: string, cause?: unknown): LearnerError {
  return new LearnerError(
    {
      code: 'weights-unreadable',
      message: `${file} ${reason}.`,
      remedy: 'Get the file again, or choose other weights.',
    },
    { cause },
  );
}
