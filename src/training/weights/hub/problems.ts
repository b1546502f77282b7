import { LearnerError } from '../../../protocol/errors';
import type { HubSettings } from './settings';

const OWN_FILE = 'Or download model.safetensors on another computer and give its path.';
/** The editor offers a button for it; a terminal reads it from the environment. */
const GIVE_TOKEN =
  'give a token of your account: "Set Hugging Face token…" in the editor, HF_TOKEN in a terminal';

export function hubError(
  code: string,
  message: string,
  remedy = `Try again later. ${OWN_FILE}`,
): LearnerError {
  return new LearnerError({ code, message, remedy });
}

/** What a refusal means, in plain words. @param path of the request: '/api/models/timm/resnet18.tv_in1k/revision/main' */
export function statusProblem(
  status: number,
  path: string,
  { endpoint, token }: HubSettings,
  said?: string,
): LearnerError {
  const [, id = 'the repository', revision] =
    /^(?:\/api\/models)?\/([^/]+\/[^/]+)(?:\/(?:revision|resolve)\/([^/?]+))?/.exec(path) ?? [];
  const detail = said === undefined ? '' : ` It says: ${said.slice(0, 300)}`;
  switch (status) {
    case 401:
      return hubError(
        'hub-unauthorized',
        token === undefined
          ? `${endpoint.host} does not show ${id} to everybody: there is no such repository, or it needs a token.${detail}`
          : `${endpoint.host} does not accept the token for ${id}.${detail}`,
        token === undefined
          ? `Check the spelling of "${id}"; for a private repository ${GIVE_TOKEN}.`
          : `Make a new token in the settings of your account, and ${GIVE_TOKEN}.`,
      );
    case 403:
      return hubError(
        'hub-forbidden',
        `${endpoint.host} does not give ${id} to this account.${detail}`,
        `Open ${endpoint.origin}/${id} in the browser, accept its conditions there, and ${GIVE_TOKEN}.`,
      );
    case 404:
      return hubError(
        'hub-not-found',
        `${endpoint.host} has no ${id}${revision === undefined || revision === 'main' ? '' : ` at revision "${decodeURIComponent(revision)}"`}.${detail}`,
        `Check the spelling, for example 'timm/resnet18.tv_in1k'.`,
      );
    default:
      return hubError('hub-answer', `${endpoint.host} answered with status ${status} for ${id}.${detail}`);
  }
}

export function connectionProblem(error: unknown, { endpoint, env }: HubSettings): LearnerError {
  const proxy = env['https_proxy'] ?? env['HTTPS_PROXY'];
  const way = proxy ? ` (through the proxy in HTTPS_PROXY)` : '';
  return new LearnerError(
    {
      code: 'hub-unreachable',
      message: `${endpoint.host} could not be reached${way}: ${error instanceof Error ? error.message : String(error)}.`,
      remedy: `Check the network${proxy ? ' and the proxy' : ''}, then try again: what has arrived is kept. Without a network, use weights: 'embedded'.`,
    },
    { cause: error },
  );
}
