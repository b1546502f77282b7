import * as path from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { LearnerError } from '../../protocol/errors';
import type { CheckReport } from '../../protocol/exercise';
import { runCli, type CliOptions } from '../cli-process';
import { askingFirst } from '../downloads/ask';
import { hubEnvironment } from '../downloads/environment';
import { openAt, tell } from '../guard';
import { placeFindings, type CheckDiagnostics } from './check-diagnostics';
import type { Picked } from './pick-exercise';

const reportSchema = z.object({
  passed: z.boolean(),
  results: z.array(z.looseObject({ status: z.string() })),
});
const progressSchema = z.object({ progress: z.string() });

/** Checks an exercise in a child process: findings at their lines, states in the tree, one sentence at the end. */
export async function checkExercise(
  root: string,
  { folder, exercise }: Picked,
  diagnostics: CheckDiagnostics,
  log: vscode.LogOutputChannel,
  say: (text: string) => void,
): Promise<void> {
  const title = vscode.l10n.t('Checking exercise {0}', exercise.number);
  const { Notification, Window } = vscode.ProgressLocation;
  const check = async (download: boolean): Promise<CheckReport | undefined> =>
    vscode.window.withProgress(
      { location: download ? Notification : Window, title, cancellable: download },
      (progress, cancel) =>
        vscode.window.withProgress({ location: { viewId: 'transferLab.exercises' } }, async () =>
          runCheck(root, folder, [], log, {
            more: await hubEnvironment(download),
            signal: signalOf(cancel),
            onProgress: (message) => {
              progress.report({ message });
              say(message);
            },
          }),
        ),
    );
  const report = await askingFirst(check);
  if (!report) return;
  placeFindings(folder, exercise.entry, report, diagnostics);
  const passed = report.results.filter(({ status }) => status === 'passed').length;
  if (report.passed) {
    tell(vscode.l10n.t('Exercise {0} is done: all {1} checks passed.', exercise.number, passed));
    return;
  }
  const first = report.results.find(({ status }) => status === 'wrong' || status === 'notAttempted');
  const text = vscode.l10n.t(
    '{0} of {1} checks passed. Next: {2}',
    passed,
    report.results.length,
    first?.message ?? first?.title ?? '',
  );
  tell(
    text,
    {
      title: vscode.l10n.t('Show next hint'),
      run: () => vscode.commands.executeCommand('transferLab.hint', { folder, taskId: first?.task }),
    },
    {
      title: vscode.l10n.t('Go to the line'),
      run: () => openAt(first?.location ?? { file: path.join(folder, exercise.entry), line: 1 }),
    },
  );
}

/** When a file of an exercise is saved: the checks of its code only, and of them only what is wrong. Nothing is trained. */
export async function checkCode(
  root: string,
  { folder, exercise }: Picked,
  diagnostics: CheckDiagnostics,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const { results = [] } = (await runCheck(root, folder, ['--only', 'code'], log)) ?? {};
  placeFindings(
    folder,
    exercise.entry,
    { results: results.filter(({ status }) => status === 'wrong') },
    diagnostics,
  );
}

async function runCheck(
  root: string,
  folder: string,
  options: readonly string[],
  log: vscode.LogOutputChannel,
  { onProgress, ...rest }: CliOptions & { readonly onProgress?: (text: string) => void } = {},
): Promise<CheckReport | undefined> {
  const onLine = (line: string): void => {
    const told = progressSchema.safeParse(parsed(line));
    if (told.success) onProgress?.(told.data.progress);
  };
  const answer = await runCli(root, ['check', folder, ...options, '--json'], log, onLine, rest).catch(
    (error: unknown) => {
      if (rest.signal?.aborted) return undefined;
      throw error;
    },
  );
  if (rest.signal?.aborted) {
    tell(vscode.l10n.t('The check was stopped. What was downloaded is kept.'));
    return undefined;
  }
  if (!reportSchema.safeParse(answer).success) {
    throw new LearnerError({
      code: 'check-unreadable',
      message: vscode.l10n.t('The check ended without a report.'),
      remedy: vscode.l10n.t('Open the log of Transfer Lab to see what it printed.'),
    });
  }
  return answer as CheckReport;
}

function signalOf(cancel: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  cancel.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // Not ours: whatever a library printed.
  }
}
