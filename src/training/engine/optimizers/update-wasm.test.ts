import asc from 'assemblyscript/asc';
import { describe, expect, it } from 'vitest';
import { updateWasm } from './update-wasm';

describe('the compiled updates', () => {
  it('are what a fresh compilation of update.assembly.ts gives', async () => {
    let fresh = '';
    const { error } = await asc.main(
      [
        'src/training/engine/optimizers/update.assembly.ts',
        ...['--outFile', 'update.wasm', '--runtime', 'stub', '--importMemory'],
        ...['--enable', 'simd', '-O3', '--noAssert'],
      ],
      { writeFile: (_, contents) => void (fresh = Buffer.from(contents).toString('base64')) },
    );
    expect(error).toBeNull();
    expect(fresh).toBe(updateWasm);
  });
});
