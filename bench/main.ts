/** `npm run -s bench -- NAME [options] [--json]`: measures one piece of work. */
import { parseArgs } from 'node:util';
import { activation } from './activation';
import { clickToFirstStep } from './click-to-first-step';
import { featureExtraction } from './feature-extraction';
import { generatePieces } from './generate';
import { longJournal } from './long-journal';
import { memory } from './memory';
import { packageSize } from './package-size';
import type { Options, Piece } from './piece';
import { samplers } from './samplers';
import { strategiesTable } from './strategies-table';
import { textSteps } from './text-step';
import { tokenize } from './tokenize';
import { visionSteps } from './vision-step';

/** A new piece of work is a file and a line here. */
const pieces: readonly Piece[] = [
  ...visionSteps,
  ...textSteps,
  featureExtraction,
  clickToFirstStep,
  activation,
  longJournal,
  memory,
  packageSize,
  strategiesTable,
  tokenize,
  samplers,
  ...generatePieces,
];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '7' },
      seeds: { type: 'string', default: '5' },
      epochs: { type: 'string' },
      data: { type: 'string' },
      only: { type: 'string' },
      rate: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const piece = pieces.find(({ name }) => name === positionals[0]);
  if (!piece) {
    console.error(`Name one of: ${pieces.map(({ name, summary }) => `\n  ${name}: ${summary}`).join('')}`);
    process.exitCode = 1;
    return;
  }
  const options: Options = {
    threads: Number(values.threads),
    rounds: Number(values.rounds),
    seeds: Number(values.seeds),
    ...(values.epochs === undefined ? {} : { epochs: Number(values.epochs) }),
    ...(values.data === undefined ? {} : { data: values.data }),
    ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    ...(values.rate === undefined ? {} : { rate: Number(values.rate) }),
  };
  const result = { name: piece.name, ...(await piece.measure(options)) };
  if (values.json) console.log(JSON.stringify(result));
  else for (const [key, value] of Object.entries(result)) console.log(`${key}: ${JSON.stringify(value)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
