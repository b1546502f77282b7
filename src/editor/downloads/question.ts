import type { WantedDownload } from '../../protocol/errors';
import { downloadSize } from '../../protocol/progress';

type Translate = (message: string, ...values: string[]) => string;

/** What somebody reads before they say yes or no: what, how large, from where, into which folder. */
export function questionAbout(
  { repository, revision, commit, files, bytes, totalBytes, host, destination }: WantedDownload,
  t: Translate,
): { readonly message: string; readonly detail: string } {
  const [id = repository] = repository.split('@');
  const size =
    bytes < totalBytes
      ? t('{0}, the rest of {1}', downloadSize(bytes), downloadSize(totalBytes))
      : downloadSize(bytes);
  return {
    message: t('Download the weights of {0} ({1})?', id, size),
    detail: [
      t('From: {0}, revision {1} (commit {2})', host, revision, commit.slice(0, 7)),
      t('Files: {0}', files.join(', ')),
      t('Into: {0}', destination),
      t('Later runs, and Python’s tools, take them from there without a network.'),
    ].join('\n'),
  };
}
