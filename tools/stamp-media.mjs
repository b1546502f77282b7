/**
 * Writes size and sha256 of every file into the card.json of each folder in media/models and media/data.
 *
 *   node tools/stamp-media.mjs            all folders
 *   node tools/stamp-media.mjs --check    changes nothing; exit code 1 where a card is out of date
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const media = join(dirname(dirname(fileURLToPath(import.meta.url))), 'media');
const check = process.argv.includes('--check');

/** Paths of the files below a folder, with forward slashes, sorted. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The files that a folder's index names: they are verified from it. */
function indexed(folder, index) {
  if (index === undefined) return new Set();
  const [header, ...lines] = readFileSync(join(folder, index), 'utf8').trimEnd().split(/\r?\n/u);
  const column = header.split(',').indexOf('file');
  return new Set(lines.map((line) => line.split(',')[column]));
}

function stamp(folder) {
  const path = join(folder, 'card.json');
  const before = readFileSync(path, 'utf8');
  const card = JSON.parse(before);
  delete card.bytes;
  delete card.files;
  const names = filesOf(folder).filter((name) => name !== 'README.md' && name !== 'card.json');
  const skipped = indexed(folder, card.index);
  const files = {};
  for (const name of names.filter((each) => !skipped.has(each))) {
    const bytes = readFileSync(join(folder, name));
    files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }
  const total = names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const after = `${JSON.stringify({ ...card, bytes: total, files }, undefined, 2)}\n`;
  if (after === before) return true;
  if (!check) writeFileSync(path, after);
  console.log(`${relative(media, path)}: ${check ? 'out of date' : 'written'}`);
  return !check;
}

const folders = ['models', 'data'].flatMap((kind) =>
  readdirSync(join(media, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(media, kind, entry.name)),
);
const without = folders.filter((folder) => !existsSync(join(folder, 'card.json')));
for (const folder of without) console.log(`${relative(media, folder)} has no card.json`);
const stamped = folders.filter((folder) => !without.includes(folder)).map(stamp);
if (without.length > 0 || stamped.includes(false)) process.exitCode = 1;
