import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import type { EmbeddingUpdates } from '../engine/types';
import type { OneCycleOptions, ScheduleName } from '../schedules';
import { batchNormSchema, type BatchNormPolicy } from './batch-norm';

/** How weights are updated. The same for every strategy; each strategy sets defaults that suit it. */
export interface OptimizerOptions {
  /** AdamW (Loshchilov & Hutter, 2019) forgives a rough learning rate; SGD here has momentum 0.9. Default 'adamw'. */
  readonly optimizer?: 'adamw' | 'adam' | 'sgd';
  /** How far one step moves the weights. Too high: the loss jumps or becomes NaN; too low: nothing seems to happen. */
  readonly learningRate?: number;
  /** Pulls weights towards zero. BatchNorm and biases are left out, as is common. Default 0.01. */
  readonly weightDecay?: number;
  /** How the learning rate changes from the first step to the last. Default 'cosine': it falls gently to zero. */
  readonly schedule?: ScheduleName;
  /** Steps over which the rate rises from zero to `learningRate`, so that a new head does not upset the layers below. Default: a twelfth of the steps. */
  readonly warmupSteps?: number;
  /** Gradients longer than this (L2 norm over all parameters) are shortened to it. Default: none are. */
  readonly clipNorm?: number;
  /**
   * Of a table of words, 'rows' (default) updates only rows of words that stand in the batch, as torch.optim.SparseAdam; 'dense'
   * all 30,522, as torch.optim.AdamW: words that are not there move on with old momentum, and decay. 'rows' is faster, and
   * leaves words alone that the data does not have.
   */
  readonly embeddingUpdates?: EmbeddingUpdates;
  /** What BatchNorm layers do. Default: those of frozen groups stay bit for bit, those of trained groups train. */
  readonly batchNorm?: BatchNormPolicy;
}

/** A part of training in which the same layer groups train. */
export interface Phase {
  /** Shown to the learner: "head only". */
  readonly name: string;
  readonly epochs: number;
  /** Learning rate per layer group. A group that is not named is frozen: weights and BatchNorm statistics stay bit for bit. */
  readonly learningRates: Readonly<Record<string, number>>;
  /** Of these groups only the parameters whose checkpoint name fits ('layer4.*', '/conv/'); and all of the head. */
  readonly parameters?: string;
  /** Form of the schedule in this phase, where it is 'oneCycle'. */
  readonly oneCycle?: OneCycleOptions;
}

export interface OptimizerSettings {
  /** As the learner wrote it, or the strategy's default: what the rates of all phases and groups scale with. */
  readonly learningRate: number;
  readonly optimizer: 'adamw' | 'adam' | 'sgd';
  readonly weightDecay: number;
  readonly schedule: ScheduleName;
  /** Absent: a twelfth of the phase's steps. */
  readonly warmupSteps?: number;
  readonly clipNorm?: number;
  /** Absent: 'rows'. */
  readonly embeddingUpdates?: EmbeddingUpdates;
  readonly batchNorm?: BatchNormPolicy;
}

/** Which layer groups train, when, and at which rate. Knows no model by name: it is given the names of the groups. */
export interface Strategy {
  readonly kind: 'strategy';
  readonly id: string;
  /** For tables and legends: "whole network". */
  readonly title: string;
  /** false: the model's pretrained weights are left out, all layers start from random numbers. */
  readonly pretrained: boolean;
  readonly settings: OptimizerSettings;
  /**
   * @param groups names from input to output; the last one is the head
   * @param epochs of the experiment; the phases' epochs add up to it
   * @throws {LearnerError} if the options name a group that the model does not have
   */
  plan(groups: readonly string[], epochs: number): readonly Phase[];
}

/** A strategy as it stands in the table: how to make it from options, and its rates where a comparison chooses them. */
export interface StrategyDefinition<Options extends OptimizerOptions> {
  readonly id: string;
  readonly title: string;
  /** One sentence for pick lists. */
  readonly summary: string;
  create(options?: Options): Strategy;
}

const optimizerFields = {
  optimizer: z.enum(['adamw', 'adam', 'sgd']),
  learningRate: z.number().positive().max(100),
  weightDecay: z.number().nonnegative().max(1),
  schedule: z.enum(['constant', 'linear', 'cosine', 'oneCycle']),
  warmupSteps: z.int().nonnegative(),
  clipNorm: z.number().positive(),
  embeddingUpdates: z.enum(['rows', 'dense']),
  batchNorm: batchNormSchema,
};

/**
 * Checks options and fills in what is common.
 * @throws {LearnerError} 'strategy-invalid', naming the field
 */
export function readOptions<Options extends OptimizerOptions>(
  strategy: string,
  options: Options | undefined,
  defaultRate: number,
  extra: z.ZodRawShape = {},
): { readonly options: Options; readonly learningRate: number; readonly settings: OptimizerSettings } {
  const parsed = z
    .strictObject({ ...z.object(optimizerFields).partial().shape, ...extra })
    .safeParse(options ?? {});
  if (!parsed.success) {
    throw new LearnerError({
      code: 'strategy-invalid',
      message: `strategies.${strategy}: ${describeIssues(parsed.error)}`,
      remedy: 'Correct the option; hover over the strategy to see what it takes.',
    });
  }
  const given = (options ?? {}) as Options;
  return {
    options: given,
    learningRate: given.learningRate ?? defaultRate,
    settings: {
      learningRate: given.learningRate ?? defaultRate,
      optimizer: given.optimizer ?? 'adamw',
      weightDecay: given.weightDecay ?? 0.01,
      schedule: given.schedule ?? 'cosine',
      ...(given.warmupSteps === undefined ? {} : { warmupSteps: given.warmupSteps }),
      ...(given.clipNorm === undefined ? {} : { clipNorm: given.clipNorm }),
      ...(given.embeddingUpdates === undefined ? {} : { embeddingUpdates: given.embeddingUpdates }),
      ...(given.batchNorm === undefined ? {} : { batchNorm: given.batchNorm }),
    },
  };
}

/** "epochs: expected a number, got a string; …" */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => `${path.length === 0 ? '' : `"${path.join('.')}": `}${message}`)
    .join('; ');
}

/** The same rate for each of these groups. */
export function atRate(groups: readonly string[], learningRate: number): Record<string, number> {
  return Object.fromEntries(groups.map((group) => [group, learningRate]));
}
