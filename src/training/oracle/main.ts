/** `npm run -s oracle -- FILE…`: compares our networks with reference files; exit code 1 where a difference is over. */
import { toProblem } from '../../protocol/errors';
import { createEngine } from '../engine/engine';
import { compareModel } from './compare-model';
import { formatRows } from './comparison';
import { readReference } from './reference';

async function main(files: readonly string[]): Promise<number> {
  if (files.length === 0) {
    console.error('Usage: npm run -s oracle -- FILE…   (for example test/oracle/resnet18.json)');
    return 2;
  }
  const engine = await createEngine();
  console.log(engine.device.text);
  let over = 0;
  for (const file of files) {
    const reference = await readReference(file);
    console.log(`\n${reference.name} (${file})`);
    const comparison = await compareModel(engine, reference, (text) => console.error(`  ${text} …`));
    console.log(formatRows(comparison.rows.values()));
    over += comparison.over.length;
    console.log(
      comparison.over.length === 0 ? 'All within tolerance.' : `${comparison.over.length} over tolerance.`,
    );
  }
  engine.dispose();
  return over === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const { message, remedy } = toProblem(error);
    console.error(`${message}\n${remedy}`);
    process.exitCode = 1;
  },
);
