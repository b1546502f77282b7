import type {
  Calibration,
  ClassScore,
  DataInfo,
  Evaluation,
  GroupDistance,
  ModelInfo,
  Prediction,
  RunEvent,
} from '../../protocol/events';
import { trainedIn } from '../../protocol/freeze-map';
import type { RunHistory, TimedEvent } from '../../protocol/webview';

/** Where the pictures of an invented run lie. */
const FOLDER = '/home/ada/animals';

/** A made-up run for development and tests: the shape of real ones, the numbers of none. */
export interface FakeRun {
  readonly runId?: string;
  readonly title?: string;
  readonly strategy?: string;
  readonly classNames?: readonly string[];
  readonly epochs?: number;
  readonly stepsPerEpoch?: number;
  /** Steps that have happened; all by default. */
  readonly steps?: number;
  /** 0 learns nothing .. 1 learns everything. */
  readonly skill?: number;
  readonly seed?: number;
  /** How the run ends, where all its steps have happened. */
  readonly end?: 'finished' | 'stopped' | 'failed' | 'running';
  readonly perClassVal?: number;
  readonly folder?: string;
  readonly interrupted?: boolean;
  /** It learns from texts: what its items say, again and again. */
  readonly texts?: readonly string[];
}

const ANIMALS = ['cat', 'dog', 'fox', 'horse', 'owl', 'whale'];
const START_MS = Date.UTC(2026, 0, 15, 9, 0, 0);

export function fakeHistory(options: FakeRun = {}): RunHistory {
  const { runId = 'fake-1', title = 'wholeNetwork', strategy, folder = FOLDER } = options;
  return {
    run: {
      runId,
      experiment: title,
      createdAt: new Date(START_MS).toISOString(),
      file: `${folder}/experiment.ts`,
      line: 12,
      ...(strategy === undefined ? {} : { strategy, comparisonId: 'comparison-1' }),
    },
    title,
    events: fakeEvents(options),
    interrupted: options.interrupted ?? false,
  };
}

/** All events of a run, at 40 ms a step. */
export function fakeEvents(options: FakeRun = {}): TimedEvent[] {
  const { runId = 'fake-1', classNames = ANIMALS, epochs = 10, stepsPerEpoch = 24 } = options;
  const {
    steps = epochs * stepsPerEpoch,
    skill = 0.9,
    seed = 1,
    end = 'finished',
    perClassVal = 20,
  } = options;
  const random = numbers(seed);
  let timeMs = START_MS;
  const events: TimedEvent[] = [];
  const tell = (event: RunEvent, after = 0): void => {
    timeMs += after;
    events.push({ event, timeMs });
  };

  tell({ type: 'runStarted', runId, pid: 4242 });
  tell({ type: 'preparing', phase: 'loadingExperiment' }, 120);
  tell({ type: 'preparing', phase: 'loadingData' }, 300);
  tell({ type: 'preparing', phase: 'loadingWeights' }, 200);
  tell({ type: 'preparing', phase: 'compiling' }, 150);
  const model = fakeModel(options.strategy === 'feature-extraction');
  const { texts } = options;
  const data: DataInfo = {
    ...fakeData(classNames, stepsPerEpoch * 16, perClassVal),
    ...(texts ? { items: 'texts' } : {}),
  };
  tell(
    {
      type: 'prepared',
      model,
      data,
      device: 'ONNX Runtime 1.30.0, processor, 2 threads',
      epochs,
      stepsPerEpoch,
    },
    700,
  );
  const { layerGroups } = model;
  tell({
    type: 'phaseStart',
    name: 'whole model',
    epoch: 1,
    layerGroups,
    schedule: 'cosine',
    ...(texts ? { rows: { lengths: 4, paddingShare: 0.083 } } : {}),
  });

  let best = { accuracy: -1, epoch: 0 };
  let evaluation: Evaluation | undefined;
  let lossSum = 0;
  let accuracySum = 0;
  for (let step = 1; step <= steps; step++) {
    const epoch = Math.ceil(step / stepsPerEpoch);
    const at = step / (epochs * stepsPerEpoch);
    const trainLoss = lossAt(at, skill, classNames.length) * (1 + 0.35 * (random() - 0.5));
    const trainAccuracy = Math.round(clamp(accuracyAt(at, skill) + 0.25 * (random() - 0.5)) * 16) / 16;
    lossSum += trainLoss;
    accuracySum += trainAccuracy;
    const learningRate = 1e-3 * Math.min(1, at * 12) * (0.5 + 0.5 * Math.cos(Math.PI * at));
    const stepMs = 38 + 8 * random() + (random() > 0.98 ? 30 : 0);
    tell(
      { type: 'stepEnd', step, epoch, trainLoss, trainAccuracy, learningRate, gradientNorm: 1, stepMs },
      stepMs,
    );
    if (step % stepsPerEpoch !== 0) continue;
    const score = clamp(
      accuracyAt(at, skill) - 0.06 - 0.05 * Math.max(0, at - 0.7) + 0.04 * (random() - 0.5),
    );
    evaluation = fakeEvaluation('val', classNames, score, perClassVal, random);
    const isBest = evaluation.accuracy > best.accuracy;
    if (isBest) best = { accuracy: evaluation.accuracy, epoch };
    tell({
      type: 'epochEnd',
      epoch,
      step,
      trainLoss: lossSum / stepsPerEpoch,
      trainAccuracy: accuracySum / stepsPerEpoch,
      val: evaluation,
      seconds: (stepsPerEpoch * stepMs) / 1000,
      best: isBest,
    });
    lossSum = accuracySum = 0;
    tell({ type: 'layersMoved', epoch, groups: fakeDistances(model, at) });
    if (isBest) {
      const items = fakePredictions(evaluation, options.folder ?? FOLDER, classNames, random, texts);
      tell({ type: 'predictions', epoch, items });
    }
  }
  if (steps < epochs * stepsPerEpoch && end === 'finished') return events;
  if (end === 'failed') tell({ type: 'failed', problem: FAKE_PROBLEM });
  if (end === 'finished' || end === 'stopped') {
    const score = clamp(best.accuracy - 0.02);
    tell({
      type: 'done',
      reason: end,
      steps,
      bestEpoch: best.epoch,
      seconds: (timeMs - START_MS) / 1000,
      ...(end === 'finished' ? { final: fakeEvaluation('test', classNames, score, 30, random) } : {}),
    });
  }
  return events;
}

export const FAKE_PROBLEM = {
  code: 'loss-not-finite',
  message: 'The loss became NaN at step 31 with a learning rate of 0.5.',
  remedy: 'Lower the learning rate to 0.001 and run again.',
} as const;

/** Numbers in 0..1 from a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const accuracyAt = (at: number, skill: number): number => 0.17 + (skill - 0.17) * (1 - Math.exp(-5 * at));
const lossAt = (at: number, skill: number, classes: number): number =>
  Math.log(classes) * (1 - skill * (1 - Math.exp(-4 * at)));

function fakeModel(frozen: boolean): ModelInfo {
  const groups: [string, number][] = [
    ['stem', 2_432],
    ['stage1', 37_120],
    ['stage2', 131_584],
    ['stage3', 525_312],
    ['stage4', 2_099_200],
    ['head', 1_542],
  ];
  const layerGroups = groups.map(([name, parameters], index) => {
    const trainable = !frozen || name === 'head';
    const hasNorm = name !== 'head';
    return {
      name,
      parameters,
      trainable,
      ...(trainable ? { learningRate: 1e-3 * 0.5 ** (5 - index) } : {}),
      buffers: hasNorm ? 64 * 2 ** index : 0,
      ...(hasNorm ? { batchNorm: { mode: trainable ? 'train' : 'eval', affine: trainable } as const } : {}),
      cached: !trainable,
    };
  });
  const parameters = groups.reduce((sum, [, count]) => sum + count, 0);
  const trainableParameters = trainedIn(layerGroups);
  return { name: 'resnet18-narrow', weights: 'embedded', parameters, trainableParameters, layerGroups };
}

function fakeDistances({ layerGroups }: ModelInfo, at: number): GroupDistance[] {
  return layerGroups.map(({ name, trainable, learningRate = 0 }) => ({
    name,
    relativeChange: trainable ? 300 * learningRate * Math.sqrt(at) : 0,
  }));
}

function fakeData(classNames: readonly string[], train: number, perClassVal: number): DataInfo {
  return {
    name: 'animals',
    classNames,
    counts: { train, val: perClassVal * classNames.length, test: 30 * classNames.length },
    skipped: [],
  };
}

/** Mistakes go to the next classes, so that the matrix has a pattern. */
function fakeEvaluation(
  split: 'val' | 'test',
  classNames: readonly string[],
  accuracy: number,
  perClass: number,
  random: () => number,
): Evaluation {
  const size = classNames.length;
  const confusion = classNames.map((_, truth) => {
    const row = new Array<number>(size).fill(0);
    for (let item = 0; item < perClass; item++) {
      const wrong = random() > accuracy;
      const to = wrong ? (truth + 1 + Math.floor(random() ** 2 * (size - 1))) % size : truth;
      row[to] = (row[to] ?? 0) + 1;
    }
    return row;
  });
  const right = confusion.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  const scores = classNames.map((className, index) => scoreOf(className, confusion, index));
  return {
    split,
    loss: 1.6 * (1 - accuracy) + 0.1,
    accuracy: right / (size * perClass),
    perClass: scores,
    confusion,
    topK: { k: Math.min(5, size), accuracy: clamp(right / (size * perClass) + 0.08) },
    macroF1: scores.reduce((sum, { f1 }) => sum + f1, 0) / size,
    calibration: fakeCalibration(right / (size * perClass), size * perClass),
  };
}

/** Too sure by eight points, with most pictures in the upper bins. */
function fakeCalibration(accuracy: number, items: number): Calibration {
  const shares = [0, 0, 0, 0.01, 0.02, 0.02, 0.03, 0.04, 0.05, 0.05, 0.06, 0.07, 0.1, 0.2, 0.35];
  const bins = shares.map((share, index) => {
    const count = Math.round(share * items);
    const confidence = count === 0 ? 0 : (index + 0.6) / shares.length;
    return {
      lower: index / shares.length,
      upper: (index + 1) / shares.length,
      count,
      confidence,
      accuracy: count === 0 ? 0 : clamp(confidence * accuracy - 0.02),
    };
  });
  return { bins, expectedCalibrationError: 0.08 };
}

function scoreOf(className: string, confusion: readonly (readonly number[])[], index: number): ClassScore {
  const hits = confusion[index]?.[index] ?? 0;
  const support = confusion[index]?.reduce((sum, count) => sum + count, 0) ?? 0;
  const called = confusion.reduce((sum, row) => sum + (row[index] ?? 0), 0);
  const precision = called === 0 ? 0 : hits / called;
  const recall = support === 0 ? 0 : hits / support;
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { className, precision, recall, f1, support };
}

function fakePredictions(
  { confusion }: Evaluation,
  folder: string,
  classNames: readonly string[],
  random: () => number,
  texts?: readonly string[],
): Prediction[] {
  let line = 0;
  return confusion.flatMap((row, label) =>
    row.flatMap((count, predicted) =>
      Array.from({ length: count }, (_, index) => {
        const probability = 0.4 + 0.6 * random();
        const loss =
          label === predicted ? -Math.log(probability) : -Math.log(Math.max(1e-6, 1 - probability));
        const file = `${folder}/data/${classNames[label] ?? ''}/${predicted}-${index}.png`;
        const said = { label, predicted, probability, loss };
        if (!texts) return { file, ...said };
        line++;
        return {
          file: `${folder}/data/reviews.csv:${line}`,
          text: texts[line % texts.length] ?? '',
          ...said,
        };
      }),
    ),
  );
}
