import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { DroppedPicture } from './dropped-picture';

it('a dropped picture is a file until the next one is dropped, and nothing is left at the end', async () => {
  const dropped = new DroppedPicture();
  const first = await dropped.keep(Uint8Array.of(1, 2));
  expect([...readFileSync(first)]).toEqual([1, 2]);
  const second = await dropped.keep(Uint8Array.of(3));
  expect([...readFileSync(second)]).toEqual([3]);
  expect(existsSync(first)).toBe(false);
  dropped.dispose();
  expect(existsSync(dirname(second))).toBe(false);
  const again = await dropped.keep(Uint8Array.of(4));
  expect([...readFileSync(again)]).toEqual([4]);
  dropped.dispose();
});
