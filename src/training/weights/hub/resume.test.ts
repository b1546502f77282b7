import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Bench, first, hashOf, repository, WEIGHTS } from './testing/bench';
import { buildDownloader, Downloader } from './testing/downloader';
import { sha256, type Behaviour } from './testing/fake-hub';

const bench = new Bench();
beforeAll(buildDownloader);

/** As much as a slow network has brought so far, and no more. */
const halfAndSilence: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-length': WEIGHTS.length, etag: bench.hub.etag });
  response.write(WEIGHTS.subarray(0, WEIGHTS.length / 2));
};

const ourLeftovers = async (): Promise<string[]> =>
  (await readdir(dirname(bench.blob))).filter((name) => name.includes('transfer-lab'));

describe('a download that was cut off', () => {
  it.each([0, 1, WEIGHTS.length / 2, WEIGHTS.length - 1])(
    'cut after %i bytes goes on from there',
    async (count) => {
      bench.hub.onStorage = first(1, bench.cutAfter(count));
      expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
      expect(bench.rangesAsked).toEqual(['all', count === 0 ? 'all' : `bytes=${count}-`]);
      expect(bench.hub.asked.at(-1)?.ifRange).toBe(count === 0 ? undefined : '"first"');
    },
  );

  it('of a killed process goes on in the next, with the rest only', async () => {
    const half = WEIGHTS.length / 2;
    bench.hub.onStorage = first(1, halfAndSilence);
    const killed = new Downloader(repository.id, bench.env);
    await bench.arrived(half);
    await killed.kill();
    // Its lock is still there, and its owner is not.
    expect(await readdir(dirname(bench.blob))).toContain(`${sha256(WEIGHTS)}.transfer-lab.lock`);
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    expect(bench.rangesAsked).toEqual(['all', `bytes=${half}-`]);
    expect(await ourLeftovers()).toEqual([]);
  });

  it.each(['the one that downloads', 'the one that waits'])(
    'of two processes is finished by the other when %s is killed',
    async (which) => {
      const half = WEIGHTS.length / 2;
      let goOn = (): void => undefined;
      const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
      bench.hub.onStorage = first(1, (_, response) => {
        response.writeHead(200, { 'content-length': WEIGHTS.length, etag: bench.hub.etag });
        response.write(WEIGHTS.subarray(0, half));
        void mayGoOn.then(() => response.end(WEIGHTS.subarray(half)));
      });
      const downloads = new Downloader(repository.id, bench.env);
      await bench.arrived(half);
      const waits = new Downloader(repository.id, bench.env);
      while (waits.said.length === 0) await wait(20);
      expect(waits.said[0]?.waiting).toContain('another process is downloading this file');
      const [killed, other] = which === 'the one that waits' ? [waits, downloads] : [downloads, waits];
      await killed.kill();
      if (other === downloads) goOn();
      await other.ended;
      expect(other.problem).toBeUndefined();
      expect(await hashOf(other.folder ?? '')).toBe(sha256(WEIGHTS));
      expect(bench.rangesAsked).toEqual(other === downloads ? ['all'] : ['all', `bytes=${half}-`]);
      expect(await ourLeftovers()).toEqual([]);
      expect(await bench.fetchAll()).toBe(other.folder);
    },
  );

  it('starts anew when the content behind the tag has changed', async () => {
    await mkdir(dirname(bench.blob), { recursive: true });
    await writeFile(bench.partial, Buffer.alloc(5000, 7));
    await writeFile(`${bench.blob}.transfer-lab.etag`, '"another"');
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
  });

  it('throws away what an earlier attempt left if the whole is wrong, once', async () => {
    await mkdir(dirname(bench.blob), { recursive: true });
    await writeFile(bench.partial, Buffer.alloc(5000, 7));
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    expect(bench.rangesAsked).toEqual(['bytes=5000-', 'all']);
  });

  it.each([
    ['a part that starts elsewhere', (start: number) => `bytes ${start + 1}-9/10`],
    [
      'a part of something larger',
      (start: number) => `bytes ${start}-${WEIGHTS.length}/${WEIGHTS.length + 1}`,
    ],
  ])('does not take %s', async (_, contentRange) => {
    await mkdir(dirname(bench.blob), { recursive: true });
    await writeFile(bench.partial, WEIGHTS.subarray(0, 5000));
    bench.hub.onStorage = first(1, (__, response) => {
      response.writeHead(206, { 'content-range': contentRange(5000) }).end(WEIGHTS.subarray(5000));
    });
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    expect(bench.rangesAsked).toEqual(['bytes=5000-', 'all']);
  });

  it('starts anew after 416, and verifies what is whole already without asking for it', async () => {
    await mkdir(dirname(bench.blob), { recursive: true });
    await writeFile(bench.partial, WEIGHTS.subarray(0, 5000));
    bench.hub.onStorage = first(1, (_, response) => void response.writeHead(416).end());
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    await rm(bench.blob);
    await writeFile(bench.partial, WEIGHTS);
    bench.hub.asked.length = 0;
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    expect(bench.rangesAsked).toEqual([]);
  });

  it('takes 200 to a Range for what it is: the whole file', async () => {
    await mkdir(dirname(bench.blob), { recursive: true });
    await writeFile(bench.partial, WEIGHTS.subarray(0, 5000));
    bench.hub.onStorage = (_, response) => void response.writeHead(200).end(WEIGHTS);
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
  });

  it('stops when it is cancelled, keeps what came, and frees its lock', async () => {
    bench.hub.onStorage = first(1, (_, response) => {
      response.writeHead(200, { 'content-length': WEIGHTS.length });
      response.write(WEIGHTS.subarray(0, 10_000));
    });
    const controller = new AbortController();
    const work = bench.fetchAll({
      signal: controller.signal,
      onProgress: (done) => done >= 10_000 && controller.abort(),
    });
    await expect(work).rejects.toThrow(/abort/i);
    expect((await readdir(dirname(bench.blob))).filter((name) => name.endsWith('.lock'))).toEqual([]);
    expect((await stat(bench.partial)).size).toBe(10_000);
  });

  it('wanted twice at once is done once', async () => {
    const [a, b] = await Promise.all([bench.fetchAll(), bench.fetchAll()]);
    expect(a).toBe(b);
    expect(await hashOf(a)).toBe(sha256(WEIGHTS));
    expect(bench.rangesAsked).toEqual(['all']);
  });
});
