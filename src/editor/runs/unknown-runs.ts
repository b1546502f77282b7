import { access, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { RUN_FILES, RUNS_FOLDER } from '../../protocol/run-files';

/**
 * Run directories on disk that are not known yet. File watchers lose events on busy machines, and a run that a terminal
 * started has to appear all the same.
 * @param folders of experiment files; one without runs counts as empty
 */
export async function unknownRuns(
  folders: Iterable<string>,
  isKnown: (directory: string) => boolean,
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of new Set(folders)) {
    const runs = path.join(folder, RUNS_FOLDER);
    for (const name of await readdir(runs).catch(none)) {
      const directory = path.join(runs, name);
      if (!isKnown(directory) && (await isThere(path.join(directory, RUN_FILES.run)))) found.push(directory);
    }
  }
  return found;
}

function none(error: unknown): string[] {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return [];
  throw error;
}

/** A directory is made before what was asked for is written into it. */
async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
