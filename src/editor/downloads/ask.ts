import * as vscode from 'vscode';
import { LearnerError, type WantedDownload } from '../../protocol/errors';
import { tell } from '../guard';
import { questionAbout } from './question';

/** Questions that wait for an answer, by what they are about: who asks the same meanwhile gets the same answer. */
const open = new Map<string, Promise<boolean>>();

/** Asks whether something may be downloaded. After a no it says that nothing was. */
export function mayDownload(download: WantedDownload): Promise<boolean> {
  const about = `${download.repository} ${download.commit}`;
  let answer = open.get(about);
  if (!answer) {
    answer = ask(download).finally(() => open.delete(about));
    open.set(about, answer);
  }
  return answer;
}

async function ask(download: WantedDownload): Promise<boolean> {
  if (!vscode.workspace.isTrusted) return false;
  const { message, detail } = questionAbout(download, vscode.l10n.t);
  const yes = vscode.l10n.t('Download');
  const choice = await vscode.window.showInformationMessage(message, { modal: true, detail }, yes);
  if (choice === yes) return true;
  tell(vscode.l10n.t('Nothing was downloaded: {0} is not on this computer.', download.repository));
  return false;
}

/**
 * Does something, and once more with leave to download where it ends for want of that and the learner says yes.
 * @returns undefined after a no
 */
export async function askingFirst<T>(act: (download: boolean) => Promise<T>): Promise<T | undefined> {
  try {
    return await act(false);
  } catch (error) {
    const download = error instanceof LearnerError ? error.problem.download : undefined;
    if (!download) throw error;
    return (await mayDownload(download)) ? act(true) : undefined;
  }
}
