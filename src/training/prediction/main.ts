/** Entry of a predicting process, forked by the editor: node dist/predicting.js RUN-DIRECTORY. Answers over its IPC channel until that closes. */
import { createBirpc } from 'birpc';
import type { Answer } from '../../protocol/checking';
import { toProblem } from '../../protocol/errors';
import type { PredictingFunctions } from '../../protocol/try-picture';
import { createEngine } from '../engine/engine';
import { capOutput } from '../runs/output-cap';
import { Predictor } from './predictor';

capOutput();
const directory = process.argv[2] ?? '';
let opening: Promise<Predictor> | undefined;

function open(): Promise<Predictor> {
  opening ??= createEngine()
    .then((engine) => Predictor.open(directory, engine))
    .catch((error: unknown) => {
      opening = undefined; // What was missing may be there at the next question.
      throw error;
    });
  return opening;
}

async function answer<Value>(work: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await work() };
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'internal-error') console.error(error);
    return { problem };
  }
}

createBirpc<object, PredictingFunctions>(
  {
    open: () => answer(() => open().then(() => null)),
    predict: (request) => answer(async () => (await open()).predict(request)),
  },
  {
    post: (data: unknown) => process.send?.(data),
    on: (receive) => process.on('message', receive),
    timeout: -1,
  },
);
process.on('disconnect', () => process.exit(0));
