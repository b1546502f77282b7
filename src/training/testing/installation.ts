import { build } from 'esbuild';
import fs from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../runs/testing/temporary-folder';

const repository = join(import.meta.dirname, '../../..');
/** One for each worker of the test runner: several build it at the same time. */
const built = join(repository, `out/test-support/installation-${process.env['VITEST_POOL_ID'] ?? '0'}`);
const PROGRAMS = ['main.js', 'cli.js'];
const EXTERNAL = ['onnxruntime-node', 'onnxruntime-common', 'sharp', 'esbuild', 'typescript'];

/** Bundles the run process and the terminal's commands as they are shipped. Tests in other processes may do so, too. */
export async function buildPrograms(): Promise<void> {
  const own = `${built}.${process.pid}`;
  await build({
    entryPoints: {
      main: join(repository, 'src/training/main.ts'),
      cli: join(repository, 'src/training/cli.ts'),
    },
    outdir: own,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: EXTERNAL,
  });
  fs.mkdirSync(built, { recursive: true });
  for (const name of PROGRAMS) fs.renameSync(join(own, name), join(built, name));
  fs.rmSync(own, { recursive: true });
}

/** A folder like an installation's, with dist/main.js and dist/cli.js; removed after the test. */
export function makeInstallation(): string {
  const root = temporaryFolder();
  fs.copyFileSync(join(repository, 'package.json'), join(root, 'package.json'));
  fs.mkdirSync(join(root, 'dist'));
  fs.mkdirSync(join(root, 'node_modules'));
  for (const name of EXTERNAL)
    fs.symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name), 'junction');
  for (const name of PROGRAMS) fs.copyFileSync(join(built, name), join(root, 'dist', name));
  return root;
}
