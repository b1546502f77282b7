import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Bench, hashOf, problemOf, repository, WEIGHTS } from './testing/bench';
import { buildDownloader, Downloader } from './testing/downloader';
import { sha256 } from './testing/fake-hub';
import { SELF_SIGNED } from './testing/self-signed';

describe('a network with a proxy', () => {
  const bench = new Bench();

  it('goes through the proxy of HTTP_PROXY, unless NO_PROXY names the host', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const [host, port] = (request.url ?? '').split(':');
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    bench.env = { ...bench.env, HTTP_PROXY: address };
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    expect(tunnels.length).toBeGreaterThan(0);
    const before = tunnels.length;
    bench.env = { ...bench.env, HF_HOME: join(bench.folder, 'second'), NO_PROXY: '127.0.0.1' };
    expect(await hashOf(await bench.fetchAll())).toBe(sha256(WEIGHTS));
    expect(tunnels.length).toBe(before);
    proxy.closeAllConnections();
    await new Promise((done) => proxy.close(done));
  });
});

describe('a network whose certificates are its own', () => {
  const bench = new Bench(SELF_SIGNED);
  beforeAll(buildDownloader);

  /** A process that was told to trust the certificate; Node reads it when it starts. */
  async function trusting(): Promise<Downloader> {
    const file = join(bench.folder, 'school.pem');
    await writeFile(file, SELF_SIGNED.cert);
    const downloader = new Downloader(repository.id, { ...bench.env, NODE_EXTRA_CA_CERTS: file });
    await downloader.ended;
    return downloader;
  }

  it('is not trusted, is told how to, and has sent nothing', async () => {
    const { code, text } = await problemOf(bench.fetchAll());
    expect(code).toBe('hub-certificate');
    expect(text).toContain('self-signed certificate');
    expect(text).toContain('NODE_EXTRA_CA_CERTS');
    expect(bench.hub.asked).toEqual([]);
  });

  it('is trusted with NODE_EXTRA_CA_CERTS, and even then nothing goes from https to http', async () => {
    // The storage of the fake Hub speaks http, on this computer: that is no address for what came over https.
    const refused = await trusting();
    expect(refused.problem?.code).toBe('hub-redirect');
    expect(refused.problem?.message).toContain(bench.hub.storage);
    expect(bench.hub.asked.filter(({ port }) => port === 'storage')).toEqual([]);
    bench.hub.onResolve = (request, response) =>
      void response.end(bench.hub.files.get((request.url ?? '').split('/').at(-1) ?? ''));
    const { folder } = await trusting();
    expect(await hashOf(folder ?? '')).toBe(sha256(WEIGHTS));
  });
});
