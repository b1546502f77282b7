import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { assetsRoot } from '../src/training/assets';
import { type Piece, round } from './piece';

const TARGET_MB = 80;

/** Packs dist/ as it is: build with `--production` first. */
export const packageSize: Piece = {
  name: 'package-size',
  summary: 'the extension for this platform, packed (after node tools/build.mjs --production)',
  measure() {
    const root = assetsRoot();
    const packed = spawnSync(process.execPath, ['tools/package.mjs', '--no-build'], { cwd: root });
    if (packed.status !== 0) throw new Error(`tools/package.mjs: ${packed.stderr.toString()}`);
    const file = join(root, 'out', `transfer-lab-${process.platform}-${process.arch}.vsix`);
    return Promise.resolve({ file, megabytes: round(statSync(file).size / 1e6, 1), targetMB: TARGET_MB });
  },
};
