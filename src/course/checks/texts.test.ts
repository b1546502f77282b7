import { describe, expect, it } from 'vitest';
import type { ExperimentFacts } from '../../protocol/checking';
import type { ExerciseContext } from '../exercise-context';
import { cutsTexts, poolsByMean } from './texts';

const SOURCE = `const data = textFolder('data/mine', {});
// TODO task 1
export const first = experiment({
  data,
  model: bert({ weights: 'embedded', pooling: 'first' }),
});
`;
const task = { task: 'tokens', name: 'first', todo: /TODO task 1/ };

function context(maxTokens: number, pooling: 'mean' | 'first'): ExerciseContext {
  const facts: Partial<ExperimentFacts> = {
    name: 'first',
    location: { file: 'experiment.ts', line: 3 },
    data: { path: 'data/mine', form: '', seed: 1, items: 'texts', maxTokens },
    model: { architecture: 'bert', weights: 'embedded', head: 'default', pooling },
  };
  const answers: Partial<ExerciseContext> = {
    file: 'experiment.ts',
    source: () => Promise.resolve(SOURCE),
    experiment: () => Promise.resolve(facts as ExperimentFacts),
  };
  return answers as ExerciseContext;
}

const cut = (maxTokens: number): unknown =>
  cutsTexts(task, { shortest: 32, longest: 96 }).run(context(maxTokens, 'first'));

describe('checks of experiments with texts', () => {
  it('leave the task open while nobody has said where texts are cut', async () => {
    expect(await cut(128)).toMatchObject({ status: 'notAttempted', location: { line: 2 } });
  });

  it.each([
    [31, 'cut-too-short'],
    [97, 'cut-too-long'],
  ])('name a cut at %i tokens, in the line of the data', async (maxTokens, mistake) => {
    expect(await cut(maxTokens)).toMatchObject({ status: 'wrong', mistake, location: { line: 1 } });
  });

  it.each([32, 96])('accept a cut at %i tokens', async (maxTokens) => {
    expect(await cut(maxTokens)).toMatchObject({ status: 'passed' });
  });

  it('name the pooling that reads one token alone, in its line', async () => {
    const check = poolsByMean(task);
    expect(await check.run(context(48, 'first'))).toMatchObject({
      mistake: 'other-pooling',
      location: { line: 5 },
    });
    expect(await check.run(context(48, 'mean'))).toMatchObject({ status: 'passed' });
  });
});
