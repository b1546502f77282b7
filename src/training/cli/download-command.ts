import { stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { LearnerError } from '../../protocol/errors';
import { downloadSize } from '../../protocol/progress';
import { download, hubSettings, parseRepository, planDownload } from '../weights/hub';
import type { Answer, CommonOptions } from './run-commands';
import { say } from './terminal';

/**
 * Says what would be downloaded, how large it is and where it would go; fetches it after a yes. Afterwards runs use it
 * without a network, and so do Python's tools.
 */
export async function downloadCommand(
  text: string,
  options: CommonOptions & { readonly yes?: boolean },
): Promise<Answer> {
  const repository = parseRepository(text);
  if (!repository) {
    throw new LearnerError({
      code: 'hub-name',
      message: `"${text}" is no name of a repository.`,
      remedy:
        'Give owner and name, and perhaps a revision: timm/resnet18.tv_in1k or timm/resnet18.tv_in1k@main.',
    });
  }
  const quiet = options.json === true;
  const settings = hubSettings();
  const plan = await planDownload(repository, { settings });
  const { bytes, totalBytes, destination, commit, files } = plan;
  const told = { repository: repository.id, commit, bytes, totalBytes, destination };
  if (!quiet) {
    say(`${repository.id} at ${commit.slice(0, 7)} (${settings.endpoint.host})`);
    for (const { path, size } of files) say(`  ${path}  ${downloadSize(size)}`);
    say(`To download: ${downloadSize(bytes)}, into ${destination}`);
  }
  if (bytes > 0 && options.yes !== true && !(await agreed(quiet))) {
    if (!quiet) say('Nothing was downloaded. Add --yes to download it.');
    return { ...told, downloaded: false };
  }
  const { folder } = await download(plan, {
    settings,
    onProgress: quiet ? () => undefined : progressInPlace(),
    onWait: (seconds, reason) => quiet || say(`\nWaiting ${Math.ceil(seconds)} s: ${reason}`),
  });
  if (!quiet) say(`\n${folder}`);
  return { ...told, downloaded: true, folder };
}

async function agreed(quiet: boolean): Promise<boolean> {
  if (quiet || !stdin.isTTY || !stdout.isTTY) return false;
  const question = createInterface({ input: stdin, output: stdout });
  try {
    return /^y(es)?$/i.test((await question.question('Download? [y/N] ')).trim());
  } finally {
    question.close();
  }
}

function progressInPlace(): (done: number, total: number) => void {
  let last = 0;
  return (done, total) => {
    const now = performance.now();
    if (!stdout.isTTY || (now - last < 250 && done < total)) return;
    last = now;
    stdout.write(`\r${downloadSize(done)} of ${downloadSize(total)} `);
  };
}
