// Makes the README's pictures from what the browser tests kept: npm run pictures
// First: node tools/build.mjs --production && node tools/build-tests.mjs && node tools/package.mjs --no-build && node out/test/main.js ui
import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = fileURLToPath(new URL('..', import.meta.url));
const MAX_BYTES = 300_000;

/** Name in docs/pictures, and the screenshot that it is made of. */
const PICTURES = { 'exercise-1': 'exercise-running-dark' };

await mkdir(join(root, 'docs/pictures'), { recursive: true });
for (const [name, screenshot] of Object.entries(PICTURES)) {
  const source = join(root, 'out/screenshots', `${screenshot}.png`);
  const target = join(root, 'docs/pictures', `${name}.png`);
  if (!existsSync(source)) {
    console.error(`pictures: there is no ${source}. Run the browser tests first: npm test.`);
    process.exitCode = 1;
    continue;
  }
  await sharp(source).png({ palette: true, quality: 90, effort: 10, compressionLevel: 9 }).toFile(target);
  const { size } = await stat(target);
  console.log(`pictures: ${target}, ${Math.round(size / 1000)} kB`);
  if (size > MAX_BYTES) {
    console.error(`pictures: ${name} is larger than ${MAX_BYTES / 1000} kB`);
    process.exitCode = 1;
  }
}
