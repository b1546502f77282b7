import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { patternText, type Pattern } from './patterns';
import { atRate, describeIssues, readOptions, type OptimizerOptions, type Strategy } from './strategy';

const pattern = z.union(
  [z.string().min(1), z.instanceof(RegExp)],
  'expected a pattern, as /conv/ or "layer4.*"',
);

/**
 * Single parameters by their names in the checkpoint, whatever group they are in: /conv/, 'layer4.*', /\.bias$/ (BitFit,
 * Ben-Zaken et al., 2021), /bn\d/ (Frankle et al., 2020). All others are frozen; the head always trains, its weights are new.
 */
export function parameters(names: Pattern, options?: OptimizerOptions): Strategy {
  const parsed = pattern.safeParse(names);
  if (!parsed.success) {
    throw new LearnerError({
      code: 'strategy-invalid',
      message: `strategies.parameters: ${describeIssues(parsed.error)}.`,
      remedy: 'Give one name or pattern; hover over parameters to see the forms.',
    });
  }
  const { learningRate, settings } = readOptions('parameters', options, 1e-3);
  const text = patternText(names);
  return {
    kind: 'strategy',
    id: 'parameters',
    title: text,
    pretrained: true,
    settings,
    plan: (groups, epochs) => [
      { name: `${text} and head`, epochs, learningRates: atRate(groups, learningRate), parameters: text },
    ],
  };
}
