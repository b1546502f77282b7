import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import type { Outcome } from '../protocol/checking';

const referenceSchema = z.object({
  pictures: z.array(z.string()),
  runs: z.array(
    z.object({
      experiment: z.string(),
      seed: z.number(),
      accuracy: z.number(),
      /** '1' where the picture of that place was named rightly. */
      correct: z.string(),
      learningRate: z.number(),
      epochs: z.number(),
    }),
  ),
});

export type Scored = Pick<Outcome, 'accuracy' | 'pictures' | 'correct' | 'seed'>;

/** Recorded runs of an exercise: exercises/<id>/reference/runs.json, made by tools/record-reference.mjs. */
export interface Reference {
  /** @throws {Error} if none was recorded under this name */
  runsOf(experiment: string): readonly Scored[];
  /** What they were trained with; undefined if none was recorded under this name. */
  settingsOf(experiment: string): { readonly learningRate: number; readonly epochs: number } | undefined;
}

export async function readReference(file: string): Promise<Reference> {
  const { pictures, runs } = referenceSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  return {
    settingsOf: (experiment) => runs.find((run) => run.experiment === experiment),
    runsOf(experiment) {
      const found = runs.filter((run) => run.experiment === experiment);
      if (found.length === 0) throw new Error(`${file} holds no run of ${experiment}.`);
      return found.map(({ seed, accuracy, correct }) => ({
        seed,
        accuracy,
        pictures,
        correct: [...correct].map((digit) => digit === '1'),
      }));
    },
  };
}
