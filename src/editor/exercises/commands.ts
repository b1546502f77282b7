import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ExerciseFile } from '../../protocol/exercise';
import { guarded, tell, trusted } from '../guard';
import { Joined } from '../joined';
import type { Instructions } from '../instructions/instructions';
import type { CheckDiagnostics } from './check-diagnostics';
import { CheckOnSave } from './check-on-save';
import type { ExercisesTree } from './exercises-tree';
import { isExercise, pickExercise, type Picked } from './pick-exercise';
import { registerSolutions, showSolution } from './solution-view';

const { t } = vscode.l10n;

export function registerExerciseCommands(
  root: string,
  tree: ExercisesTree,
  instructions: Instructions,
  diagnostics: CheckDiagnostics,
  refresh: () => void,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const onExercise = (name: string, run: (picked: Picked) => Promise<void>): vscode.Disposable =>
    guarded(log, name, async (given) => {
      const picked = await pickExercise(tree, given);
      if (picked) await run(picked);
      refresh();
    });
  // A double click starts an exercise once.
  const making = new Joined<boolean>();
  return [
    registerSolutions(),
    new CheckOnSave(root, tree, diagnostics, log),
    guarded(log, 'startExercise', async (given) => {
      if (!trusted()) return;
      const exercise = isExercise(given) ? given.exercise : await chooseExercise(tree);
      const parent = exercise && (await parentFolder());
      if (!exercise || parent === undefined) return;
      const wanted = path.join(parent, exercise.folder);
      const make = async (folder: string): Promise<void> => {
        const { scaffold } = await import('../../course');
        await scaffold(root, exercise, folder);
        refresh();
        await openBeside(folder, exercise, instructions);
      };
      const { freeFolder } = await import('../../course');
      const isMade = await making.do(wanted, async () => {
        const isFree = (await freeFolder(wanted)) === wanted;
        if (isFree) await make(wanted);
        return isFree;
      });
      if (isMade) return;
      const free = await freeFolder(wanted);
      const choice = await askAboutFolder(wanted, free);
      if (choice === 'create') await make(free);
      if (choice === 'open') await openBeside(wanted, exercise, instructions);
    }),
    onExercise('openExercise', ({ folder, exercise }) => openBeside(folder, exercise, instructions)),
    onExercise('handIn', async ({ folder }) => {
      if (!trusted()) return;
      const { writeReport } = await import('./hand-in');
      await writeReport(root, folder, log);
    }),
    onExercise('hint', async ({ folder, exercise, taskId }) => {
      const { showHint } = await import('../../course');
      const hint = await showHint(root, folder, taskId);
      const title = exercise.tasks.find(({ id }) => id === hint.task)?.title ?? '';
      const again = { folder, taskId: hint.task };
      const next = {
        title: t('Next hint'),
        run: () => vscode.commands.executeCommand('transferLab.hint', again),
      };
      tell(
        t('{0} (hint {1} of {2}): {3}', title, hint.number, hint.of, hint.text),
        ...(hint.number < hint.of ? [next] : []),
      );
    }),
    onExercise('solution', async ({ folder, exercise, progress }) => {
      const done = progress?.state === 'passed' || progress?.state === 'passedWithHelp';
      const show = t('Show the solution');
      const question = t('A pass after seeing the solution counts as “passed with help”.');
      if (!done && !progress?.solutionSeen) {
        const choice = await vscode.window.showInformationMessage(question, { modal: true }, show);
        if (choice !== show) return;
      }
      const { openSolution } = await import('../../course');
      const { attempt, solution } = await openSolution(root, folder);
      await showSolution(t('Your attempt ↔ solution: {0}', exercise.title), attempt, solution);
    }),
    onExercise('reset', async ({ folder, exercise }) => {
      const question = t(
        'Put the starter files of "{0}" back? A copy of your files is kept.',
        exercise.title,
      );
      const reset = t('Reset');
      if ((await vscode.window.showWarningMessage(question, { modal: true }, reset)) !== reset) return;
      await vscode.workspace.saveAll();
      const { resetExercise } = await import('../../course');
      await resetExercise(root, exercise, folder);
      tell(t('The starter files are back. Your attempt is kept.'), {
        title: t('Bring back my attempt'),
        run: () => vscode.commands.executeCommand('transferLab.restore', { folder }),
      });
    }),
    onExercise('restore', async ({ folder }) => {
      await vscode.workspace.saveAll();
      const { listAttempts, restoreAttempt } = await import('../../course');
      const attempts = await listAttempts(folder);
      const picks = attempts.map((attempt) => ({
        label: new Date(attempt.savedAt).toLocaleString(),
        attempt,
      }));
      const placeHolder = t('Which attempt? The newest is first.');
      const chosen = picks.length < 2 ? picks[0] : await vscode.window.showQuickPick(picks, { placeHolder });
      if (picks.length > 0 && !chosen) return;
      await restoreAttempt(folder, chosen?.attempt);
      tell(t('Your attempt is back. What was there before is kept as an attempt, too.'));
    }),
    onExercise('check', async (picked) => {
      if (!trusted()) return;
      await vscode.workspace.saveAll(false);
      const { checkExercise } = await import('./check-command');
      await instructions.whileChecking(picked.folder, (say) =>
        checkExercise(root, picked, diagnostics, log, say),
      );
    }),
  ];
}

async function chooseExercise(tree: ExercisesTree): Promise<ExerciseFile | undefined> {
  const picks = (await tree.exercises()).map(({ exercise }) => ({
    label: exercise.title,
    description: exercise.summary,
    exercise,
  }));
  return (await vscode.window.showQuickPick(picks, { placeHolder: t('Which exercise?') }))?.exercise;
}

/** What to do where the folder of an exercise is there already. */
async function askAboutFolder(wanted: string, free: string): Promise<'create' | 'open' | undefined> {
  const create = t('Create {0}', path.basename(free));
  const open = t('Open what is there');
  const text = t('{0} exists already; nothing in it is touched.', wanted);
  const choice = await vscode.window.showWarningMessage(text, create, open);
  if (choice === undefined) return undefined;
  return choice === create ? 'create' : 'open';
}

async function parentFolder(): Promise<string | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  if (folders.length > 1) return (await vscode.window.showWorkspaceFolderPick())?.uri.fsPath;
  const picked = await vscode.window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: t('Create the exercise here'),
  });
  return picked?.[0]?.fsPath;
}

/** The code on one side, with the keyboard; what to do with it on the other. */
async function openBeside(folder: string, exercise: ExerciseFile, instructions: Instructions): Promise<void> {
  const { entryIn } = await import('../../course');
  await vscode.window.showTextDocument(vscode.Uri.file(path.join(folder, await entryIn(folder, exercise))), {
    viewColumn: vscode.ViewColumn.One,
    preview: false,
  });
  await instructions.show(folder);
}
