import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What was asked, in order. */
export interface Asked {
  readonly port: 'hub' | 'storage';
  readonly path: string;
  readonly authorization?: string;
  readonly range?: string;
  readonly ifRange?: string;
}

/** How the storage answers a request for a file; `serve` is the right way. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, serve: () => void) => void;

export interface FakeHub {
  readonly endpoint: string;
  readonly storage: string;
  readonly asked: Asked[];
  readonly commit: string;
  /** Content by name. */
  readonly files: Map<string, Buffer>;
  /** Replaces the answers: to the description of the repository, to the first request for a file, to that for its bytes. */
  onInfo?: Behaviour;
  onResolve?: Behaviour;
  onStorage?: Behaviour;
  etag: string;
  close(): Promise<void>;
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const gitSha1 = (content: Buffer): string =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

/**
 * A Hub on two ports of this computer: descriptions and redirects on one, the bytes of large files on the other.
 * @param tls what the first of them proves itself with; without, it speaks http
 */
export async function fakeHub(
  files: Readonly<Record<string, Buffer>>,
  tls?: { readonly cert: string; readonly key: string },
): Promise<FakeHub> {
  const commit = 'c0ffee'.padEnd(40, '0');
  const content = new Map(Object.entries(files));
  const asked: Asked[] = [];
  const note = (port: Asked['port'], { url = '', headers }: IncomingMessage): void => {
    const { authorization, range } = headers;
    const ifRange = headers['if-range'];
    asked.push({
      port,
      path: url,
      ...(authorization === undefined ? {} : { authorization }),
      ...(range === undefined ? {} : { range }),
      ...(typeof ifRange === 'string' ? { ifRange } : {}),
    });
  };
  const isLarge = (name: string): boolean => name.endsWith('.safetensors') || name.endsWith('.bin');

  const answer: RequestListener = (request, response) => {
    note('hub', request);
    const path = (request.url ?? '').split('?')[0] ?? '';
    const file = /^\/[^/]+\/[^/]+\/resolve\/[^/]+\/(.+)$/.exec(path)?.[1];
    if (path.startsWith('/api/models/')) {
      const serve = (): void => {
        const siblings = [...content].map(([rfilename, bytes]) => ({
          rfilename,
          size: bytes.length,
          blobId: gitSha1(bytes),
          ...(isLarge(rfilename) ? { lfs: { sha256: sha256(bytes), size: bytes.length } } : {}),
        }));
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ sha: commit, siblings }));
      };
      (hub.onInfo ?? ((_, __, go) => go()))(request, response, serve);
    } else if (file !== undefined && content.has(file)) {
      const serve = (): void => {
        if (!isLarge(file)) return void response.end(content.get(file));
        response.writeHead(302, { location: `${hub.storage}/${file}`, 'x-cache': 'Hit from cloudfront' });
        response.end();
      };
      (hub.onResolve ?? ((_, __, go) => go()))(request, response, serve);
    } else response.writeHead(404).end('Not found');
  };
  const hubServer = tls ? createSecureServer(tls, answer) : createServer(answer);
  const storageServer = createServer((request, response) => {
    note('storage', request);
    const bytes = content.get((request.url ?? '').slice(1)) ?? Buffer.alloc(0);
    const serve = (): void => serveRange(request, response, bytes, hub.etag);
    (hub.onStorage ?? ((_, __, go) => go()))(request, response, serve);
  });
  const hub: FakeHub = {
    endpoint: await listen(hubServer, tls ? 'https' : 'http'),
    storage: await listen(storageServer),
    asked,
    commit,
    files: content,
    etag: '"first"',
    close: async () => {
      for (const server of [hubServer, storageServer]) {
        server.closeAllConnections();
        await new Promise((done) => server.close(done));
      }
    },
  };
  return hub;
}

/** As RFC 9110 has it: a part only while the tag is the one that the client knows. */
function serveRange(request: IncomingMessage, response: ServerResponse, bytes: Buffer, etag: string): void {
  response.setHeader('etag', etag);
  const first = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const known = request.headers['if-range'];
  if (first === undefined || (known !== undefined && known !== etag)) {
    response.writeHead(200, { 'content-length': bytes.length });
    response.end(bytes);
  } else if (Number(first) >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  } else {
    const rest = bytes.subarray(Number(first));
    const range = `bytes ${first}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-range': range, 'content-length': rest.length });
    response.end(rest);
  }
}

async function listen(server: Server, scheme = 'http'): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
