import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { RunState } from '../../protocol/run-state';
import { comparisonStrategies } from '../../lab';
import { assetsRoot } from '../assets';
import { writeReport } from '../report';
import { listRuns, readRun, resumeRun, startComparison, startRun } from '../runs';
import type { Launcher } from '../runs';
import { followInTerminal } from './follow';
import { findComparisonTarget, findTarget } from './target';
import { percent, say, table } from './terminal';

/** What a command answers with `--json`. */
export type Answer = Readonly<Record<string, unknown>>;

export interface CommonOptions {
  readonly json?: boolean;
  readonly experiment?: string;
}

export function launcher(): Launcher {
  const root = assetsRoot();
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    node: { path: process.execPath, asElectron: false, version: process.version, origin: 'path' },
    mainScript: join(root, 'dist', 'main.js'),
    version,
  };
}

export async function runCommand(
  path: string,
  options: CommonOptions & { readonly strategy?: string },
): Promise<Answer> {
  const target = await findTarget(path, options.experiment);
  const { strategy } = options;
  const place = await startRun({ ...target, ...(strategy === undefined ? {} : { strategy }) }, launcher());
  const name = strategy === undefined ? target.experiment : `${target.experiment} · ${strategy}`;
  const [state] = await followInTerminal([{ ...place, name }], { quiet: options.json === true });
  const report = await writeReport([place.directory]);
  if (!options.json) say(`Report: ${report}`);
  return { ...summary(place.directory, state), report };
}

export async function resumeCommand(directory: string, options: CommonOptions): Promise<Answer> {
  const path = resolve(directory);
  const { run } = await readRun(path);
  await resumeRun(path, launcher());
  const followed = { directory: path, runId: run.runId, name: run.experiment };
  const [state] = await followInTerminal([followed], { quiet: options.json === true, resuming: true });
  const report = await writeReport([path]);
  if (!options.json) say(`Report: ${report}`);
  return { ...summary(path, state), report };
}

export async function compareCommand(path: string, options: CommonOptions): Promise<Answer> {
  const target = await findComparisonTarget(path, options.experiment);
  const strategies = comparisonStrategies.map(({ id }) => id);
  const { comparisonId, runs } = await startComparison(target, strategies, launcher());
  const titles = comparisonStrategies.map(({ title }) => title);
  const width = Math.max(...titles.map(({ length }) => length));
  const followed = runs.map((place, index) => ({ ...place, name: (titles[index] ?? '').padEnd(width) }));
  const states = await followInTerminal(followed, { quiet: options.json === true });
  const directories = runs.map(({ directory }) => directory);
  const report = await writeReport(directories);
  const rows = states.map((state, index) => [
    titles[index] ?? '',
    state.final ? percent(state.final.accuracy) : '–',
    (state.seconds ?? 0).toFixed(1),
    (state.model?.layerGroups ?? [])
      .filter(({ trainable }) => trainable)
      .reduce((sum, { parameters }) => sum + parameters, 0)
      .toLocaleString('en'),
  ]);
  if (!options.json) {
    const split = states[0]?.final?.split ?? 'test';
    say(`\n${table(['strategy', `accuracy (${split})`, 'seconds', 'trainable parameters'], rows)}`);
    say(`\nReport: ${report}`);
  }
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

export async function reportCommand(directories: readonly string[], options: CommonOptions): Promise<Answer> {
  const report = await writeReport(directories.map((directory) => resolve(directory)));
  if (!options.json) say(report);
  return { report };
}

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
    parameters: state?.model?.parameters,
    trainableParameters: state?.model?.trainableParameters,
    device: state?.device,
  };
}
