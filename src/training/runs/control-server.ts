import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { ControlReply } from '../../protocol/run-files';
import { errorCode } from './files';

const requestSchema = z.object({ token: z.string(), type: z.enum(['ping', 'stop']) });
const MAX_LINE = 4096;

/** One run that this process answers for. */
export interface Controlled {
  readonly runId: string;
  readonly token: string;
  stop(): void;
}

/** Answers for all runs of a process on one socket; the token says which is meant. */
export class ControlServer {
  private constructor(
    private readonly server: Server,
    readonly socket: string,
    private readonly runs: Controlled[],
  ) {}

  static async listen(): Promise<ControlServer> {
    const socket = socketPath(randomBytes(8).toString('hex'));
    const runs: Controlled[] = [];
    const server = createServer((connection) => serve(connection, runs));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
    server.unref();
    return new ControlServer(server, socket, runs);
  }

  add(run: Controlled): void {
    this.runs.push(run);
  }

  close(): void {
    this.server.close();
  }
}

export const newToken = (): string => randomBytes(24).toString('hex');

/** Short, because a socket's path may have 104 bytes on macOS; in a folder that only this user can enter. */
function socketPath(name: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\transfer-lab-${name}`;
  const { uid } = userInfo();
  const preferred = join(tmpdir(), `transfer-lab-${uid}`);
  const folder = preferred.length > 80 ? join('/tmp', `transfer-lab-${uid}`) : preferred;
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = fs.lstatSync(folder);
  if (stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0) {
    sweep(folder);
    return join(folder, `${name}.sock`);
  }
  return join(fs.mkdtempSync(join(tmpdir(), 'tl-')), 's');
}

/** Processes that were killed leave their sockets; one that is a minute old and refuses has nobody behind it. */
function sweep(folder: string): void {
  for (const name of fs.readdirSync(folder).filter((one) => one.endsWith('.sock'))) {
    const path = join(folder, name);
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (!stat || Date.now() - stat.mtimeMs < 60_000) continue;
    const probe = createConnection(path);
    probe.unref();
    probe.on('connect', () => probe.destroy());
    probe.on('error', (error) => {
      if (errorCode(error) === 'ECONNREFUSED') fs.rmSync(path, { force: true });
    });
  }
}

function serve(connection: Socket, runs: readonly Controlled[]): void {
  let text = '';
  connection.setEncoding('utf8');
  connection.setTimeout(10_000, () => connection.destroy());
  connection.on('error', () => connection.destroy());
  connection.on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end === -1 && text.length < MAX_LINE) return;
    connection.end(`${JSON.stringify(answer(text.slice(0, end), runs))}\n`);
  });
}

function answer(line: string, runs: readonly Controlled[]): ControlReply {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { type: 'refused', reason: 'not JSON' };
  }
  const request = requestSchema.safeParse(value);
  if (!request.success) return { type: 'refused', reason: 'not a request' };
  const run = runs.find(({ token }) => sameToken(token, request.data.token));
  if (!run) return { type: 'refused', reason: 'wrong token' };
  if (request.data.type === 'ping') return { type: 'pong', runId: run.runId, pid: process.pid };
  run.stop();
  return { type: 'accepted' };
}

function sameToken(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
