import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import manifest from '../../../package.json';
import type { Told } from '../../../src/editor/guard';
import type { Api } from '../../../src/extension';

/** Waits for what another process does; the suite's own limit ends it. */
export async function eventually<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(50);
  }
}

export const until = (condition: () => boolean): Promise<true> =>
  eventually(() => (condition() ? (true as const) : undefined));

export function extension(): vscode.Extension<Api> {
  const found = vscode.extensions.getExtension<Api>(`${manifest.publisher}.${manifest.name}`);
  assert.ok(found);
  return found;
}

export const api = async (): Promise<Api> => extension().activate();

export function workspaceFolder(): string {
  const opened = vscode.workspace.workspaceFolders?.[0];
  assert.ok(opened);
  return opened.uri.fsPath;
}

/** A folder of its own below the workspace, so that tests do not meet each other's runs. */
export async function ownFolder(name: string): Promise<string> {
  return mkdtemp(join(workspaceFolder(), `${name}-`));
}

export async function temporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a command to its end; whatever it asks for is answered with Escape. @returns what the learner was told meanwhile */
export async function runAndEscape(command: string, ...args: unknown[]): Promise<Told[]> {
  const told: Told[] = [];
  const listening = (await api()).onDidTell((one) => told.push(one));
  let ended = false;
  const running = Promise.resolve(vscode.commands.executeCommand(command, ...args)).finally(() => {
    ended = true;
  });
  const escaping = (async () => {
    while (!ended) {
      await delay(200);
      if (!ended) await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    }
  })();
  try {
    await running;
  } finally {
    await escaping;
    listening.dispose();
  }
  return told;
}

export async function show(file: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(vscode.Uri.file(file), { viewColumn: vscode.ViewColumn.One });
}

export async function lensesOf(file: string): Promise<{ line: number; title: string }[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    'vscode.executeCodeLensProvider',
    vscode.Uri.file(file),
    100,
  );
  return lenses.map(({ command, range }) => ({
    line: range.start.line + 1,
    title: (command?.title ?? '').replace(/^\$\([^)]*\) /, ''),
  }));
}
