// Renders emoji drawings of six styles to square RGBA cut-outs:
//   node tools/vision/render.mjs [--cache DIR] [--size 64] [--held-out]
// writes DIR/cutouts-SIZE.rgba (pictures one after the other, straight alpha) and DIR/cutouts-SIZE.json (one row a
// picture, same order). The icon packages are fetched once into DIR with `npm pack` and checked against sources.json.
// --held-out renders only the emoji of held-out.json (for the data sets, at a larger size) into held-out-SIZE.*.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    cache: { type: 'string', default: path.join(homedir(), '.cache', 'transfer-lab-vision') },
    size: { type: 'string', default: '64' },
    'held-out': { type: 'boolean', default: false },
  },
});
const cache = path.resolve(options.cache);
const size = Number(options.size);
const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Fetches one pinned package into the cache, refuses it unless its hash is the pinned one, and returns its folder. */
function fetchPackage({ package: name, version, sha256: expected }) {
  const archive = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  if (!existsSync(path.join(cache, archive))) {
    // On Windows npm is a script that needs a shell; no argument here comes from outside sources.json.
    const shell = process.platform === 'win32';
    execFileSync('npm', ['pack', '--silent', `${name}@${version}`], { cwd: cache, stdio: 'pipe', shell });
  }
  const found = sha256(readFileSync(path.join(cache, archive)));
  if (found !== expected) {
    throw new Error(
      `${archive}: sha256 is ${found}, sources.json expects ${expected}. Delete the file and try again.`,
    );
  }
  const folder = path.join(cache, archive.replace(/\.tgz$/u, ''));
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['-xzf', archive, '-C', path.basename(folder)], { cwd: cache });
  return path.join(folder, 'package');
}

/** The emoji catalogue without flags: { hex (no variation selector), label, subgroup }. */
function readCatalogue(folder) {
  const subgroups = new Map(
    readJson(path.join(folder, 'en/messages.json')).subgroups.map((s) => [s.order, s.key]),
  );
  const flags = 9;
  return readJson(path.join(folder, 'en/data.json'))
    .filter((emoji) => emoji.subgroup !== undefined && emoji.group !== flags)
    .map((emoji) => ({
      hex: emoji.hexcode.toLowerCase().replaceAll('-fe0f', ''),
      label: emoji.label,
      subgroup: subgroups.get(emoji.subgroup),
    }));
}

const squash = (name) => name.toLowerCase().replace(/[^a-z0-9]/gu, '');

/** Icon name by code point. Packages without a code point table are joined by name to Noto's. */
function namesByHex(icons, chars, notoChars) {
  if (Object.keys(chars).length > 0) return chars;
  const bySquashed = new Map(Object.keys(icons.icons).map((name) => [squash(name), name]));
  return Object.fromEntries(
    Object.entries(notoChars)
      .map(([hex, name]) => [hex, bySquashed.get(squash(name))])
      .filter(([, name]) => name !== undefined),
  );
}

async function rasterize(icons, name) {
  const icon = icons.icons[name];
  if (icon === undefined) return undefined;
  const width = icon.width ?? icons.width ?? 16;
  const height = icon.height ?? icons.height ?? 16;
  const box = `${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="${box}">${icon.body}</svg>`;
  // 72 dpi draws one pixel a unit; render at twice the wanted size, then shrink, for clean edges.
  const density = Math.min(2400, Math.max(72, (72 * size * 2) / Math.max(width, height)));
  return sharp(Buffer.from(svg), { density })
    .resize(size, size, { fit: 'contain', background: transparent })
    .ensureAlpha()
    .raw()
    .toBuffer();
}

mkdirSync(cache, { recursive: true });
const sources = readJson(path.join(here, 'sources.json'));
const heldOut = readJson(path.join(here, 'held-out.json'));
const heldOutHexes = new Set(
  ['emoji-10', 'scenes'].flatMap((set) => [
    ...Object.values(heldOut[set].classes),
    ...Object.values(heldOut[set].relatives),
  ]),
);
const catalogue = readCatalogue(fetchPackage(sources.catalogue));
const wanted = options['held-out'] ? catalogue.filter((emoji) => heldOutHexes.has(emoji.hex)) : catalogue;

const rows = [];
const pictures = [];
const failures = [];
let notoChars;
for (const source of sources.styles) {
  const folder = fetchPackage(source);
  const icons = readJson(path.join(folder, 'icons.json'));
  const chars = readJson(path.join(folder, 'chars.json'));
  notoChars ??= chars;
  const names = namesByHex(icons, chars, notoChars);
  for (const { hex, label, subgroup } of wanted) {
    const name = names[hex];
    if (name === undefined) continue;
    try {
      const pixels = await rasterize(icons, name);
      if (pixels === undefined) continue;
      pictures.push(pixels);
      rows.push({ hex, label, subgroup, style: source.style, icon: name, sha256: sha256(pixels) });
    } catch (error) {
      failures.push(`${source.style} ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
const target = path.join(cache, `${options['held-out'] ? 'held-out' : 'cutouts'}-${size}`);
const all = Buffer.concat(pictures);
writeFileSync(`${target}.rgba`, all);
writeFileSync(`${target}.json`, JSON.stringify({ size, sha256: sha256(all), rows }, null, 1));
const emoji = new Set(rows.map((row) => row.hex)).size;
const perStyle = sources.styles
  .map((s) => `${s.style} ${rows.filter((row) => row.style === s.style).length}`)
  .join(', ');
console.log(
  `${rows.length} pictures of ${emoji} emoji (${perStyle}) in ${target}.rgba, sha256 ${sha256(all)}`,
);
for (const failure of failures) console.error(`left out: ${failure}`);
