import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_FILES } from '../../protocol/run-files';
import { readRun } from '../runs';
import { renderReport } from './render';

/**
 * One self-contained HTML file for a run or several; it opens offline.
 * @returns its path, in the last run's directory
 */
export async function writeReport(directories: readonly string[]): Promise<string> {
  const runs = await Promise.all(directories.map((directory) => readRun(directory)));
  const path = join(directories.at(-1) ?? '.', RUN_FILES.report);
  await writeFile(path, await renderReport(runs));
  return path;
}
