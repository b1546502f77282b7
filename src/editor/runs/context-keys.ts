import * as vscode from 'vscode';
import { experimentsOf } from './experiments-of';
import type { RunManager } from './run-manager';

/** What menus and keys ask: does the open file hold experiments, does one of them train, does anything train? */
export class ContextKeys {
  private readonly set = new Map<string, boolean>();

  constructor(private readonly manager: RunManager) {}

  update(): void {
    const document = vscode.window.activeTextEditor?.document;
    const { live } = this.manager;
    this.put('hasExperiments', document !== undefined && experimentsOf(document).length > 0);
    this.put(
      'fileTrains',
      document !== undefined && live.some(({ run }) => run.file === document.uri.fsPath),
    );
    this.put('trains', live.length > 0);
  }

  private put(name: string, value: boolean): void {
    if (this.set.get(name) === value) return;
    this.set.set(name, value);
    void vscode.commands.executeCommand('setContext', `transferLab.${name}`, value);
  }
}
