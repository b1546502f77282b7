// node out/test/main.js install | host | ui | open FOLDER | themes
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findBrowser } from './harness/browser';
import { installServer } from './harness/install';
import { runInDesktop } from './harness/run-desktop-tests';
import { runInHost } from './harness/run-host-tests';
import { remotePath, startServer, workbenchAddress } from './harness/server';
import { HOST_WINDOWS } from './host/windows';
import { recordThemes } from './page/record-themes';
import { setUiSettings, type UiSettings } from './ui/context';
import { inWords } from './steps';
import { runUiSuite } from './ui/suite';

const root = resolve(__dirname, '..', '..');
const home = join(root, '.vscode-test', 'server');
/** In the desktop VS Code, which @vscode/test-electron downloads, or which VSCODE_EXECUTABLE names. */
const electron = process.env['TRANSFER_LAB_ELECTRON'] === '1';
const say = (line: string): void => console.log(`vscode: ${line}`);

/** One window after another, each with its own folder and tests. TRANSFER_LAB_WINDOW picks one. */
async function host(): Promise<number> {
  const tests = join(root, 'out', 'test', 'host-entry.js');
  const wanted = process.env['TRANSFER_LAB_WINDOW'];
  const total = { passed: 0, failed: 0, notRun: 0 };
  for (const window of HOST_WINDOWS.filter(({ name }) => wanted === undefined || name === wanted)) {
    const folder = await mkdtemp(join(tmpdir(), `transfer-lab-${window.name}-`));
    await window.fill(root, folder);
    say(`window "${window.name}"`);
    try {
      const run = { home, extension: root, tests, folder, window, timeoutMs: 90 * 60_000 };
      const verdict = electron ? await runInDesktop(run) : await runInHost(run);
      if (verdict.error) console.error(verdict.error);
      for (const key of ['passed', 'failed', 'notRun'] as const) total[key] += verdict[key];
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  console.log(inWords(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
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

function uiSettings(): UiSettings {
  const vsix = join(root, 'out', `transfer-lab-${process.platform}-${process.arch}.vsix`);
  const screenshots = join(root, 'out', 'screenshots');
  return { home, root, vsix: existsSync(vsix) ? vsix : undefined, screenshots };
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
  if (!electron || command !== 'host') await installServer(home, say);
  switch (command) {
    case 'install':
      return 0;
    case 'host':
      return host();
    case 'ui':
      return runUiSuite(uiSettings());
    case 'themes':
      setUiSettings(uiSettings());
      await recordThemes(join(root, 'test/vscode/page/themes.json'));
      return 0;
    case 'open':
      return open(resolve(process.argv[3] ?? '.'));
    default:
      console.error('usage: main.js install | host | ui | open FOLDER | themes');
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
