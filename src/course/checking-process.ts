import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createBirpc, type BirpcReturn } from 'birpc';
import type { Answer, CheckingFunctions, CheckingListener } from '../protocol/checking';
import { LearnerError, type Problem } from '../protocol/errors';

/** Reading a file takes milliseconds: what takes this long is a loop without an end, or work that belongs into a run. */
const LOAD_MS = 30_000;
/** Training says something after each epoch. */
const SILENT_MS = 180_000;

/** Values instead of answers: a problem is thrown as LearnerError. */
type Asked = {
  [Name in Exclude<keyof CheckingFunctions, 'ready'>]: (
    ...args: Parameters<CheckingFunctions[Name]>
  ) => Promise<Awaited<ReturnType<CheckingFunctions[Name]>> extends Answer<infer Value> ? Value : never>;
};

/**
 * The process in which the learner's code is loaded and trained, started when it is first asked. Code that ends, hangs or
 * breaks it is reported as the learner's mistake; the next question starts a new one.
 */
export class CheckingProcess implements Asked {
  private child: ChildProcess | undefined;
  private remote: BirpcReturn<CheckingFunctions, CheckingListener> | undefined;
  private lastSignMs = 0;

  constructor(
    private readonly root: string,
    private readonly onProgress: (text: string) => void,
  ) {}

  types: Asked['types'] = (file) => this.ask('types', (remote) => remote.types(file), SILENT_MS);
  load: Asked['load'] = (file) => this.ask('load', (remote) => remote.load(file), LOAD_MS);
  probe: Asked['probe'] = (name, steps) =>
    this.ask('probe', (remote) => remote.probe(name, steps), SILENT_MS);
  outcome: Asked['outcome'] = (request) =>
    this.ask('outcome', (remote) => remote.outcome(request), SILENT_MS);

  dispose(): void {
    this.child?.kill('SIGKILL');
    this.child = this.remote = undefined;
  }

  private async ask<Value>(
    what: keyof Asked,
    call: (remote: BirpcReturn<CheckingFunctions, CheckingListener>) => Promise<Answer<Value>>,
    silentMs: number,
  ): Promise<Value> {
    const { remote, child } = this.start();
    await remote.ready();
    this.lastSignMs = Date.now();
    let timer: NodeJS.Timeout | undefined;
    let onExit: ((code: number | null) => void) | undefined;
    const lost = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        if (Date.now() - this.lastSignMs < silentMs) return;
        reject(new LearnerError(what === 'load' ? neverEnds(silentMs) : silent(silentMs)));
      }, 250);
      onExit = (code) => reject(new LearnerError(ended(code)));
      child.once('exit', onExit);
    });
    try {
      const answer = await Promise.race([call(remote), lost]);
      if ('problem' in answer) throw new LearnerError(answer.problem);
      return answer.value;
    } catch (error) {
      if (error instanceof LearnerError && ENDS_PROCESS.has(error.problem.code)) this.dispose();
      throw error;
    } finally {
      clearInterval(timer);
      if (onExit) child.off('exit', onExit);
    }
  }

  private start(): { remote: BirpcReturn<CheckingFunctions, CheckingListener>; child: ChildProcess } {
    if (this.child && this.remote && this.child.exitCode === null && this.child.connected)
      return { remote: this.remote, child: this.child };
    const child = fork(join(this.root, 'dist', 'checking.js'), {
      serialization: 'advanced',
      // What the learner's code prints belongs to its runs, not between the lines of a check.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--enable-source-maps'],
    });
    const alive = (): void => void (this.lastSignMs = Date.now());
    child.stderr?.on('data', alive);
    child.on('error', () => undefined); // `exit` follows, and is what is reported.
    this.child = child;
    this.remote = createBirpc<CheckingFunctions, CheckingListener>(
      {
        progress: (text) => {
          alive();
          this.onProgress(text);
        },
      },
      {
        post: (data: object) => void child.send(data),
        on: (receive) => void child.on('message', receive),
        timeout: -1,
      },
    );
    return { remote: this.remote, child };
  }
}

const ENDS_PROCESS = new Set(['never-ends', 'training-silent', 'process-ended']);

const neverEnds = (ms: number): Problem => ({
  code: 'never-ends',
  message: `Reading the file was not done after ${ms / 1000} seconds.`,
  remedy: 'Look for a loop without an end at the top level; an experiment only describes a run.',
});

const silent = (ms: number): Problem => ({
  code: 'training-silent',
  message: `Training said nothing for ${ms / 1000} seconds and was ended.`,
  remedy:
    'Look for a loop without an end in an own head or loss; without one, check again when the computer is less busy.',
});

const ended = (code: number | null): Problem => ({
  code: 'process-ended',
  message: `The process that read the file ended (${code === null ? 'by a signal' : `code ${code}`}).`,
  remedy:
    'Remove what ends it, such as process.exit(); without that, close other programs, as memory may have run out.',
});
