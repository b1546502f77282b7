import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { LearnerError } from '../../protocol/errors';

const run = promisify(execFile);

/** The oldest Node that the engine runs on. */
const OLDEST: readonly [number, number] = [20, 19];

export interface NodeCandidate {
  readonly origin: 'setting' | 'path' | 'editor';
  readonly path: string;
  /** `v22.3.0`; absent where it did not start. */
  readonly version?: string;
}

export interface NodeChoice {
  readonly path: string;
  /** The editor's own Node is Electron and needs ELECTRON_RUN_AS_NODE=1. */
  readonly asElectron: boolean;
  readonly version: string;
  readonly origin: NodeCandidate['origin'];
}

/**
 * The first candidate that is new enough: setting, then PATH, then the editor's own.
 * @throws {LearnerError} 'node-not-usable' for a setting that does not work (it is never passed over in silence), 'node-not-found'
 */
export function chooseNode(candidates: readonly NodeCandidate[]): NodeChoice {
  for (const origin of ['setting', 'path', 'editor'] as const) {
    for (const candidate of candidates.filter((one) => one.origin === origin)) {
      const { path, version } = candidate;
      if (version !== undefined && isNewEnough(version)) {
        return { path, version, origin, asElectron: origin === 'editor' };
      }
      if (origin === 'setting') {
        throw new LearnerError({
          code: 'node-not-usable',
          message: `The setting names ${path} as Node.js, ${complaint(candidate)}.`,
          remedy: `Set it to a Node.js of version ${OLDEST.join('.')} or newer, or clear it.`,
        });
      }
    }
  }
  const tried = candidates.map((one) => `${one.path} (${complaint(one)})`).join(', ');
  throw new LearnerError({
    code: 'node-not-found',
    message: `No Node.js of version ${OLDEST.join('.')} or newer was found${tried === '' ? '' : `; tried ${tried}`}.`,
    remedy: 'Install Node.js from https://nodejs.org, or set its path in the settings of Transfer Lab.',
  });
}

/** Looks for Node where this computer may have it. */
export async function findNode(options: {
  /** Path from the user's settings. */
  readonly setting?: string;
  /** VS Code's own executable (process.execPath of the extension host). */
  readonly editor?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}): Promise<NodeChoice> {
  const env = options.env ?? process.env;
  const candidates: NodeCandidate[] = [];
  if (options.setting) {
    candidates.push(await probe({ origin: 'setting', path: options.setting }));
  } else {
    const onPath = await firstOnPath(env);
    if (onPath !== undefined) candidates.push(await probe({ origin: 'path', path: onPath }));
    if (options.editor) candidates.push(await probe({ origin: 'editor', path: options.editor }));
  }
  return chooseNode(candidates);
}

async function firstOnPath(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}

async function probe(candidate: NodeCandidate): Promise<NodeCandidate> {
  try {
    const { stdout } = await run(candidate.path, ['-p', 'process.version'], {
      timeout: 10_000,
      windowsHide: true,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
    });
    return { ...candidate, version: stdout.trim() };
  } catch {
    return candidate; // No version: `chooseNode` says that it did not start.
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function complaint({ version }: NodeCandidate): string {
  return version === undefined ? 'which did not start' : `which is version ${version.replace(/^v/, '')}`;
}
