import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { findExercise, readProgress } from '../../course';
import { LearnerError } from '../../protocol/errors';
import { trainedIn } from '../../protocol/freeze-map';
import { RUN_FILES } from '../../protocol/run-files';
import { estimateOutcome, type RunState } from '../../protocol/run-state';
import { percent } from '../../protocol/percent';
import { comparisonStrategies } from '../../lab';
import { assetsRoot } from '../assets';
import { writeFolderReport, writeReport } from '../report';
import { listRuns, readRun, resumeRun, startComparison, startRun } from '../runs';
import type { Launcher } from '../runs';
import { DOWNLOAD_ALLOWED } from '../weights/hub/allowed';
import { followInTerminal } from './follow';
import { findComparisonTarget, findTarget } from './target';
import { duration, say, table, tellProblem } from './terminal';

/** What a command answers with `--json`. */
export type Answer = Readonly<Record<string, unknown>>;

export interface CommonOptions {
  readonly json?: boolean;
  readonly experiment?: string;
  /** Weights that an experiment names may be fetched from the Hub. */
  readonly download?: boolean;
}

export function launcher({ download }: Pick<CommonOptions, 'download'> = {}): Launcher {
  const root = assetsRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    node: { path: process.execPath, asElectron: false, version: process.version, origin: 'path' },
    mainScript: join(root, 'dist', 'main.js'),
    version,
    ...(download === true ? { env: { [DOWNLOAD_ALLOWED]: '1' } } : {}),
  };
}

export async function runCommand(
  path: string,
  options: CommonOptions & { readonly strategy?: string },
): Promise<Answer> {
  const target = await findTarget(path, options.experiment);
  const { strategy } = options;
  const place = await startRun(
    { ...target, ...(strategy === undefined ? {} : { strategy }) },
    launcher(options),
  );
  const name = strategy === undefined ? target.experiment : `${target.experiment} · ${strategy}`;
  const [state] = await followInTerminal([{ ...place, name }], { quiet: options.json === true });
  const estimate = state && estimateOutcome(state, inWords);
  if (estimate !== undefined && options.json !== true) say(estimate);
  const report = await reportOf([place.directory], options);
  return { ...summary(place.directory, state), report };
}

export async function resumeCommand(directory: string, options: CommonOptions): Promise<Answer> {
  const path = resolve(directory);
  const { run } = await readRun(path);
  await resumeRun(path, launcher(options));
  const followed = { directory: path, runId: run.runId, name: run.experiment };
  const [state] = await followInTerminal([followed], { quiet: options.json === true, resuming: true });
  const report = await reportOf([path], options);
  return { ...summary(path, state), report };
}

export async function compareCommand(path: string, options: CommonOptions): Promise<Answer> {
  const target = await findComparisonTarget(path, options.experiment);
  const strategies = comparisonStrategies.map(({ id }) => id);
  const { comparisonId, runs } = await startComparison(target, strategies, launcher(options));
  const titles = comparisonStrategies.map(({ title }) => title);
  const width = Math.max(...titles.map(({ length }) => length));
  const followed = runs.map((place, index) => ({ ...place, name: (titles[index] ?? '').padEnd(width) }));
  const states = await followInTerminal(followed, { quiet: options.json === true });
  const directories = runs.map(({ directory }) => directory);
  const rows = states.map((state, index) => [
    titles[index] ?? '',
    state.final ? percent(state.final.accuracy) : '–',
    (state.seconds ?? 0).toFixed(1),
    trainedIn(state.model?.layerGroups ?? []).toLocaleString('en'),
  ]);
  if (!options.json) {
    const split = states[0]?.final?.split ?? 'test';
    say(`\n${table(['strategy', `accuracy (${split})`, 'seconds', 'trainable parameters'], rows)}\n`);
  }
  const report = await reportOf(directories, options);
  return {
    comparisonId,
    report,
    runs: states.map((state, index) => ({
      strategy: strategies[index],
      ...summary(directories[index] ?? '', state),
    })),
  };
}

export async function runsCommand(folder: string, options: CommonOptions): Promise<Answer> {
  const runs = await listRuns(resolve(folder));
  if (!options.json) {
    const rows = runs.map(({ run, state }) => [
      run.runId,
      state.status,
      state.final ? percent(state.final.accuracy) : '–',
      state.seconds === undefined ? '–' : state.seconds.toFixed(1),
    ]);
    say(rows.length === 0 ? 'No runs here yet.' : table(['run', 'status', 'accuracy', 'seconds'], rows));
  }
  return { runs: runs.map(({ directory, state }) => summary(directory, state)) };
}

/** Of runs; or of one folder with all that it has to show. */
export async function reportCommand(paths: readonly string[], options: CommonOptions): Promise<Answer> {
  const [folder = '.', ...more] = paths.map((path) => resolve(path));
  const isFolder = more.length === 0 && !existsSync(join(folder, RUN_FILES.run));
  const report = isFolder
    ? await writeFolderReport(folder, await titleOfFolder(folder))
    : await writeReport([folder, ...more]);
  if (!options.json) say(report);
  return { report };
}

/** An exercise's title; of another folder its name. */
async function titleOfFolder(folder: string): Promise<string> {
  const progress = await readProgress(folder);
  return progress ? (await findExercise(assetsRoot(), progress.exercise)).title : basename(folder);
}

/** A run is worth as much without its report, so one that cannot be saved is told and no failure. */
async function reportOf(
  directories: readonly string[],
  { json }: CommonOptions,
): Promise<string | undefined> {
  try {
    const report = await writeReport(directories);
    if (!json) say(`Report: ${report}`);
    return report;
  } catch (error) {
    if (!(error instanceof LearnerError)) throw error;
    tellProblem(error.problem);
    return undefined;
  }
}

const inWords = (seconds: number): string => duration(seconds * 1000);

function summary(directory: string, state: RunState | undefined): Answer {
  return {
    runId: basename(directory),
    directory,
    status: state?.status,
    accuracy: state?.final?.accuracy,
    split: state?.final?.split,
    loss: state?.final?.loss,
    bestEpoch: state?.bestEpoch,
    seconds: state?.seconds,
    peakMemory: state?.peakMemory,
    estimate: state && estimateOutcome(state, inWords),
    parameters: state?.model?.parameters,
    trainableParameters: state?.model?.trainableParameters,
    device: state?.device,
  };
}
