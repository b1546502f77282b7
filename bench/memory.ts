import { createEngine } from '../src/training/engine/engine';
import { peakMemory } from '../src/training/peak-memory';
import { COMPARED, strategyTable } from '../src/training/strategies/index';
import { exerciseOne, trainHere } from './embedded';
import { type Piece } from './piece';

const TARGET_MB = 1024;
const EPOCHS = 3;

/** One process trains what `transfer-lab compare` trains. Memory does not grow with epochs, so a few are enough. */
export const memory: Piece = {
  name: 'memory',
  summary:
    "the most memory that exercise 1's four strategies hold, one after the other in one process (--epochs)",
  async measure({ threads, epochs = EPOCHS, only = COMPARED }) {
    const engine = await createEngine({ threads });
    const afterEach: Record<string, number> = {};
    for (const id of only) {
      const strategy = strategyTable.find((entry) => entry.id === id)?.create();
      if (!strategy) throw new Error(`No strategy "${id}".`);
      await trainHere(engine, exerciseOne({ strategy, epochs, seed: 1 }));
      afterEach[id] = megabytes(process.memoryUsage.rss());
    }
    engine.dispose();
    const peakMB = megabytes(peakMemory());
    return { threads, epochs, residentMBAfter: afterEach, peakMB, targetMB: TARGET_MB };
  },
};

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
