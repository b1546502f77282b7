import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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
    await Promise.all([
      withLock(file, async () => {
        await wait(50);
        order.push('first');
      }),
      wait(10).then(() => withLock(file, () => Promise.resolve(order.push('second')))),
    ]);
    expect(order).toEqual(['first', 'second']);
    expect(await readdir(folder)).toEqual([]);
  });
});
