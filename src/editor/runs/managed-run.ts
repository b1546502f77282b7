import * as path from 'node:path';
import type { JournalRecord } from '../../protocol/events';
import type { RunFile } from '../../protocol/run-files';
import { initialRunState, isOver, markInterrupted, reduceRun, type RunState } from '../../protocol/run-state';
import type { Liveness, RunFollower } from '../../training/runs';

/** A run of this workspace as far as it has been read. */
export class ManagedRun {
  readonly run: RunFile;
  state: RunState;
  liveness: Liveness = 'answering';
  follower: RunFollower | undefined;
  /** Its last word has been read, or there will be none. */
  ended = false;
  /** Of an error that was not the learner's. */
  stack: string | undefined;
  private kept: JournalRecord[] = [];
  private complete = true;

  /** @param read brings the records of a run whose end alone has been read so far */
  constructor(
    readonly directory: string,
    run: RunFile,
    private readonly read: (run: ManagedRun) => void,
  ) {
    // The folder may have been moved since: the experiment's file lies beside the run, whatever it was called then.
    const folder = path.resolve(directory, '..', '..', '..');
    this.run = { ...run, file: path.join(folder, path.basename(run.file.replaceAll('\\', '/'))) };
    this.state = initialRunState(run.runId);
  }

  get living(): boolean {
    return !isOver(this.state);
  }

  /**
   * All that was recorded. Of a run that was over when this window found it only the end has been read: asking for its
   * records brings the rest, as news of the manager.
   */
  get records(): readonly JournalRecord[] {
    if (!this.complete) {
      this.complete = true;
      this.read(this);
    }
    return this.kept;
  }

  add(records: readonly JournalRecord[]): void {
    for (const record of records) {
      this.state = reduceRun(this.state, record.event, record.timeMs);
      if (record.event.type === 'failed') this.stack = record.event.stack;
      this.kept.push(record);
    }
  }

  /** Shows the end without what led to it. */
  summarize({ event, timeMs }: JournalRecord): void {
    this.state = reduceRun(this.state, event, timeMs);
    if (event.type === 'failed') this.stack = event.stack;
    this.complete = false;
  }

  /** Takes over what another reading of the same run has found. */
  takeFrom(whole: ManagedRun): void {
    this.state = whole.state;
    this.kept = whole.kept;
  }

  interrupt(): void {
    this.state = markInterrupted(this.state);
  }
}
