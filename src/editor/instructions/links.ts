import { posix } from 'node:path';
import type { ExerciseFile } from '../../protocol/exercise';
import type { LinkTarget } from '../../protocol/instructions';
import { readAction } from './actions';

const PICTURE = /\.(png|jpe?g|gif|webp|svg)$/i;

/**
 * Where a link of a README leads. An action is written as a link to the exercise's own file (`experiment.ts#check`), so that
 * any other reader of Markdown opens that file, where the same buttons stand.
 * @returns undefined: nowhere that we would go; its words stay plain text
 */
export function linkTarget(
  href: string,
  { entry, tasks }: Pick<ExerciseFile, 'entry' | 'tasks'>,
): LinkTarget | undefined {
  if (href.startsWith('#')) {
    const id = decoded(href.slice(1));
    return id ? { kind: 'place', id } : undefined;
  }
  if (/^https:\/\//i.test(href)) return URL.canParse(href) ? { kind: 'outside', url: href } : undefined;
  const [before = '', fragment] = split(href);
  const path = pathInside(before);
  if (path === undefined) return undefined;
  const line = /^L(\d{1,6})$/.exec(fragment ?? '')?.[1];
  if (path !== entry || fragment === undefined || line !== undefined)
    return { kind: 'file', path, ...(line === undefined ? {} : { line: Number(line) }) };
  const action = readAction(decoded(fragment) ?? '');
  if (!action || ('task' in action && !tasks.some(({ id }) => id === action.task))) return undefined;
  return { kind: 'action', action };
}

/** The path of a picture in the exercise's folder; undefined for anything else, pictures of the network included. */
export function picturePath(src: string): string | undefined {
  const path = pathInside(src);
  return path !== undefined && PICTURE.test(path) ? path : undefined;
}

/** A relative path that stays in the folder, with `/` and without `.` and `..`; undefined for every other address. */
export function pathInside(address: string): string | undefined {
  const path = decoded(address);
  // A colon is a scheme or a drive, a backslash is a way out on Windows, control characters have no place in a name.
  if (!path || /[:\\?\p{Cc}]/u.test(path) || path.startsWith('/')) return undefined;
  const clean = posix.normalize(path);
  return clean === '.' || clean === '..' || clean.startsWith('../') ? undefined : clean;
}

function split(href: string): [path: string, fragment?: string] {
  const at = href.indexOf('#');
  return at < 0 ? [href] : [href.slice(0, at), href.slice(at + 1)];
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // A lone % is no address.
  }
}
