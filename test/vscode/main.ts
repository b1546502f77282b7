// node out/test/main.js install | host | ui | open FOLDER
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { findBrowser } from './harness/browser';
import { installServer } from './harness/install';
import { runInHost } from './harness/run-host-tests';
import { remotePath, startServer, workbenchAddress } from './harness/server';
import { fillLearnerFolder } from './learner-folder';
import { runUiSuite } from './ui/suite';

const root = resolve(__dirname, '..', '..');
const home = join(root, '.vscode-test', 'server');
const say = (line: string): void => console.log(`vscode: ${line}`);

async function host(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-host-'));
  await fillLearnerFolder(root, folder);
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

/** For people without the desktop VS Code: the same workbench in their browser. Ends with Ctrl+C. */
async function open(folder: string): Promise<number> {
  const profile = join(root, '.vscode-test', 'profile');
  const server = await startServer({
    home,
    profile,
    settings: { 'editor.minimap.enabled': false, 'workbench.colorTheme': 'Default Dark Modern' },
  });
  const address = workbenchAddress(server, folder, [['extensionDevelopmentPath', remotePath(server, root)]]);
  console.log(
    `\nVS Code with Transfer Lab and your exercise:\n\n  ${address}\n\nOpen it in a browser on this machine. Ctrl+C ends it.`,
  );
  showInBrowser(address);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.stop();
  return 0;
}

function showInBrowser(address: string): void {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const command = process.platform === 'linux' ? (findBrowser() ?? opener) : opener;
  const child = spawn(command, [address], { stdio: 'ignore', detached: true });
  child.on('error', () => say('no browser could be started; open the address yourself'));
  child.unref();
}

async function main(command: string | undefined): Promise<number> {
  if (process.env['TRANSFER_LAB_ELECTRON'] !== '1' || command !== 'host') await installServer(home, say);
  switch (command) {
    case 'install':
      return 0;
    case 'host':
      return host();
    case 'ui': {
      const vsix = join(root, 'out', `transfer-lab-${process.platform}-${process.arch}.vsix`);
      const screenshots = join(root, 'out', 'screenshots');
      return runUiSuite({ home, root, vsix: existsSync(vsix) ? vsix : undefined, screenshots });
    }
    case 'open':
      return open(resolve(process.argv[3] ?? '.'));
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
