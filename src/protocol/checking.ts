/**
 * What a check asks of the checking process, and what comes back: plain data. The learner's code is loaded and trained there,
 * so that an endless loop or a crash in it costs that process and not the check.
 */
import type { Problem, SourceLocation } from './errors';

/** A line that the TypeScript compiler complains about. */
export interface TypeProblem {
  /** 'TS2322' */
  readonly code: string;
  readonly message: string;
  readonly location: SourceLocation;
}

/** Layer groups that train together, as the strategy's plan says. */
export interface PlannedPhase {
  readonly name: string;
  readonly epochs: number;
  /** Per layer group; a group that is not named is frozen. */
  readonly learningRates: Readonly<Record<string, number>>;
}

/**
 * `default`: one linear layer. Of an own head, what it returns: `logits`, `probabilities` (each row adds up to 1), or
 * `unknown` if it could not be tried.
 */
export type HeadKind = 'default' | 'logits' | 'probabilities' | 'unknown';

/** An exported experiment, read off the object itself: how it is written does not matter. */
export interface ExperimentFacts {
  readonly name: string;
  readonly location: SourceLocation;
  /** `form`: how its items are read, as one text to compare. */
  readonly data: {
    readonly path: string;
    readonly form: string;
    readonly seed: number;
    /** What it holds; absent: pictures. */
    readonly items?: 'pictures' | 'texts';
    /** Texts are cut to so many. */
    readonly maxTokens?: number;
  };
  readonly model: {
    readonly architecture: string;
    readonly weights: string | null;
    readonly head: HeadKind;
    /** How many layers, of which size, where the experiment says so; as one text to compare. */
    readonly form?: string;
    /** Of a network that reads texts: which vector stands for the whole of one. */
    readonly pooling?: 'mean' | 'first' | 'pooler';
  };
  readonly strategy: { readonly id: string; readonly title: string; readonly pretrained: boolean };
  /** Of the model, from input to output; the last is the head. */
  readonly layerGroups: readonly string[];
  readonly phases: readonly PlannedPhase[];
  /** Why the strategy could not make its plan; then there are no phases. */
  readonly planProblem?: Problem;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Equal for two experiments that train the same. Own functions count by their source. */
  readonly fingerprint: string;
}

/** A few steps of real training. */
export interface Probe {
  /** One for each phase of the plan, each trained from the weights that the experiment starts with. */
  readonly phases: readonly ProbedPhase[];
  /** Tensors that the second of two equal trainings left in memory; 0 when nothing leaks. */
  readonly leakedTensors: number;
}

export interface ProbedPhase {
  readonly name: string;
  readonly losses: readonly number[];
  readonly groups: readonly ProbedGroup[];
}

export interface ProbedGroup {
  readonly name: string;
  /** The plan gives it a learning rate. */
  readonly trains: boolean;
  /** Weights and BatchNorm statistics are what they were, bit for bit. */
  readonly identical: boolean;
  /** Length of the change over the length of the weights before. */
  readonly relativeChange: number;
}

/** One training to its end, scored on pictures or texts that it never saw. */
export interface Outcome {
  readonly seed: number;
  readonly accuracy: number;
  readonly split: 'val' | 'test';
  /** The scored pictures or texts (path, of a text its line, too; relative to the learner's folder), and for each whether the prediction was right. */
  readonly pictures: readonly string[];
  readonly correct: readonly boolean[];
  readonly bestEpoch: number;
  readonly seconds: number;
  /** `trained`: now. `run`: read from a run of the learner. `kept`: from an earlier check. */
  readonly from: 'trained' | 'run' | 'kept';
}

export interface OutcomeRequest {
  readonly experiment: string;
  readonly seed: number;
}

export type Answer<Value> = { readonly value: Value } | { readonly problem: Problem };

/** What the checking process can be asked. */
export interface CheckingFunctions {
  /** Resolves when the process has started and its engine is there. */
  ready(): Promise<void>;
  /** Compiles the file with its folder's tsconfig.json; runs nothing. */
  types(file: string): Promise<Answer<readonly TypeProblem[]>>;
  /** Runs the file and reads off what it exports. Everything below is about the file loaded last. */
  load(file: string): Promise<Answer<readonly ExperimentFacts[]>>;
  /** @param steps of each phase */
  probe(experiment: string, steps: number): Promise<Answer<Probe>>;
  outcome(request: OutcomeRequest): Promise<Answer<Outcome>>;
}

/** What the checking process tells meanwhile. */
export interface CheckingListener {
  /** "featureExtraction, seed 2: epoch 3/12" */
  progress(text: string): void;
}
