import { strategies } from '../src/lab/index';
import { createEngine } from '../src/training/engine/engine';
import { exerciseOne, trainHere } from './embedded';
import { type Piece, type Timing, medians, round, stopwatch } from './piece';

const TARGET_MS = 200;
const EPOCHS = 12;

/** From one epoch's end to the next: 13 steps on kept features, and the validation pictures scored. */
export const featureExtraction: Piece = {
  name: 'feature-extraction',
  summary:
    'an epoch of 200 pictures with frozen layers on the embedded model, after the first (--threads --epochs)',
  async measure({ threads, epochs = EPOCHS }) {
    const engine = await createEngine({ threads });
    const laps: Timing[] = [];
    let lap = stopwatch();
    const chosen = exerciseOne({ strategy: strategies.featureExtraction(), epochs, seed: 1 });
    await trainHere(engine, chosen, (event) => {
      if (event.type !== 'epochEnd') return;
      laps.push(lap());
      lap = stopwatch();
    });
    engine.dispose();
    const [first, ...rest] = laps;
    return {
      threads,
      firstEpoch: first && { wallMs: round(first.wallMs), cpuMs: round(first.cpuMs) },
      laterEpochs: medians(rest),
      targetWallMs: TARGET_MS,
    };
  },
};
