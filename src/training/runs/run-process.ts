import { join } from 'node:path';
import { LearnerError, toProblem } from '../../protocol/errors';
import type { Problem } from '../../protocol/errors';
import { RUN_FILES } from '../../protocol/run-files';
import type { ControlFile, RunFile } from '../../protocol/run-files';
import type { Engine } from '../engine/types';
import type { RunContext } from '../run-context';
import { SharedWork } from '../shared-work';
import { readNewestCheckpoint } from './checkpoint';
import { livenessOf } from './control-client';
import { claimRunDirectory, releaseRunDirectory } from './control-file';
import { ControlServer, newToken } from './control-server';
import { diskContext } from './disk-context';
import { Journal } from './journal';
import { problemAt } from './load-experiment';
import type { LoadedFile } from './load-experiment';
import { capOutput } from './output-cap';
import { processIdentity } from './process-identity';
import { readRunFile } from './run-directory';
import { untilRoom } from './until-room';

/** What a run process trains with; tests give a fake. */
export interface RunProcessParts<Experiment> {
  createEngine(): Promise<Engine>;
  load(file: string): Promise<LoadedFile>;
  /** The experiment of that name, with `strategy` in place of its own where one is given. */
  pick(loaded: LoadedFile, run: RunFile): Experiment;
  train(experiment: Experiment, context: RunContext): Promise<unknown>;
}

interface Job {
  readonly directory: string;
  readonly run: RunFile;
  readonly token: string;
  readonly controller: AbortController;
}

/**
 * The life of a run process: claims its run directories, trains them one after the other, and leaves the cause of
 * whatever ended it in the journal.
 * @param args run directories, and `--resume`
 * @returns the exit code
 */
export async function runProcess<Experiment>(
  args: readonly string[],
  parts: RunProcessParts<Experiment>,
): Promise<number> {
  capOutput();
  const resume = args.includes('--resume');
  const server = await ControlServer.listen();
  const jobs: Job[] = [];
  try {
    for (const directory of args.filter((arg) => !arg.startsWith('--')))
      jobs.push(await claim(directory, server));
  } catch (error) {
    for (const { directory, token } of jobs) releaseRunDirectory(directory, token);
    server.close();
    console.error(error instanceof LearnerError ? `${error.message} ${error.problem.remedy}` : error);
    return 3;
  }
  const process_ = new RunProcess(jobs, parts, resume);
  try {
    return await process_.run();
  } finally {
    server.close();
  }
}

async function claim(directory: string, server: ControlServer): Promise<Job> {
  const run = await readRunFile(directory);
  const token = newToken();
  const identity = await processIdentity(process.pid);
  const control: ControlFile = {
    pid: process.pid,
    socket: server.socket,
    token,
    startedAt: Math.round(Date.now() - process.uptime() * 1000),
    ...(identity === undefined ? {} : { identity }),
  };
  const controller = new AbortController();
  server.add({ runId: run.runId, token, stop: () => controller.abort() });
  await claimRunDirectory(directory, control, async () => (await livenessOf(directory)) === 'gone');
  return { directory, run, token, controller };
}

class RunProcess<Experiment> {
  private engine: Engine | undefined;
  private readonly loaded = new Map<string, LoadedFile>();
  private readonly shared = new SharedWork();
  private current: { readonly job: Job; readonly journal: Journal } | undefined;

  constructor(
    private readonly jobs: readonly Job[],
    private readonly parts: RunProcessParts<Experiment>,
    private readonly resume: boolean,
  ) {}

  async run(): Promise<number> {
    const crash = (error: unknown): void => this.crash(error);
    const stopAll = (signal: NodeJS.Signals): void => {
      console.error(`Stopping after the step in hand: ${signal} was received.`);
      for (const { controller } of this.jobs) controller.abort();
    };
    process.on('uncaughtException', crash);
    process.on('unhandledRejection', crash);
    process.on('SIGTERM', stopAll);
    process.on('SIGINT', stopAll);
    process.on('SIGHUP', () => undefined);
    let failures = 0;
    for (const job of this.jobs) {
      if (!(await this.runOne(job))) failures++;
    }
    return failures === 0 ? 0 : 1;
  }

  private async runOne(job: Job): Promise<boolean> {
    const { directory, run, controller, token } = job;
    const journal = this.openJournal(job);
    this.current = { job, journal };
    const announceStop = (): void => journal.append({ type: 'stopping' });
    try {
      const found = this.resume
        ? readNewestCheckpoint(join(directory, RUN_FILES.checkpoints))
        : { refused: [] };
      const { snapshot } = found;
      journal.append({
        type: 'runStarted',
        runId: run.runId,
        pid: process.pid,
        ...(this.resume ? { resumedFromStep: snapshot?.step ?? 0 } : {}),
      });
      tellRepairs(journal, found.refused);
      controller.signal.addEventListener('abort', announceStop);
      if (controller.signal.aborted) {
        announceStop();
        journal.append({ type: 'done', reason: 'stopped', steps: 0, bestEpoch: 0, seconds: 0 });
        return true;
      }
      journal.append({ type: 'preparing', phase: 'loadingExperiment' });
      const loaded = await this.load(run.file);
      const experiment = this.parts.pick(loaded, run);
      this.engine ??= await this.parts.createEngine();
      this.warnOfDevice(journal, this.engine);
      const context = diskContext({
        engine: this.engine,
        runDirectory: directory,
        file: run.file,
        signal: controller.signal,
        journal,
        ...(this.jobs.length > 1 ? { shared: this.shared } : {}),
        ...(snapshot ? { resume: snapshot } : {}),
      });
      await this.parts.train(experiment, context);
      return true;
    } catch (error) {
      // Of a stopped download nothing is lost: that is how a run ends which was stopped, and no failure.
      if (
        controller.signal.aborted &&
        error instanceof LearnerError &&
        error.problem.code === 'download-stopped'
      ) {
        journal.append({ type: 'log', text: error.message });
        journal.append({ type: 'done', reason: 'stopped', steps: 0, bestEpoch: 0, seconds: 0 });
        return true;
      }
      this.tellFailure(journal, error);
      return false;
    } finally {
      controller.signal.removeEventListener('abort', announceStop);
      await this.writeTheRest(journal);
      this.current = undefined;
      journal.close();
      releaseRunDirectory(directory, token);
    }
  }

  private openJournal(job: Job): Journal {
    return new Journal(join(job.directory, RUN_FILES.events), {
      onFull: () => console.error('The disk is full: events wait in memory until there is room.'),
      onLost: (error) => {
        console.error(error);
        job.controller.abort();
      },
    });
  }

  /** The last words of a run may wait for room on a full disk: without them it would look interrupted. */
  private async writeTheRest(journal: Journal): Promise<void> {
    if (journal.waitingForRoom === 0) return;
    try {
      const written = await untilRoom(() => {
        journal.flush();
        return journal.waitingForRoom === 0;
      });
      if (!written) console.error('The disk stayed full: the last events of this run are lost.');
    } catch (error) {
      console.error(error);
    }
  }

  private async load(file: string): Promise<LoadedFile> {
    let loaded = this.loaded.get(file);
    if (!loaded) this.loaded.set(file, (loaded = await this.parts.load(file)));
    return loaded;
  }

  private warnOfDevice(journal: Journal, { device }: Engine): void {
    if (!device.refused) return;
    const { reason, remedy } = device.refused;
    journal.append({ type: 'warning', problem: { code: 'device-refused', message: reason, remedy } });
  }

  private tellFailure(journal: Journal, error: unknown): void {
    const problem = this.problemOf(error);
    console.error(error);
    try {
      const stack = !(error instanceof LearnerError) && error instanceof Error ? error.stack : undefined;
      journal.append({ type: 'failed', problem, ...(stack === undefined ? {} : { stack }) });
      journal.flush();
    } catch (second) {
      console.error(second); // The journal itself is lost; output.log has both reasons.
    }
  }

  private problemOf(error: unknown): Problem {
    for (const loaded of this.loaded.values()) {
      const location = loaded.locate(error);
      if (!location) continue;
      const problem = toProblem(error);
      if (error instanceof LearnerError) return problemAt(problem, location);
      return {
        code: 'experiment-threw',
        message: `The experiment's own code stopped with: ${problem.message}`,
        remedy: 'Correct the line, then run again.',
        location,
      };
    }
    return toProblem(error);
  }

  /** Nothing can be trusted any more: leave the cause and go. */
  private crash(error: unknown): void {
    if (this.current) {
      const { job, journal } = this.current;
      this.tellFailure(journal, error);
      releaseRunDirectory(job.directory, job.token);
    } else {
      console.error(error);
    }
    for (const { directory, token } of this.jobs) releaseRunDirectory(directory, token);
    process.exit(1);
  }
}

function tellRepairs(journal: Journal, refused: readonly { directory: string; reason: string }[]): void {
  const warn = (code: string, message: string, remedy: string): void =>
    journal.append({ type: 'warning', problem: { code, message, remedy } });
  if (journal.repair) {
    const { bytesCut, copy } = journal.repair;
    warn(
      'journal-repaired',
      `The journal's last line was cut off by a crash; ${bytesCut} bytes were set aside.`,
      `Nothing to do; the file as it was is kept as ${copy}.`,
    );
  }
  for (const { line, reason } of journal.damage) {
    warn(
      'journal-damaged',
      `Line ${line} of ${journal.path} cannot be read: ${reason}.`,
      'Nothing was deleted; everything else is used. Check the disk.',
    );
  }
  for (const { directory, reason } of refused) {
    warn(
      'checkpoint-damaged',
      `The checkpoint ${directory} is damaged: ${reason}. An older one is used where there is one.`,
      'Check the disk.',
    );
  }
}
