// Compiles the inner loops written in AssemblyScript: `node tools/build-wasm.mjs`, after a change of an *.assembly.ts.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Each `<file>.assembly.ts` becomes `<file>-wasm.ts` beside it. */
export const SOURCES = ['src/training/engine/optimizers/update', 'src/training/models/layers/dropout-masks'];

/** The compiled module's bytes in base64. */
export async function compile(source) {
  let bytes = new Uint8Array();
  const { error, stderr } = await asc.main(
    [
      `${source}.assembly.ts`,
      ...['--outFile', 'compiled.wasm', '--runtime', 'stub', '--importMemory'],
      ...['--enable', 'simd', '-O3', '--noAssert'],
    ],
    { writeFile: (name, contents) => void (name === 'compiled.wasm' && (bytes = contents)) },
  );
  if (error) throw new Error(`${source}: ${stderr.toString()}`, { cause: error });
  return Buffer.from(bytes).toString('base64');
}

/** The text of the TypeScript file that holds them: 'update' exports `updateWasm`. */
export async function wasmFile(source) {
  const lines = (await compile(source)).match(/.{1,100}/g).map((line) => `  '${line}',`);
  const name = source.slice(source.lastIndexOf('/') + 1);
  const variable = `${name.replace(/-(\w)/g, (_, letter) => letter.toUpperCase())}Wasm`;
  return `// Made by tools/build-wasm.mjs from ${name}.assembly.ts.\nexport const ${variable} = [\n${lines.join('\n')}\n].join('');\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const source of SOURCES) writeFileSync(`${source}-wasm.ts`, await wasmFile(source));
