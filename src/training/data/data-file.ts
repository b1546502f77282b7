import { readFile, stat } from 'node:fs/promises';
import { LearnerError } from '../../protocol/errors';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export interface DataText {
  /** Without its byte order mark. */
  readonly text: string;
  readonly encoding: TextEncoding;
}

export interface DataFileOptions {
  /** How errors begin: 'The CSV file'. */
  readonly what: string;
  /** Codes are this and -missing, -unreadable or -invalid. */
  readonly code: string;
  /** Where no file is there. */
  readonly remedy: string;
  readonly maxBytes: number;
}

/**
 * A whole text file. What is no regular file is not opened: reading a pipe would wait for ever.
 * @throws {LearnerError}
 */
export async function readDataFile(file: string, options: DataFileOptions): Promise<DataText> {
  const { what, code, remedy, maxBytes } = options;
  const refuse = (reason: string, todo: string): LearnerError =>
    new LearnerError({ code: `${code}-invalid`, message: `${what} ${file} ${reason}.`, remedy: todo });
  let bytes: Uint8Array;
  try {
    const found = await stat(file);
    if (!found.isFile()) throw refuse('is no regular file', 'Give the path of a file with text.');
    if (found.size > maxBytes)
      throw refuse(
        `has ${Math.ceil(found.size / 2 ** 20)} MB`,
        `Split it: ${Math.round(maxBytes / 2 ** 20)} MB is the most that is read.`,
      );
    bytes = await readFile(file);
  } catch (error) {
    if (error instanceof LearnerError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    const missing = reason === 'ENOENT';
    throw new LearnerError(
      {
        code: `${code}-${missing ? 'missing' : 'unreadable'}`,
        message: `${what} ${file} ${missing ? 'does not exist' : `cannot be read (${reason})`}.`,
        remedy,
      },
      { cause: error },
    );
  }
  const decoded = decodeText(bytes);
  if (decoded) return decoded;
  throw refuse('is no text: it has bytes that no text has', 'Save it as text in UTF-8.');
}

/** Of bytes that are not UTF-8: what only pictures, archives and the like have. */
const isBinary = (byte: number): boolean =>
  byte < 9 || (byte > 13 && byte < 32 && byte !== 26 && byte !== 27);

/**
 * By the byte order mark; without one UTF-16 where every other byte is zero, else UTF-8 where all bytes fit, else
 * Windows-1252, which older programs write. Undefined for bytes that are no text.
 */
export function decodeText(bytes: Uint8Array): DataText | undefined {
  const utf16 = utf16Of(bytes);
  if (utf16) return { text: new TextDecoder(utf16).decode(bytes), encoding: utf16 };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    if (bytes.some(isBinary)) return undefined;
    return { text: decodeWindows1252(bytes), encoding: 'windows-1252' };
  }
}

/** Bytes 0x80 to 0x9f; a replacement sign where the code page has none. */
const WINDOWS_1252 = '€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ';

/** Node 20's TextDecoder reads these bytes as Latin-1 has them: control characters in place of dashes and quotes. */
function decodeWindows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (byte) => WINDOWS_1252[byte.charCodeAt(0) - 0x80] ?? byte);
}

function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (bytes.length < 4 || bytes.length % 2 === 1) return undefined;
  if (a !== 0 && b === 0 && c !== 0 && d === 0) return 'utf-16le';
  if (a === 0 && b !== 0 && c === 0 && d !== 0) return 'utf-16be';
  return undefined;
}
