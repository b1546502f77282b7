import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import { RUN_FILES } from '../../protocol/run-files';
import type { StrategyId } from '../../protocol/run-files';
import type { NodeChoice } from './choose-node';
import { livenessOf } from './control-client';
import { createRunDirectory, readRunFile } from './run-directory';
import type { RunPlace, RunRequest } from './run-directory';

/** Tells a run process to test learning rates instead of training. */
export const RATE_TEST_FLAG = '--find-learning-rate';

/** How run processes are started. */
export interface Launcher {
  readonly node: NodeChoice;
  /** dist/main.js of this installation. */
  readonly mainScript: string;
  /** Version of Transfer Lab. */
  readonly version: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Makes the run directory and starts its process, which outlives this one. Follow the journal for what happens. */
export async function startRun(request: RunRequest, launcher: Launcher): Promise<RunPlace> {
  const place = await createRunDirectory(request, versionsOf(launcher));
  await launch([place.directory], [], launcher);
  return place;
}

/** Makes the directory of a learning-rate range test and starts its process: the same as a run, told by its own events. */
export async function startRateTest(
  request: Pick<RunRequest, 'file' | 'experiment'>,
  launcher: Launcher,
): Promise<RunPlace> {
  const place = await createRunDirectory({ ...request, rateTest: true }, versionsOf(launcher));
  await launch([place.directory], [RATE_TEST_FLAG], launcher);
  return place;
}

/** One run per strategy, one after the other in one process; they share a `comparisonId`. */
export async function startComparison(
  request: RunRequest,
  strategies: readonly StrategyId[],
  launcher: Launcher,
): Promise<{ readonly comparisonId: string; readonly runs: readonly RunPlace[] }> {
  const comparisonId = randomBytes(6).toString('hex');
  const runs: RunPlace[] = [];
  for (const strategy of strategies) {
    runs.push(await createRunDirectory({ ...request, strategy, comparisonId }, versionsOf(launcher)));
  }
  await launch(
    runs.map(({ directory }) => directory),
    [],
    launcher,
  );
  return { comparisonId, runs };
}

/**
 * Continues an interrupted or stopped run from its newest checkpoint, in the same directory.
 * @throws {LearnerError} 'run-already-running'
 */
export async function resumeRun(directory: string, launcher: Launcher): Promise<void> {
  await resumeRuns([directory], launcher);
}

/** The same for several, one after the other in one process: what one of them loads or downloads is there for the next. */
export async function resumeRuns(directories: readonly string[], launcher: Launcher): Promise<void> {
  for (const directory of directories) {
    await readRunFile(directory);
    if ((await livenessOf(directory)) === 'gone') continue;
    throw new LearnerError({
      code: 'run-already-running',
      message: `The run in ${directory} is still running.`,
      remedy: 'Follow it in the Runs view, or stop it first.',
    });
  }
  await launch(directories, ['--resume'], launcher);
}

const versionsOf = (launcher: Launcher): { transferLab: string; node: string } => ({
  transferLab: launcher.version,
  node: launcher.node.version,
});

async function launch(directories: readonly string[], flags: string[], launcher: Launcher): Promise<void> {
  const [first] = directories;
  if (first === undefined) throw new Error('Nothing to start: no run directories.');
  const { node, mainScript } = launcher;
  const env: NodeJS.ProcessEnv = { ...process.env, ...launcher.env };
  // A debugger's or test runner's options are meant for this process, not for training.
  delete env['NODE_OPTIONS'];
  if (node.asElectron) env['ELECTRON_RUN_AS_NODE'] = '1';
  else delete env['ELECTRON_RUN_AS_NODE'];
  const output = fs.openSync(join(first, RUN_FILES.output), 'a');
  try {
    const child = spawn(node.path, ['--enable-source-maps', mainScript, ...flags, ...directories], {
      cwd: dirname(dirname(dirname(first))),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output, output],
      env,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(
          new LearnerError(
            {
              code: 'node-not-usable',
              message: `Node.js at ${node.path} did not start: ${error.message}.`,
              remedy: 'Set the path of a working Node.js in the settings of Transfer Lab.',
            },
            { cause: error },
          ),
        ),
      );
    });
    child.unref();
  } finally {
    fs.closeSync(output);
  }
}
