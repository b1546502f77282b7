import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** What is read, compiled and run before the extension answers for the first time. */
const MOST_BYTES = 100_000;

describe('the extension’s code', () => {
  it('needs little at activation: schemas, messages and the runs’ own code load when they are first used', async () => {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ['src/extension.ts'],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      splitting: true,
      outdir: 'dist',
      external: ['vscode', 'onnxruntime-node', 'onnxruntime-common', 'sharp', 'esbuild'],
    });
    const outputs = Object.entries(metafile.outputs);
    const entry = outputs.find(([, { entryPoint }]) => entryPoint === 'src/extension.ts');
    const waiting = entry ? [entry[0]] : [];
    const inputs = new Map<string, number>();
    for (const path of waiting) {
      const output = metafile.outputs[path];
      for (const [file, { bytesInOutput }] of Object.entries(output?.inputs ?? {}))
        inputs.set(file, bytesInOutput);
      for (const { path: next, kind } of output?.imports ?? [])
        if (kind === 'import-statement' && !waiting.includes(next)) waiting.push(next);
    }
    const packages = [...inputs.keys()].filter((file) => file.startsWith('node_modules/'));
    expect(packages).toEqual([]);
    expect([...inputs.values()].reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(MOST_BYTES);
  });
});
