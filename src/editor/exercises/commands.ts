import * as path from 'node:path';
import * as vscode from 'vscode';
import { guarded, tell, trusted } from '../guard';
import { runCli } from '../cli-process';
import type { ExerciseNode, ExercisesTree, TaskNode } from './exercises-tree';
import { showReport, type CheckDiagnostics } from './check-diagnostics';

export function registerExerciseCommands(
  root: string,
  tree: ExercisesTree,
  diagnostics: CheckDiagnostics,
  refresh: () => void,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  type Started = ExerciseNode & { readonly folder: string };
  /** The exercise that was clicked, else that of the open file, else the learner's choice. */
  const pick = async (given: unknown): Promise<Started | undefined> => {
    const node = isTask(given) ? given.parent : isExercise(given) ? given : undefined;
    if (node?.folder !== undefined) return { ...node, folder: node.folder };
    const all = (await tree.exercises()).flatMap((one) =>
      one.folder === undefined ? [] : [{ ...one, folder: one.folder }],
    );
    const open = vscode.window.activeTextEditor?.document.uri.fsPath;
    const current = all.find(({ folder }) => open?.startsWith(folder + path.sep));
    if (current ?? all.length < 2) {
      if (all.length === 0)
        tell('No exercise has been started in this workspace. Start one from the Exercises view.');
      return current ?? all[0];
    }
    const picks = all.map((one) => ({ label: one.exercise.title, description: one.folder, one }));
    return (await vscode.window.showQuickPick(picks, { placeHolder: 'Which exercise?' }))?.one;
  };
  const onExercise = (
    name: string,
    run: (node: Started, given: unknown) => Promise<void>,
  ): vscode.Disposable =>
    guarded(log, name, async (given) => {
      const node = await pick(given);
      if (node) await run(node, given);
      refresh();
    });
  return [
    guarded(log, 'startExercise', async (given) => {
      if (!trusted()) return;
      const nodes = await tree.exercises();
      const picks = nodes.map((one) => ({
        label: one.exercise.title,
        description: one.exercise.summary,
        one,
      }));
      const node = isExercise(given)
        ? given
        : (await vscode.window.showQuickPick(picks, { placeHolder: 'Which exercise?' }))?.one;
      if (!node) return;
      const parent = await parentFolder();
      if (parent === undefined) return;
      const { freeFolder, scaffold } = await import('../../course');
      const wanted = path.join(parent, node.exercise.folder);
      const free = await freeFolder(wanted);
      let target = free;
      if (free !== wanted) {
        const create = `Create ${path.basename(free)}`;
        const choice = await vscode.window.showWarningMessage(
          `${wanted} exists already; nothing in it is touched.`,
          create,
          'Open what is there',
        );
        if (choice === undefined) return;
        if (choice !== create) return openBeside(wanted, node.exercise.entry);
        target = free;
      }
      await scaffold(root, node.exercise, target);
      refresh();
      await openBeside(target, node.exercise.entry);
    }),
    onExercise('openExercise', ({ folder, exercise }) => openBeside(folder, exercise.entry)),
    onExercise('hint', async ({ folder, exercise }, given) => {
      const { showHint } = await import('../../course');
      const hint = await showHint(root, folder, isTask(given) ? given.task.id : undefined);
      const title = exercise.tasks.find(({ id }) => id === hint.task)?.title ?? '';
      tell(`${title} (hint ${hint.number} of ${hint.of}): ${hint.text}`);
    }),
    onExercise('solution', async ({ folder, exercise }) => {
      const { openSolution } = await import('../../course');
      const { attempt, solution } = await openSolution(root, folder);
      const title = `Your attempt ↔ solution: ${exercise.title}`;
      await vscode.commands.executeCommand(
        'vscode.diff',
        vscode.Uri.file(attempt),
        vscode.Uri.file(solution),
        title,
      );
    }),
    onExercise('reset', async ({ folder, exercise }) => {
      const question = `Put the starter files of "${exercise.title}" back? A copy of your files is kept.`;
      if (!(await vscode.window.showWarningMessage(question, { modal: true }, 'Reset'))) return;
      await vscode.workspace.saveAll();
      const { resetExercise, restoreAttempt } = await import('../../course');
      const attempt = await resetExercise(root, exercise, folder);
      const back = 'Bring back my attempt';
      const choice = await vscode.window.showInformationMessage(
        'The starter files are back. Your attempt is kept.',
        back,
      );
      if (choice === back) await restoreAttempt(folder, attempt);
    }),
    onExercise('restore', async ({ folder }) => {
      await vscode.workspace.saveAll();
      const { restoreAttempt } = await import('../../course');
      await restoreAttempt(folder);
      tell('Your last attempt is back. What was there before is kept as an attempt, too.');
    }),
    onExercise('check', async ({ folder }) => {
      if (!trusted()) return;
      await vscode.workspace.saveAll(false);
      const report = await vscode.window.withProgress(
        { location: { viewId: 'transferLab.exercises' }, title: 'Checking' },
        () => runCli(root, ['check', folder, '--json'], log),
      );
      await showReport(root, folder, report, diagnostics);
    }),
  ];
}

async function parentFolder(): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  if (folders.length > 1) return (await vscode.window.showWorkspaceFolderPick())?.uri.fsPath;
  const picked = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: 'Create the exercise here',
  });
  return picked?.[0]?.fsPath;
}

async function openBeside(folder: string, entry: string): Promise<void> {
  const file = (name: string): vscode.Uri => vscode.Uri.file(path.join(folder, name));
  await vscode.window.showTextDocument(file(entry), { viewColumn: vscode.ViewColumn.One, preview: false });
  await vscode.commands.executeCommand('markdown.showPreviewToSide', file('README.md'));
}

const isExercise = (value: unknown): value is ExerciseNode =>
  typeof value === 'object' && value !== null && 'exercise' in value;
const isTask = (value: unknown): value is TaskNode =>
  typeof value === 'object' && value !== null && 'task' in value && 'parent' in value;
