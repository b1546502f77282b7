import { join } from 'node:path';
import { RUN_FILES } from '../../protocol/run-files';
import { readRun } from '../runs';
import { renderReport } from './render';
import { saveReport } from './save';

export { writeFolderReport } from './folder-report';

/**
 * One self-contained HTML file for a run or several; it opens offline. An older one stays until the new one is whole.
 * @returns its path, in the last run's directory
 * @throws {LearnerError} 'report-not-saved'
 */
export async function writeReport(directories: readonly string[]): Promise<string> {
  const runs = await Promise.all(directories.map((directory) => readRun(directory)));
  const path = join(directories.at(-1) ?? '.', RUN_FILES.report);
  await saveReport(path, await renderReport(runs), directories);
  return path;
}
