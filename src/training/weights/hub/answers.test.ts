import { stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Bench, first, problemOf, WEIGHTS } from './testing/bench';
import type { Behaviour } from './testing/fake-hub';

const bench = new Bench();

describe('a download that is answered wrongly', () => {
  const page = Buffer.from('<!doctype html><title>Log in</title>');
  const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
  it.each<[string, string, (response: Parameters<Behaviour>[1]) => void]>([
    ['a wrong hash at the right length', 'hub-wrong-hash', (r) => r.end(Buffer.alloc(WEIGHTS.length, 1))],
    [
      'a shorter file',
      'hub-wrong-size',
      (r) => r.writeHead(200, { 'content-length': 9 }).end(Buffer.alloc(9)),
    ],
    ['more than the file', 'hub-wrong-size', (r) => r.end(Buffer.concat([WEIGHTS, Buffer.from('x')]))],
    [
      'an endless chunked answer',
      'hub-wrong-size',
      (r) => {
        const more = (): void =>
          void (r.destroyed || r.write(Buffer.alloc(65_536), () => setImmediate(more)));
        more();
      },
    ],
    [
      'a login page',
      'hub-login-page',
      (r) => r.writeHead(200, { 'content-type': 'text/html', 'content-length': page.length }).end(page),
    ],
    [
      'a Git LFS pointer',
      'hub-lfs-pointer',
      (r) => r.writeHead(200, { 'content-length': pointer.length }).end(pointer),
    ],
    [
      'a packed answer',
      'hub-answer',
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1e6))),
    ],
  ])('names %s, and keeps nothing of it', async (_, code, answer) => {
    bench.hub.onStorage = (__, response) => answer(response);
    expect((await problemOf(bench.fetchAll())).code).toBe(code);
    const size = await stat(bench.partial).then(
      (found) => found.size,
      () => 0,
    );
    expect(size).toBe(0);
    expect(await stat(bench.blob).catch(() => undefined)).toBeUndefined();
  });

  it.each([
    [
      'one byte at a time',
      (write: (bytes: Buffer) => void) => void setInterval(() => write(Buffer.of(1)), 20).unref(),
    ],
    ['headers and silence', () => undefined],
  ])('gives up on %s, and says that the connection was lost', async (_, drip) => {
    bench.hub.onStorage = (__, response) => {
      response.writeHead(200, { 'content-length': WEIGHTS.length });
      response.flushHeaders();
      drip((bytes) => response.write(bytes));
    };
    expect((await problemOf(bench.fetchAll())).code).toBe('hub-unreachable');
  });

  it('waits as long as a busy server asks, and says so', async () => {
    bench.hub.onResolve = first(
      1,
      (_, response) => void response.writeHead(429, { 'retry-after': '1' }).end(),
    );
    const waits: number[] = [];
    await bench.fetchAll({ onWait: (seconds) => waits.push(seconds) });
    expect(waits).toEqual([1]);
    bench.hub.onInfo = (_, response) => void response.writeHead(503, { 'retry-after': '3600' }).end();
    expect((await problemOf(bench.fetchAll())).text).toContain('busy');
  });

  it.each([
    [401, 'hub-unauthorized', 'HF_TOKEN'],
    [403, 'hub-forbidden', 'accept its conditions'],
    [404, 'hub-not-found', 'spelling'],
  ])('explains %i', async (status, code, words) => {
    bench.hub.onInfo = (_, response) => void response.writeHead(status).end();
    const problem = await problemOf(bench.fetchAll());
    expect(problem.code).toBe(code);
    expect(problem.text).toContain(words);
    expect(problem.text).toContain('timm/resnet18.tv_in1k');
  });

  it('ends redirects that go round', async () => {
    bench.hub.onResolve = (request, response) =>
      void response.writeHead(302, { location: request.url ?? '' }).end();
    expect((await problemOf(bench.fetchAll())).code).toBe('hub-redirects');
  });

  it('is not waited for where the description of the repository has no end', async () => {
    bench.hub.onInfo = (_, response) => {
      const more = (): void =>
        void (response.destroyed || response.write(Buffer.alloc(65_536, 32), () => setImmediate(more)));
      more();
    };
    const { code, text } = await problemOf(bench.fetchAll());
    expect(code).toBe('hub-answer');
    expect(text).toContain('more than 8 MB');
  });
});
