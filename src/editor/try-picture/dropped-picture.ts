import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';

/** Keeps the bytes of the last picture that was dropped or pasted as a file, so that it can be looked at again. */
export class DroppedPicture {
  private folder: string | undefined;
  private count = 0;

  /** @returns path of the file; that of the picture before is gone */
  async keep(bytes: Uint8Array): Promise<string> {
    const folder = (this.folder ??= mkdtempSync(path.join(tmpdir(), 'transfer-lab-picture-')));
    const file = path.join(folder, `picture-${++this.count}`);
    const before = path.join(folder, `picture-${this.count - 1}`);
    await writeFile(file, bytes);
    await rm(before, { force: true });
    return file;
  }

  /** At once: a window that closes waits for nothing. */
  dispose(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    this.folder = undefined;
  }
}
