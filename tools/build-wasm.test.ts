import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SOURCES, wasmFile } from './build-wasm.mjs';

describe('the compiled inner loops', () => {
  it.each(SOURCES)('%s is what a fresh compilation of its source gives', async (source) => {
    expect(await readFile(`${source}-wasm.ts`, 'utf8')).toBe(await wasmFile(source));
  });
});
