import { fork, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';
import { createBirpc, type BirpcReturn } from 'birpc';
import * as vscode from 'vscode';
import type { Answer } from '../../protocol/checking';
import { LearnerError } from '../../protocol/errors';
import type { PredictingFunctions, TriedPicture, TryRequest } from '../../protocol/try-picture';
import { chosenNode, environmentFor } from '../chosen-node';

type Remote = BirpcReturn<PredictingFunctions>;

interface Started {
  readonly remote: Remote;
  /** Rejected when the process ends. */
  readonly lost: Promise<never>;
}

/** The process that holds the network of one run and looks at pictures, started when it is first asked. */
export class PredictingProcess implements vscode.Disposable {
  private child: ChildProcess | undefined;
  private starting: Promise<Started> | undefined;
  private disposed = false;

  /** @param root folder of the extension @param directory of the run */
  constructor(
    private readonly root: string,
    readonly directory: string,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** @throws {LearnerError} where the run has no network that can be used */
  async open(): Promise<void> {
    await this.ask((remote) => remote.open());
  }

  /** @throws {LearnerError} where the run or the picture cannot be used */
  predict(request: TryRequest): Promise<TriedPicture> {
    return this.ask((remote) => remote.predict(request));
  }

  dispose(): void {
    this.disposed = true;
    this.child?.kill();
    this.child = this.starting = undefined;
  }

  private async ask<Value>(call: (remote: Remote) => Promise<Answer<Value>>): Promise<Value> {
    this.starting ??= this.start();
    const { remote, lost } = await this.starting.catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    const answer = await Promise.race([call(remote), lost]);
    if ('problem' in answer) throw new LearnerError(answer.problem);
    return answer.value;
  }

  private async start(): Promise<Started> {
    const node = await chosenNode(this.log);
    const child = fork(path.join(this.root, 'dist', 'predicting.js'), [this.directory], {
      execPath: node.path,
      execArgv: [],
      env: environmentFor(node),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.child = child;
    if (this.disposed) child.kill();
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.log.info(text.trimEnd()));
    const lost = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(ended(error.message)));
      child.once('exit', (code, signal) => reject(ended(String(signal ?? code))));
    });
    // Whoever waits for an answer is told; the next question starts another process.
    lost.catch(() => {
      if (this.child === child) this.child = this.starting = undefined;
    });
    const remote = createBirpc<PredictingFunctions>(
      {},
      {
        post: (data: object) => {
          if (child.connected) child.send(data);
        },
        on: (receive) => void child.on('message', receive),
        timeout: -1,
      },
    );
    return { remote, lost };
  }
}

/** @param how an exit code, a signal, or why it did not start */
const ended = (how: string): LearnerError =>
  new LearnerError({
    code: 'predicting-ended',
    message: vscode.l10n.t('The process that looks at pictures ended ({0}).', how),
    remedy: vscode.l10n.t(
      'Try the picture again. If that does not help, close other programs, as memory may have run out.',
    ),
  });
