/** A run process that only pretends to train: for tests of everything around training. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LearnerError } from '../../../protocol/errors';
import type { Engine } from '../../engine/types';
import type { RunContext } from '../../run-context';
import { loadExperimentFile } from '../load-experiment';
import { runProcess } from '../run-process';

interface FakeExperiment {
  readonly steps?: number;
  readonly stepMs?: number;
  /** Stands still after its last step, unless it is resumed: whoever wants to kill it is not too late. */
  readonly lingers?: boolean;
  /** What goes wrong, at the third step. */
  readonly trouble?: 'throw' | 'reject' | 'learnerError' | 'loop' | 'print' | 'abort';
}

const engine = { device: { provider: 'cpu', threads: 1, text: 'no device' } } as unknown as Engine;

async function train(experiment: FakeExperiment, context: RunContext): Promise<void> {
  const { steps = 20, stepMs = 5, trouble } = experiment;
  const first = context.resume?.step ?? 0;
  const weights = Float32Array.from(context.resume?.tensors['w']?.data ?? [0]);
  for (let step = first + 1; step <= steps && !context.signal.aborted; step++) {
    weights[0] = Math.fround((weights[0] ?? 0) * 1.0001 + step);
    const trainLoss = weights[0];
    context.emit({
      type: 'stepEnd',
      step,
      epoch: 1,
      trainLoss,
      trainAccuracy: 0,
      learningRate: 1,
      gradientNorm: 1,
      stepMs,
    });
    // The parent that reads this line knows that the event was acknowledged.
    console.log(`ack ${step}`);
    if (step % 5 === 0) {
      await context.saveCheckpoint({
        step,
        tensors: { w: { shape: [1], dtype: 'float32', data: weights } },
        meta: null,
      });
    }
    if (step === 3 && trouble) makeTrouble(trouble);
    await sleep(stepMs);
    await context.breathe();
  }
  if (experiment.lingers && !process.argv.includes('--resume')) await sleep(300_000);
  const reason = context.signal.aborted ? 'stopped' : 'finished';
  context.emit({ type: 'done', reason, steps, bestEpoch: 1, seconds: 1 });
}

function makeTrouble(trouble: NonNullable<FakeExperiment['trouble']>): void {
  switch (trouble) {
    case 'throw':
      setTimeout(() => {
        throw new Error('out of a timer');
      }, 0);
      break;
    case 'reject':
      void Promise.reject(new Error('nobody listens'));
      break;
    case 'learnerError':
      throw new LearnerError({ code: 'made-up', message: 'Made up.', remedy: 'Do nothing.' });
    case 'loop':
      for (;;) Math.random();
    case 'print':
      for (let n = 0; n < 200_000; n++) console.log('x'.repeat(100));
      break;
    case 'abort':
      process.abort();
  }
}

void runProcess(process.argv.slice(2), {
  createEngine: () => Promise.resolve(engine),
  load: (file) => loadExperimentFile(file, { modules: {} }),
  pick: (loaded, run) => loaded.exports[run.experiment] as FakeExperiment,
  train,
}).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
