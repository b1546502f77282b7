import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../runs/testing/temporary-folder';
import { withLock } from './lock';

describe('a lock', () => {
  it('of a process that is gone is broken, one of a living process is waited for', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'x.lock');
    const owner = { pid: process.pid, identity: 'started at another time', host: hostname(), token: 'dead' };
    await writeFile(file, JSON.stringify(owner));
    expect(await withLock(file, () => Promise.resolve('mine'))).toBe('mine');
    const order: string[] = [];
    let waits = (): void => undefined;
    const isWaiting = new Promise<void>((resolve) => (waits = resolve));
    let second: Promise<number> | undefined;
    await withLock(file, async () => {
      second = withLock(file, () => Promise.resolve(order.push('second')), { onWait: waits });
      await isWaiting;
      order.push('first');
    });
    await second;
    expect(order).toEqual(['first', 'second']);
    expect(await readdir(folder)).toEqual([]);
  });
});
