import * as vscode from 'vscode';
import { LearnerError } from '../../protocol/errors';
import { tell } from '../guard';
import { tokenPlace } from './token-place';

const KEY = 'transferLab.huggingFaceToken';
/** Kept apart, so that the secret storage is only asked where something is in it: it may want a password to open. */
const IS_STORED = 'transferLab.huggingFaceTokenIsStored';

let told = false;

/**
 * The stored token, for the environment of one process. Undefined where none is stored, or where the secret storage does
 * not give it: that is said once, and what the learner wanted goes on without.
 */
export async function storedToken(): Promise<string | undefined> {
  const { globalState, secrets } = tokenPlace();
  if (globalState.get(IS_STORED) !== true) return undefined;
  try {
    return await secrets.get(KEY);
  } catch (error) {
    if (!told) {
      tell(
        vscode.l10n.t(
          'The stored Hugging Face token cannot be read ({0}); Transfer Lab goes on without it.',
          String(error),
        ),
      );
    }
    told = true;
    return undefined;
  }
}

/** @throws {LearnerError} 'token-not-stored' */
export async function storeToken(token: string): Promise<void> {
  const { globalState, secrets } = tokenPlace();
  try {
    await secrets.store(KEY, token);
    await globalState.update(IS_STORED, true);
    told = false;
  } catch (error) {
    throw new LearnerError(
      {
        code: 'token-not-stored',
        message: vscode.l10n.t('VS Code could not store the token: {0}.', String(error)),
        remedy: vscode.l10n.t('Set the environment variable HF_TOKEN and start VS Code with it instead.'),
      },
      { cause: error },
    );
  }
}

/** @returns whether there was one */
export async function removeToken(): Promise<boolean> {
  const { globalState, secrets } = tokenPlace();
  const was = globalState.get(IS_STORED) === true;
  await globalState.update(IS_STORED, undefined);
  await secrets.delete(KEY);
  return was;
}
