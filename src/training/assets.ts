import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder of this installation that holds media/: the extension's, or the clone's. Found upwards from this file, so it
 * is right for dist/ and for the sources alike.
 */
export function assetsRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && isOurs(manifest)) return folder;
    if (dirname(folder) === folder)
      throw new Error(`No folder above ${from} is an installation of Transfer Lab.`);
  }
}

function isOurs(manifest: string): boolean {
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return (
    typeof content === 'object' && content !== null && (content as { name?: unknown }).name === 'transfer-lab'
  );
}
