// Compiles the optimizers' inner loops: `node tools/build-optimizers.mjs`, after a change of update.assembly.ts.
import { writeFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const folder = 'src/training/engine/optimizers';
const outputs = new Map();
const { error, stderr } = await asc.main(
  [
    `${folder}/update.assembly.ts`,
    '--outFile',
    'update.wasm',
    '--runtime',
    'stub',
    '--importMemory',
    '--enable',
    'simd',
    '-O3',
    '--noAssert',
  ],
  { writeFile: (name, contents) => outputs.set(name, contents) },
);
if (error) {
  console.error(stderr.toString());
  throw error;
}
const base64 = Buffer.from(outputs.get('update.wasm')).toString('base64');
const lines = base64.match(/.{1,100}/g).map((line) => `  '${line}',`);
writeFileSync(
  `${folder}/update-wasm.ts`,
  `// Made by tools/build-optimizers.mjs from update.assembly.ts.\nexport const updateWasm = [\n${lines.join('\n')}\n].join('');\n`,
);
