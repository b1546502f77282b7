/**
 * A process that downloads one repository: node download-main.js REPOSITORY. It prints lines of JSON: what it waits for, then where
 * the files are or what is wrong. Tests kill it.
 */
import { download, hubSettings, parseRepository, planDownload } from '..';
import { toProblem } from '../../../../protocol/errors';

const print = (said: object): void => console.log(JSON.stringify(said));

async function main(): Promise<void> {
  const repository = parseRepository(process.argv[2] ?? '');
  if (!repository) throw new Error('Which repository?');
  const options = {
    settings: hubSettings(),
    onWait: (_seconds: number, waiting: string) => print({ waiting }),
  };
  const { folder } = await download(await planDownload(repository, options), options);
  print({ folder });
}

main().catch((error: unknown) => {
  print({ problem: toProblem(error) });
  process.exitCode = 1;
});
