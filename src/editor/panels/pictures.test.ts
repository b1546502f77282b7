import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pictureAddress } from './pictures';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==';

describe('pictureAddress', () => {
  let folder: string;
  const file = (name: string) => join(folder, name);
  const ask = (name: string) => pictureAddress(file(name), new Set([file(name)]));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'transfer-lab-pictures-'));
    await writeFile(file('a.png'), Buffer.from(PIXEL, 'base64'));
    await writeFile(file('secret.png'), 'password: 1234');
    await writeFile(file('drawing.svg'), '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    await writeFile(file('huge.png'), Buffer.alloc(8_000_001, Buffer.from(PIXEL, 'base64')));
    await symlink(file('secret.png'), file('link.png'));
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it('is the picture itself', async () => {
    expect(await ask('a.png')).toBe(`data:image/png;base64,${PIXEL}`);
  });
  it('is refused for a file that the run did not name', async () => {
    expect(await pictureAddress(file('a.png'), new Set([file('b.png')]))).toBeUndefined();
    expect(await pictureAddress(`${folder}/x/../a.png`, new Set([file('a.png')]))).toBeUndefined();
  });
  it.each(['secret.png', 'link.png', 'drawing.svg'])(
    'is refused for %s, which is no picture',
    async (name) => {
      expect(await ask(name)).toBeUndefined();
    },
  );
  it('is refused for what is too large to send, for a folder, and for a file that is gone', async () => {
    expect(await ask('huge.png')).toBeUndefined();
    expect(await pictureAddress(folder, new Set([folder]))).toBeUndefined();
    expect(await ask('gone.png')).toBeUndefined();
  });
  it.each(['\\\\server\\share\\a.png', '//server/share/a.png'])(
    'is refused for %s, on another machine',
    async (path) => {
      expect(await pictureAddress(path, new Set([path]))).toBeUndefined();
    },
  );
});
