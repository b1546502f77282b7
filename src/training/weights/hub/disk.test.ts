/**
 * A disk that is full in the middle of a download: a tmpfs over the cache, in a mount namespace of its own (see
 * src/training/full-disk.test.ts). Where that cannot be had the test is shown as skipped.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Bench, first, repository, WEIGHTS } from './testing/bench';
import { buildDownloader } from './testing/downloader';
import { sha256 } from './testing/fake-hub';

const IN_NAMESPACE = ['--map-root-user', '--mount', 'bash', '-c'];
const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', [...IN_NAMESPACE, 'mount -t tmpfs -o size=64k none /mnt']).status === 0;

/** The room that a download wants is there when it begins; then something else takes it. */
const SCRIPT = `set -e
mkdir "$HF_HOME" && mount -t tmpfs -o size=66m none "$HF_HOME"
"$NODE" "$PROGRAM" "$REPOSITORY" > first.txt &
until [ "$(stat -c %s "$HF_HOME"/hub/*/blobs/*.incomplete 2>/dev/null)" = "$HALF" ]; do sleep 0.05; done
head -c 70000000 /dev/zero > "$HF_HOME/filler" 2>/dev/null || true
touch filled
wait || true
rm "$HF_HOME/filler"
"$NODE" "$PROGRAM" "$REPOSITORY" > second.txt
sha256sum "$HF_HOME"/hub/*/snapshots/*/model.safetensors > hash.txt
ls "$HF_HOME"/hub/*/blobs > left.txt`;

describe.skipIf(!canMount)('a full disk', () => {
  const bench = new Bench();
  let program = '';
  beforeAll(async () => {
    program = await buildDownloader();
  });

  it('in the middle of a download is said, what has come is kept, and with room it goes on from there', async () => {
    const half = WEIGHTS.length / 2;
    const at = (name: string): string => join(bench.folder, name);
    const text = (name: string): string => readFileSync(at(name), 'utf8');
    bench.hub.onStorage = first(1, (_, response) => {
      response.writeHead(200, { 'content-length': WEIGHTS.length, etag: bench.hub.etag });
      response.write(WEIGHTS.subarray(0, half));
      const rest = async (): Promise<void> => {
        while (!existsSync(at('filled'))) await wait(20);
        response.end(WEIGHTS.subarray(half));
      };
      void rest();
    });
    const env = { ...process.env, ...bench.env, HF_HOME: at('small') };
    const words = { NODE: process.execPath, PROGRAM: program, REPOSITORY: repository.id, HALF: `${half}` };
    const child = spawn('unshare', [...IN_NAMESPACE, SCRIPT], {
      cwd: bench.folder,
      env: { ...env, ...words },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const status = await new Promise((done) => child.once('exit', done));
    expect(status).toBe(0);

    const said = text('first.txt');
    expect(said).toContain('"disk-full"');
    const kept = Number(/is full; (\d+) bytes of the file are kept/.exec(said)?.[1]);
    expect(kept).toBeGreaterThanOrEqual(half);
    expect(said).toContain('it goes on from there');
    expect(bench.rangesAsked).toEqual(['all', `bytes=${kept}-`]);
    expect(text('hash.txt').split(' ')[0]).toBe(sha256(WEIGHTS));
    expect(text('left.txt')).not.toContain('transfer-lab');
  });
});
