import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import esbuild from 'esbuild';
import type { Problem } from '../../../../protocol/errors';

/** One for each worker of the test runner: several build it at the same time. */
const script = join(
  import.meta.dirname,
  `../../../../../out/test-support/download-main-${process.env['VITEST_POOL_ID'] ?? '0'}.cjs`,
);

interface Said {
  readonly waiting?: string;
  readonly folder?: string;
  readonly problem?: Problem;
}

/** @returns the built program */
export async function buildDownloader(): Promise<string> {
  await esbuild.build({
    entryPoints: [join(import.meta.dirname, 'download-main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
  });
  return script;
}

/** A process that downloads a repository. `buildDownloader` comes first. */
export class Downloader {
  readonly said: Said[] = [];
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;

  constructor(repository: string, env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [script, repository], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    createInterface(child.stdout).on('line', (line) => this.said.push(JSON.parse(line) as Said));
    this.ended = new Promise((done) => child.once('close', () => done()));
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  get folder(): string | undefined {
    return this.said.find(({ folder }) => folder !== undefined)?.folder;
  }

  get problem(): Problem | undefined {
    return this.said.find(({ problem }) => problem !== undefined)?.problem;
  }
}
