import { createEngine } from '../src/training/engine/engine';
import { COMPARED, strategyTable } from '../src/training/strategies/index';
import { strategies, type Strategy } from '../src/lab/index';
import { exerciseOne, trainHere } from './embedded';
import { type Piece, round, stopwatch } from './piece';

const EPOCHS = 12;
const withRate: Readonly<Record<string, (learningRate: number) => Strategy>> = {
  'from-scratch': (learningRate) => strategies.fromScratch({ learningRate }),
  'feature-extraction': (learningRate) => strategies.featureExtraction({ learningRate }),
  'last-stage': (learningRate) => strategies.lastStage({ learningRate }),
  'whole-network': (learningRate) => strategies.wholeModel({ learningRate }),
};

/** Accuracy on the test pictures, of the weights that did best on the validation pictures. */
export const strategiesTable: Piece = {
  name: 'strategies',
  summary:
    "exercise 1's comparison over seeds: test accuracy, mean and deviation (--seeds --epochs --data --only --rate)",
  async measure({ threads, seeds, epochs = EPOCHS, data, only = COMPARED, rate }) {
    const engine = await createEngine({ threads });
    const rows: Record<string, unknown> = {};
    for (const id of only) {
      const accuracies: number[] = [];
      const since = stopwatch();
      let trained = 0;
      for (let seed = 1; seed <= seeds; seed++) {
        const own = strategyTable.find((entry) => entry.id === id);
        const strategy = rate === undefined ? own?.create() : withRate[id]?.(rate);
        if (!strategy) throw new Error(`No strategy "${id}" here.`);
        const chosen = exerciseOne({ strategy, epochs, seed, ...(data === undefined ? {} : { data }) });
        const result = await trainHere(engine, chosen);
        accuracies.push(result.final.accuracy);
        trained = result.trainableParameters;
      }
      const { wallMs, cpuMs } = since();
      const mean = accuracies.reduce((sum, x) => sum + x, 0) / seeds;
      const squares = accuracies.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      rows[id] = {
        mean: round(mean, 4),
        deviation: round(Math.sqrt(squares / Math.max(1, seeds - 1)), 4),
        seeds: accuracies.map((x) => round(x, 4)),
        wallSeconds: round(wallMs / 1000 / seeds, 1),
        cpuSeconds: round(cpuMs / 1000 / seeds, 1),
        trainableParameters: trained,
      };
      console.error(id, JSON.stringify(rows[id]));
    }
    engine.dispose();
    return { epochs, ...(rate === undefined ? {} : { rate }), ...rows };
  },
};
