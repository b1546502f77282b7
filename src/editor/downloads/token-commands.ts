import * as vscode from 'vscode';
import { tell } from '../guard';
import { removeToken, storeToken } from './token';

/** Asks for a token and stores it. */
export async function setToken(): Promise<void> {
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t('Hugging Face token'),
    prompt: vscode.l10n.t(
      'For private repositories, and those whose conditions you have accepted. A token that can only read is enough. VS Code keeps it in its secret storage.',
    ),
    placeHolder: 'hf_…',
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      isToken(text) ? undefined : vscode.l10n.t('A token is one word without spaces.'),
  });
  if (token === undefined || !isToken(token)) return;
  await storeToken(token.trim());
  tell(
    process.env['HF_TOKEN']
      ? vscode.l10n.t(
          'The token is stored. HF_TOKEN is set in the environment of VS Code, too, and is used before it.',
        )
      : vscode.l10n.t('The token is stored. Start again what needed it.'),
  );
}

export async function forgetToken(): Promise<void> {
  const was = await removeToken();
  tell(was ? vscode.l10n.t('The token is removed.') : vscode.l10n.t('No token is stored.'));
}

const isToken = (text: string): boolean => /^[!-~]+$/.test(text.trim());
