import type { TryContent, TryViewState } from '../../protocol/try-picture';
import { isRecord } from '../shared/is-record';
import { isContent } from './messages';

/** Characters: a larger picture is not worth keeping over a reload. */
const MOST_KEPT = 1_500_000;

/** What is kept over hiding and reload: the run, and what its network said last. */
export function viewState({ directory, title, result }: TryContent): TryViewState {
  const content = { directory, title, ...(result ? { result } : {}) };
  const small = JSON.stringify(content).length <= MOST_KEPT;
  return { version: 1, directory, content: small ? content : { directory, title } };
}

/** What an earlier life of the view has kept. */
export function keptContent(state: unknown): TryContent | undefined {
  if (!isRecord(state) || state['version'] !== 1 || !isContent(state['content'])) return undefined;
  return state['content'];
}
