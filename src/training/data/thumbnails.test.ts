import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../runs/testing/temporary-folder';
import { thumbnails } from './thumbnails';

it('small pictures are upright and small, and what is none is left out without being opened', async () => {
  const root = temporaryFolder();
  const file = (name: string): string => join(root, name);
  const wide = () => sharp({ create: { width: 300, height: 150, channels: 3, background: 'teal' } });
  await wide().png().toFile(file('wide.png'));
  await wide().jpeg().withMetadata({ orientation: 6 }).toFile(file('turned.jpg'));
  await wide().resize(20, 10).png().toFile(file('small.png'));
  await writeFile(file('vector.png'), '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  if (process.platform !== 'win32') execFileSync('mkfifo', [file('pipe.png')]);
  const names = ['wide.png', 'turned.jpg', 'small.png', 'vector.png', 'pipe.png', 'gone.png'];
  const made = await thumbnails(names.map(file), { size: 96 });
  const sizes = await Promise.all(
    [...made].map(async ([path, address]) => {
      const png = Buffer.from(address.replace('data:image/png;base64,', ''), 'base64');
      const { width, height } = await sharp(png).metadata();
      return [path, width, height];
    }),
  );
  expect(sizes).toEqual([
    [file('wide.png'), 96, 48],
    [file('turned.jpg'), 48, 96],
    [file('small.png'), 20, 10],
  ]);
});
