import { readFile, stat } from 'node:fs/promises';

/** First bytes of the pictures that a webview draws. The name of a file proves nothing. */
const SIGNATURES: readonly (readonly [type: string, hex: RegExp])[] = [
  ['image/png', /^89504e470d0a1a0a/],
  ['image/jpeg', /^ffd8ff/],
  ['image/gif', /^474946383[79]61/],
  ['image/webp', /^52494646.{8}57454250/],
];
const MAX_BYTES = 8_000_000;

/**
 * A picture as a data: address, or undefined where there is none to show.
 * @param allowed files that the run itself named; anything else is refused. They may lie anywhere on this machine: a
 * learner's pictures do, and the page that gets them can send nothing. Network paths are refused: opening one tells
 * another machine who asks.
 */
export async function pictureAddress(
  file: string,
  allowed: ReadonlySet<string>,
): Promise<string | undefined> {
  if (!allowed.has(file) || /^[\\/]{2}/.test(file)) return undefined;
  try {
    const found = await stat(file); // First: opening a named pipe would wait for its writer.
    if (!found.isFile() || found.size > MAX_BYTES) return undefined;
    const bytes = await readFile(file);
    const start = bytes.toString('hex', 0, 12);
    const type = SIGNATURES.find(([, hex]) => hex.test(start))?.[0];
    return type === undefined ? undefined : `data:${type};base64,${bytes.toString('base64')}`;
  } catch {
    return undefined; // The file is gone or unreadable: the view says so.
  }
}
