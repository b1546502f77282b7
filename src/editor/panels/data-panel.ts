import * as vscode from 'vscode';
import type { DataContent, DataHostFunctions, DataLook } from '../../protocol/data-view';
import { runCli } from '../cli-process';
import type { ExperimentTarget } from '../runs/current-experiment';
import { isDataMessage } from './data-messages';
import { ExperimentPanel } from './experiment-panel';
import { namedFiles, parseProgress } from './named-files';

/** The view "Look at the data": what an experiment learns from. Pictures are read by child processes alone. */
export class DataPanel extends ExperimentPanel<DataContent, DataHostFunctions> {
  private known: DataLook | undefined;
  private files: ReadonlySet<string> = new Set();

  constructor(root: string, log: vscode.LogOutputChannel) {
    super(root, log, {
      viewType: 'transferLab.data',
      page: 'data',
      title: vscode.l10n.t('Data'),
    });
  }

  /** What is shown, for tests. */
  get shown(): DataContent | undefined {
    return this.content;
  }

  protected functions(): DataHostFunctions {
    return {
      ready: () => this.draw(),
      again: () => {
        this.known = this.content = undefined;
        void this.read();
      },
      thumbnails: (files) => this.thumbnails(files),
      openFile: (file) => {
        if (this.files.has(file)) void vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
      },
    };
  }

  protected allows(data: unknown): boolean {
    return isDataMessage(data);
  }

  protected reading(experiment: string): DataContent {
    return { kind: 'reading', experiment };
  }

  protected async look(target: ExperimentTarget, signal: AbortSignal): Promise<DataContent> {
    const { file, experiment } = target;
    const { known } = this;
    const answer = await this.ask<{ look?: DataLook }>('data', target, {
      more: known ? ['--unless', known.key] : [],
      signal,
      onLine: (line) => {
        const progress = this.content?.kind === 'reading' && !signal.aborted && parseProgress(line);
        if (progress) this.set({ kind: 'reading', experiment, ...progress });
      },
    });
    if ('kind' in answer) return answer;
    const { look: read, saved } = answer;
    const look = read ?? (known && { ...known, experiment });
    if (!look) throw new Error('The data were not read.');
    if (!signal.aborted) {
      this.known = look;
      this.files = namedFiles(look);
    }
    return { kind: 'look', look, file, saved };
  }

  /** Only of files that the view was told of: a page that something got into could ask for any. */
  private async thumbnails(files: readonly string[]): Promise<readonly (string | undefined)[]> {
    const input = JSON.stringify(files.filter((file) => this.files.has(file)));
    const answer = await runCli(this.root, ['data', '--thumbnails', '--json'], this.log, undefined, {
      input,
    });
    const { thumbnails } = answer as { thumbnails: Readonly<Record<string, string>> };
    return files.map((file) => thumbnails[file]);
  }
}
