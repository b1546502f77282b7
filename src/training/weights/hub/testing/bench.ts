import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import { download, hubSettings, planDownload, type Repository } from '..';
import { LearnerError } from '../../../../protocol/errors';
import { hashBytesImage } from '../../../oracle/hash';
import { blobFile } from '../cache';
import type { Limits } from '../client';
import { fakeHub, sha256, type Behaviour, type FakeHub } from './fake-hub';

export const WEIGHTS = Buffer.from(hashBytesImage('weights', [3, 400, 500]));
export const CONFIG = Buffer.from('{"architecture": "resnet18"}');
export const repository: Repository = { id: 'timm/resnet18.tv_in1k', revision: 'main' };
export const LIMITS: Limits = { stallMs: 400, stallBytes: 1000, retries: 3, pauseMs: 5, longestWait: 2 };

interface Extra {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  readonly onWait?: (seconds: number, reason: string) => void;
}

/** A fake Hub and an empty cache, new for each test. */
export class Bench {
  hub!: FakeHub;
  folder = '';
  env: NodeJS.ProcessEnv = {};

  constructor(tls?: Parameters<typeof fakeHub>[1]) {
    beforeEach(async () => {
      const files = { 'model.safetensors': WEIGHTS, 'config.json': CONFIG, 'README.md': Buffer.from('#') };
      this.hub = await fakeHub(files, tls);
      this.folder = await mkdtemp(join(tmpdir(), 'transfer-lab-hub-'));
      this.env = { HF_HOME: this.folder, HF_ENDPOINT: this.hub.endpoint };
    });
    afterEach(async () => {
      await this.hub.close();
      await rm(this.folder, { recursive: true, force: true });
    });
  }

  async fetchAll(extra: Extra = {}, wanted = repository): Promise<string> {
    const options = { settings: hubSettings(this.env), limits: LIMITS, ...extra };
    return (await download(await planDownload(wanted, options), options)).folder;
  }

  get blob(): string {
    return blobFile(join(this.folder, 'hub'), repository, sha256(WEIGHTS));
  }

  get partial(): string {
    return `${this.blob}.transfer-lab.incomplete`;
  }

  /** What the storage was asked for: 'all', or a range. */
  get rangesAsked(): string[] {
    return this.hub.asked.filter(({ port }) => port === 'storage').map(({ range = 'all' }) => range);
  }

  /** Until so many bytes of the weights are on the disk. */
  async arrived(count: number): Promise<void> {
    while (((await stat(this.partial).catch(() => undefined))?.size ?? 0) < count) await wait(20);
  }

  /** Sends so many bytes of the whole and cuts the connection once they are on disk: a cut takes along what is underway. */
  cutAfter(count: number): Behaviour {
    return (_, response) => {
      response.writeHead(200, { 'content-length': WEIGHTS.length, etag: this.hub.etag });
      response.write(WEIGHTS.subarray(0, count));
      void this.arrived(count).then(() => response.destroy());
    };
  }
}

/** Told by their hash: a comparison byte by byte takes the test runner half a minute. */
export const hashOf = async (snapshot: string): Promise<string> =>
  sha256(await readFile(join(snapshot, 'model.safetensors')));

export async function problemOf(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof LearnerError)) throw error;
    const { code, message, remedy } = error.problem;
    return { code, text: `${message} ${remedy}` };
  }
  return { code: 'none', text: '' };
}

/** Wrong so many times, then right. */
export function first(times: number, wrong: Behaviour): Behaviour {
  let count = 0;
  return (request, response, serve) => (++count <= times ? wrong(request, response, serve) : serve());
}
