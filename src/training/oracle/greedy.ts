/** Greedy texts of a reference file: with the cache, without it, and the first token of the padded batch. */
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import type { Engine } from '../engine/types';
import { CachedModel } from '../generation/cached-model';
import { compilePrograms, runPrefill } from '../generation/causal-programs';
import { generate } from '../generation/generate';
import type { NextLogits } from '../generation/next-logits';
import type { CausalNetwork } from '../models/causal-network';
import { positionsFromMask } from '../models/gpt2';
import { forwardGroups } from '../models/model';
import type { Comparison } from './comparison';

const matrix = z.array(z.array(z.number()));

export const greedySchema = z.object({
  prompt: z.string(),
  paddingSide: z.literal('left'),
  inputIds: matrix,
  attentionMask: matrix,
  generatedIds: matrix,
  /** The best logit of each step. */
  topLogit: matrix,
});

export type Greedy = z.infer<typeof greedySchema>;

export async function compareGreedy(
  engine: Engine,
  network: CausalNetwork,
  rows: readonly Greedy[],
  comparison: Comparison,
): Promise<void> {
  const cached = new CachedModel(engine, network);
  const programs = compilePrograms(engine, network);
  const whole: NextLogits = (texts) =>
    texts.map((text) => (runPrefill(programs, text)['logits'] as Float32Array).slice());
  for (const row of rows) {
    await compareTexts(cached.next, row, 'greedy tokens with the cache', comparison);
    await compareTexts(whole, row, 'greedy tokens without it', comparison);
    comparePadded(engine, network, row, comparison);
  }
  programs.dispose();
  cached.dispose();
}

async function compareTexts(
  next: NextLogits,
  row: Greedy,
  what: string,
  comparison: Comparison,
): Promise<void> {
  for (const [index, expected] of row.generatedIds.entries()) {
    const where = `${row.prompt}, text ${index}`;
    const mask = row.attentionMask[index] ?? [];
    const prompt = (row.inputIds[index] ?? []).filter((_, at) => mask[at] === 1);
    let step = 0;
    const watched: NextLogits = async (texts) => {
      const logits = await next(texts);
      const best = Math.max(...Array.from(logits[0] ?? []));
      comparison.add('evalLogits', Math.abs(best - (row.topLogit[index]?.[step++] ?? NaN)), where);
      return logits;
    };
    const settings = { temperature: 0, maxNewTokens: expected.length };
    const [text] = await generate(watched, prompt, settings, { seed: 1, continuations: [0] });
    const wrong = expected.findIndex((id, at) => text?.tokens[at] !== id);
    comparison.addExact(what, wrong < 0 ? 0 : 1, wrong < 0 ? where : `${where}, token ${wrong}`);
  }
}

/** The batch as it stands in the file, padded on the left, in one pass. */
function comparePadded(engine: Engine, network: CausalNetwork, row: Greedy, comparison: Comparison): void {
  const length = row.inputIds[0]?.length ?? 0;
  const shape = [row.inputIds.length, length];
  const mask = row.attentionMask.flat();
  const compiled = engine.compileFunction({
    name: row.prompt,
    inputs: {
      inputIds: { shape, dtype: 'int32' },
      attentionMask: { shape, dtype: 'float32' },
      positionIds: { shape, dtype: 'int32' },
    },
    fed: [...network.store.tensors.values()].map(({ variable }) => variable),
    run: ({ inputIds, ...side }) => {
      const range = { from: 0, to: network.layerGroups.length };
      const logits = forwardGroups(network, inputIds as tf.Tensor, range, false, undefined, undefined, side);
      return { best: tf.max(tf.slice(logits, [0, length - 1, 0], [-1, 1, -1]), 2) };
    },
  });
  const { best } = compiled.run({
    inputIds: Int32Array.from(row.inputIds.flat()),
    attentionMask: Float32Array.from(mask),
    positionIds: positionsFromMask(mask, length),
  });
  for (const [index, expected] of row.topLogit.entries())
    comparison.add(
      'evalLogits',
      Math.abs((best?.[index] ?? NaN) - (expected[0] ?? NaN)),
      `${row.prompt}, padded`,
    );
  compiled.dispose();
}
