import type { EstimateState } from './estimate';
import type { LayerGroupInfo } from './events';

/** How many parameters of a group train. */
export function trainedOf({ parameters, trainable, trainedParameters }: LayerGroupInfo): number {
  return trainable ? (trainedParameters ?? parameters) : 0;
}

/** How many parameters of these groups train. */
export function trainedIn(groups: readonly LayerGroupInfo[]): number {
  return groups.reduce((sum, group) => sum + trainedOf(group), 0);
}

/** One layer group in one epoch of a strategy. */
export interface FreezeMapRow extends LayerGroupInfo {
  /** With the schedule's factor at the beginning of the epoch. Absent where nothing trains. */
  readonly learningRateNow?: number;
  /** Floating-point operations for one picture of a step. Estimated: convolutions and matrix products, 2 for each multiply-add. */
  readonly cost: StepCost;
}

export interface StepCost {
  /** 0 where the output is taken from the cache. */
  readonly forward: number;
  readonly backward: number;
}

/** What a strategy does to a model in one epoch. Rows from input to output. */
export interface FreezeMap {
  readonly epoch: number;
  /** The part of the strategy that the epoch belongs to. */
  readonly phase: {
    readonly name: string;
    /** From 1. */
    readonly firstEpoch: number;
    readonly epochs: number;
  };
  readonly schedule: string;
  readonly rows: readonly FreezeMapRow[];
  readonly parameters: number;
  readonly trainedParameters: number;
  /** Of one step, for one picture. */
  readonly cost: StepCost;
  /** Of the same step if everything trained. */
  readonly wholeCost: StepCost;
  /** Operations of the frozen prefix for one picture: spent once, before the first step. */
  readonly prefixCost: number;
}

/** What the settings in the editor would train, before a run. */
export interface TrainingPlan {
  readonly experiment: string;
  /** Names all that the experiment says: another word in it is another key. */
  readonly settings: string;
  readonly batchSize: number;
  readonly strategy: string;
  /** "resnet18, width 32" */
  readonly model: string;
  /** "pictures of 64 x 64 pixels", "texts of up to 64 tokens" */
  readonly items: string;
  readonly epochs: number;
  /** One for each part of the strategy. */
  readonly maps: readonly FreezeMap[];
  /** What could not be found out without a run, and what was taken instead; in words. */
  readonly assumptions: readonly string[];
}

/** What the view "What would train" draws. */
export type PlanContent =
  | { readonly kind: 'reading'; readonly experiment: string }
  | {
      readonly kind: 'plan';
      readonly plan: TrainingPlan;
      readonly file: string;
      readonly saved: boolean;
      /** Absent until it is asked for. */
      readonly estimate?: EstimateState;
    }
  | {
      readonly kind: 'problem';
      readonly experiment: string;
      readonly message: string;
      readonly remedy: string;
    };

/** Functions of the view that the editor calls (birpc). */
export interface PlanViewFunctions {
  show(content: PlanContent): void;
}

/** Functions of the editor that the view calls. */
export interface PlanHostFunctions {
  /** The view has loaded and can draw. Answered with `show`. */
  ready(): void;
  /** Measure time and memory. Answered with `show`. */
  estimate(): void;
}
