import type { RunHistory, RunUpdate } from '../../protocol/webview';
import { runFromHistory, updateRuns, type RunModel } from './run-model';

/** The runs that are drawn. A history that comes in parts replaces them when it is whole, so that nothing flickers. */
export class RunStore {
  runs: readonly RunModel[] = [];
  /** The run that the editor means. */
  named = '';
  private arriving: { runs: readonly RunModel[]; named: string; parts: number } | undefined = undefined;

  /** @returns whether the history is whole */
  begin(histories: readonly RunHistory[], named: string, parts: number): boolean {
    this.arriving = { runs: histories.map(runFromHistory), named, parts };
    return this.settle();
  }

  /** @returns whether this completes a history */
  update(updates: readonly RunUpdate[]): boolean {
    if (!this.arriving) {
      this.runs = updateRuns(this.runs, updates);
      return false;
    }
    const { runs, parts } = this.arriving;
    this.arriving = { ...this.arriving, runs: updateRuns(runs, updates), parts: parts - 1 };
    return this.settle();
  }

  private settle(): boolean {
    if (!this.arriving || this.arriving.parts > 0) return false;
    this.runs = this.arriving.runs;
    this.named = this.arriving.named;
    this.arriving = undefined;
    return true;
  }
}
