/** A folder's path, and what stands for it where others will read the text. */
export interface SecretPath {
  readonly path: string;
  readonly name: string;
}

/**
 * Takes out of a text what says who its user is: the given folders, as they are written on this system and inside of JSON,
 * with either slash and in any case, and the user's name wherever it stands as a word.
 */
export function scrub(text: string, paths: readonly SecretPath[], userName?: string): string {
  const byLength = paths.filter(({ path }) => path.length > 1).sort((a, b) => b.path.length - a.path.length);
  let clean = text;
  for (const { path, name } of byLength) {
    const parts = path.split(/[\\/]/).map(escaped);
    clean = clean.replaceAll(new RegExp(`${parts.join('(?:/|\\\\{1,4})')}(?![\\w-])`, 'gi'), name);
  }
  if (userName !== undefined && userName.length > 2) {
    clean = clean.replaceAll(new RegExp(`(?<![\\w-])${escaped(userName)}(?![\\w-])`, 'gi'), '<user>');
  }
  return clean;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
