import type { JournalRecord } from '../../protocol/events';
import type { RunFile } from '../../protocol/run-files';
import type { RunState } from '../../protocol/run-state';
import type { MetricsViewFunctions, RunHistory, RunUpdate } from '../../protocol/webview';
import { historyEvents, messagesOf, viewEvents } from './parts';

/** Between two messages: fewer than ten a second. */
const PAUSE_MS = 110;

export interface FedRun {
  readonly run: RunFile;
  readonly state: RunState;
  /** Grows in place. A resumed run is another object, whose records begin anew. */
  readonly records: readonly JournalRecord[];
}

interface Sent {
  readonly source: FedRun;
  records: number;
  interrupted: boolean;
}

/** Keeps a view level with the runs that it draws: their history at once, then deltas at a steady pace. */
export class RunFeed {
  private readonly sent = new Map<string, Sent>();
  private queue: RunUpdate[][] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly view: Pick<MetricsViewFunctions, 'history' | 'append'>,
    /** The runs that are drawn now, the named one first. */
    private readonly drawn: () => readonly FedRun[],
    private readonly titleOf: (run: RunFile) => string,
  ) {}

  /** Everything that happened so far. */
  start(): void {
    this.stop();
    const runs = this.drawn();
    const first = runs[0];
    if (!first || runs.some(isUnread)) return;
    const messages = messagesOf(
      runs.map(({ run, records }) => ({ runId: run.runId, events: historyEvents(records) })),
    );
    this.view.history(
      runs.map((run) => this.historyOf(run)),
      first.run.runId,
      messages.length,
    );
    for (const message of messages) this.view.append(message);
    for (const source of runs) {
      const interrupted = source.state.status === 'interrupted';
      this.sent.set(source.run.runId, { source, records: source.records.length, interrupted });
    }
  }

  /** Something happened: it is sent soon, together with what follows until then. */
  changed(): void {
    this.timer ??= setTimeout(() => this.next(), PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sent.clear();
    this.queue = [];
  }

  private next(): void {
    this.timer = undefined;
    const runs = this.drawn();
    const resumed = runs.filter((run) => this.sent.get(run.run.runId)?.source !== run);
    if (resumed.length > 0) {
      if (resumed.every(({ records }) => records.length > 0)) this.start();
      return; // Else its first records are still being read: there will be news of them.
    }
    if (this.queue.length === 0) this.queue = messagesOf(runs.flatMap((run) => this.updateOf(run)));
    const message = this.queue.shift();
    if (!message) return;
    this.view.append(message);
    this.changed();
  }

  private updateOf({ run, state, records }: FedRun): RunUpdate[] {
    const sent = this.sent.get(run.runId);
    if (!sent) return [];
    const events = viewEvents(records.slice(sent.records));
    sent.records = records.length;
    const interrupted = state.status === 'interrupted' && !sent.interrupted;
    if (interrupted) sent.interrupted = true;
    return [{ runId: run.runId, events, ...(interrupted ? { interrupted } : {}) }];
  }

  private historyOf({ run, state }: FedRun): RunHistory {
    const { runId, experiment, strategy, comparisonId, createdAt, file, line } = run;
    return {
      run: {
        runId,
        experiment,
        createdAt,
        file,
        line,
        ...(strategy === undefined ? {} : { strategy }),
        ...(comparisonId === undefined ? {} : { comparisonId }),
      },
      title: this.titleOf(run),
      events: [],
      interrupted: state.status === 'interrupted',
    };
  }
}

/** Only how it ended is known so far. Asking for its records has them read: there will be news of them. */
function isUnread({ state, records }: FedRun): boolean {
  return records.length === 0 && ['finished', 'stopped', 'failed'].includes(state.status);
}
