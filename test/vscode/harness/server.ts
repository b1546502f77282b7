import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeFolder } from './install';

export interface ServerOptions {
  /** Where `installServer` put it. */
  readonly home: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether every folder counts as trusted. Without it one opens in Restricted Mode, as at a user's. */
  readonly trust?: boolean;
  /** Extensions to install first. */
  readonly vsix?: readonly string[];
  /** Keep settings and state here; default: a temporary folder that is removed at the end. */
  readonly profile?: string;
}

export interface Server {
  readonly authority: string;
  readonly profile: string;
  /** Processes of the extension hosts of its windows. */
  extensionHosts(): Promise<number[]>;
  /** What it has printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Nothing that calls out, pops up or animates. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'typescript.disableAutomaticTypeAcquisition': true,
  'npm.fetchOnlinePackageInfo': false,
  'json.schemaDownload.enable': false,
  'git.enabled': false,
  'window.commandCenter': false,
  'chat.commandCenter.enabled': false,
  'editor.minimap.enabled': false,
  'editor.wordBasedSuggestions': 'off',
};

const PORT_LINE = /Extension host agent listening on (\d+)/;

/** Starts VS Code's server on 127.0.0.1 at a free port. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'transfer-lab-code-')));
  const user = join(profile, 'user', 'User');
  await mkdir(user, { recursive: true });
  await writeFile(
    join(user, 'settings.json'),
    JSON.stringify({ ...QUIET, ...options.settings }, undefined, 2),
  );
  const main = join(codeFolder(options.home), 'out', 'server-main.js');
  const folders = [
    ...['--user-data-dir', join(profile, 'user')],
    ...['--extensions-dir', join(profile, 'extensions')],
    ...['--server-data-dir', join(profile, 'server')],
    ...['--telemetry-level', 'off', '--accept-server-license-terms'],
  ];
  const env = { ...process.env, EXTENSIONS_GALLERY: '{}', ...options.env };
  for (const file of options.vsix ?? []) {
    await promisify(execFile)(process.execPath, [main, '--install-extension', file, '--force', ...folders], {
      env,
    });
  }
  const listen = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token'];
  const trust = options.trust === false ? [] : ['--disable-workspace-trust'];
  const child = spawn(process.execPath, [main, ...listen, ...trust, ...folders], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endGroup = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const atExit = () => endGroup('SIGKILL');
  process.once('exit', atExit);

  let output = '';
  const port = await new Promise<string>((resolve, reject) => {
    const read = (data: Buffer) => {
      output += data.toString();
      const found = PORT_LINE.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`VS Code's server ended with ${code}:\n${output}`)));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    authority: `127.0.0.1:${port}`,
    profile,
    output: () => output,
    async extensionHosts() {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)]);
      const lines = stdout.split('\n').filter((line) => line.includes('extensionHost'));
      return lines.map((line) => Number.parseInt(line, 10));
    },
    async stop() {
      endGroup('SIGTERM');
      const timer = setTimeout(() => endGroup('SIGKILL'), 4000);
      await exited;
      clearTimeout(timer);
      // Extension hosts and what they started are in the same group, and may outlive the server.
      endGroup('SIGKILL');
      process.off('exit', atExit);
      if (options.profile === undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A path as the window names it. */
export const remotePath = (server: Server, path: string): string =>
  `vscode-remote://${server.authority}${path}`;

/** Address of the workbench with a folder open. `payload` is what the desktop takes as command line options. */
export function workbenchAddress(
  server: Server,
  folder: string,
  payload: readonly (readonly [string, string])[] = [],
): string {
  const query = new URLSearchParams({
    folder,
    payload: JSON.stringify([['skipWelcome', 'true'], ...payload]),
  });
  return `http://${server.authority}/?${query.toString()}`;
}
