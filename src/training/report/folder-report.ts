import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import { listRuns, type RunSnapshot } from '../runs';
import { GENERATOR, renderReport } from './render';
import { saveReport } from './save';

/** What the learner writes about the runs; put into the report word for word. */
export const ANALYSIS_FILE = 'analysis.md';
const REPORT_FILE = 'report.html';

/**
 * All that a folder has to show, as one HTML file to hand in: the newest finished run of each experiment and strategy, and the
 * learner's analysis.
 * @returns the path of `report.html` in the folder
 * @throws {LearnerError} 'no-finished-run', 'report-in-the-way' if a file of that name is not ours, 'report-not-saved'
 */
export async function writeFolderReport(folder: string, title: string): Promise<string> {
  const runs = newestOfEach(await listRuns(folder));
  if (runs.length === 0)
    throw new LearnerError({
      code: 'no-finished-run',
      message: `${folder} has no finished run yet.`,
      remedy: 'Fine-tune an experiment first: the report is made of what runs have shown.',
    });
  const path = join(folder, REPORT_FILE);
  const before = await readText(path);
  if (before !== undefined && !before.includes(GENERATOR))
    throw new LearnerError({
      code: 'report-in-the-way',
      message: `${path} exists, and Transfer Lab did not make it.`,
      remedy: 'Give that file another name; the report is called report.html.',
    });
  const analysis = await readText(join(folder, ANALYSIS_FILE));
  const html = await renderReport(runs, { title, ...(analysis === undefined ? {} : { analysis }) });
  await saveReport(path, html, [folder]);
  return path;
}

/** In the order in which the experiments were first run. */
export function newestOfEach(runs: readonly RunSnapshot[]): RunSnapshot[] {
  const newest = new Map<string, RunSnapshot>();
  const finished = runs.filter(({ state }) => state.final !== undefined);
  for (const one of finished.toSorted((a, b) => (a.run.createdAt < b.run.createdAt ? -1 : 1)))
    newest.set(`${one.run.experiment}/${one.run.strategy ?? ''}`, one);
  return [...newest.values()];
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
