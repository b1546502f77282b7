// node out/test/main.js install | host | ui | open FOLDER
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { installServer } from './harness/install';
import { runInHost } from './harness/run-host-tests';

const root = resolve(__dirname, '..', '..');
const home = join(root, '.vscode-test', 'server');
const say = (line: string): void => console.log(`vscode: ${line}`);

async function host(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-host-'));
  const tests = join(root, 'out', 'test', 'host-entry.js');
  try {
    if (process.env['TRANSFER_LAB_ELECTRON'] === '1') {
      return await runTests({
        extensionDevelopmentPath: root,
        extensionTestsPath: tests,
        launchArgs: [folder, '--disable-extensions', '--disable-workspace-trust'],
      });
    }
    const verdict = await runInHost({ home, extension: root, tests, folder, timeoutMs: 15 * 60_000 });
    if (verdict.error) console.error(verdict.error);
    console.log(`${verdict.passed} passed, ${verdict.failed} failed`);
    return verdict.failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function main(command: string | undefined): Promise<number> {
  if (process.env['TRANSFER_LAB_ELECTRON'] !== '1' || command !== 'host') await installServer(home, say);
  switch (command) {
    case 'install':
      return 0;
    case 'host':
      return host();
    default:
      console.error('usage: main.js install | host | ui | open FOLDER');
      return 2;
  }
}

main(process.argv[2]).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
