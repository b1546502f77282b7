import * as z from 'zod';
import { LearnerError } from '../protocol/errors';
import type { Engine, Optimizer } from './engine/types';
import type { Patience } from './early-stopping';
import type { Network } from './models/model';
import type { JsonValue, SnapshotTensor, TrainingSnapshot } from './run-context';

/** Where training stands. Everything else of a run follows from the experiment, so this and the tensors are a checkpoint. */
export interface Position {
  /** Steps finished, over the whole run. */
  step: number;
  /** Epochs finished. */
  epoch: number;
  /** Steps finished of the epoch in hand. */
  stepOfEpoch: number;
  /** Sums over the counted items of the epoch in hand. */
  lossSum: number;
  correctSum: number;
  itemSum: number;
  /** Seconds trained before this process. */
  seconds: number;
  /** Of early stopping, where there is any. */
  patience?: Patience | undefined;
}

export const START: Position = {
  step: 0,
  epoch: 0,
  stepOfEpoch: 0,
  lossSum: 0,
  correctSum: 0,
  itemSum: 0,
  seconds: 0,
};

/** The best weights so far, in the engine's own order. */
export interface Best {
  readonly epoch: number;
  readonly accuracy: number;
  readonly loss: number;
  readonly tensors: ReadonlyMap<string, Float32Array>;
  readonly counters: Readonly<Record<string, number>>;
}

/** What a checkpoint must agree on with the run that goes on from it. */
export interface Fingerprint {
  readonly data: string;
  readonly experiment: string;
  readonly provider: string;
}

const counters = z.record(z.string(), z.number());
const metaSchema = z.object({
  version: z.literal(1),
  position: z.object({
    step: z.number(),
    epoch: z.number(),
    stepOfEpoch: z.number(),
    lossSum: z.number(),
    correctSum: z.number(),
    itemSum: z.number(),
    seconds: z.number(),
    patience: z.object({ reference: z.number().nullable(), epochsWithout: z.number() }).optional(),
  }),
  optimizerStep: z.number(),
  counters,
  best: z.object({ epoch: z.number(), accuracy: z.number(), loss: z.number(), counters }).nullable(),
  fingerprint: z.object({ data: z.string(), experiment: z.string(), provider: z.string() }),
});

/** A copy of all tensors of the model, by checkpoint name. */
export function copyTensors(engine: Engine, model: Network): Map<string, Float32Array> {
  const copies = new Map<string, Float32Array>();
  for (const { name, variable } of model.store.tensors.values())
    copies.set(name, (engine.data(variable) as Float32Array).slice());
  return copies;
}

/** Puts copies back, in place. */
export function putTensors(
  engine: Engine,
  model: Network,
  copies: ReadonlyMap<string, Float32Array>,
  counts: Readonly<Record<string, number>>,
): void {
  for (const { name, variable } of model.store.tensors.values()) {
    const values = copies.get(name);
    if (values) (engine.data(variable) as Float32Array).set(values);
  }
  for (const [name, count] of Object.entries(counts)) model.store.counters.set(name, count);
}

export function takeSnapshot(
  engine: Engine,
  model: Network,
  optimizer: Optimizer,
  position: Position,
  best: Best | undefined,
  fingerprint: Fingerprint,
): TrainingSnapshot {
  const tensors: Record<string, SnapshotTensor> = {};
  const put = (name: string, data: Float32Array): void => {
    tensors[name] = { shape: [data.length], dtype: 'float32', data };
  };
  for (const [name, data] of copyTensors(engine, model)) put(`weights/${name}`, data);
  const { step, slots } = optimizer.state();
  for (const [name, data] of Object.entries(slots))
    put(
      `optimizer/${name.startsWith(model.store.prefix) ? name.slice(model.store.prefix.length) : name}`,
      data,
    );
  for (const [name, data] of best?.tensors ?? []) put(`best/${name}`, data);
  const { patience, ...place } = position;
  const meta: JsonValue = {
    version: 1,
    position: { ...place, ...(patience ? { patience: { ...patience } } : {}) },
    optimizerStep: step,
    counters: Object.fromEntries(model.store.counters),
    best: best
      ? { epoch: best.epoch, accuracy: best.accuracy, loss: best.loss, counters: best.counters }
      : null,
    fingerprint: { ...fingerprint },
  };
  return { step: position.step, tensors, meta };
}

export interface Restored {
  readonly position: Position;
  readonly best?: Best;
  /** To be called once the optimizer of the phase exists. */
  restoreOptimizer(optimizer: Optimizer): void;
}

/**
 * Puts a snapshot's weights into the model. Before anything is compiled, so that frozen weights become the right constants.
 * @throws {LearnerError} 'checkpoint-other-run' if data, experiment or device differ
 */
export function restoreSnapshot(
  engine: Engine,
  model: Network,
  snapshot: TrainingSnapshot,
  fingerprint: Fingerprint,
): Restored {
  const parsed = metaSchema.safeParse(snapshot.meta);
  if (!parsed.success) throw unfit('was written in another form');
  const meta = parsed.data;
  const differing = (['data', 'experiment', 'provider'] as const).filter(
    (key) => meta.fingerprint[key] !== fingerprint[key],
  );
  if (differing.length > 0) throw unfit(`belongs to another ${differing.join(' and another ')}`);
  const { tensors } = snapshot;
  const part = (prefix: string): Map<string, Float32Array> =>
    new Map(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { data }]) => [name.slice(prefix.length), data as Float32Array]),
    );
  putTensors(engine, model, part('weights/'), meta.counters);
  const slots = Object.fromEntries(
    [...part('optimizer/')].map(([name, data]) => [model.store.prefix + name, data]),
  );
  return {
    position: { ...meta.position },
    ...(meta.best ? { best: { ...meta.best, tensors: part('best/') } } : {}),
    restoreOptimizer: (optimizer) => optimizer.restore({ step: meta.optimizerStep, slots }),
  };
}

function unfit(what: string): LearnerError {
  return new LearnerError({
    code: 'checkpoint-other-run',
    message: `The checkpoint ${what}: going on from it would not continue the same training.`,
    remedy: 'Start the run anew, or put experiment and data back as they were.',
  });
}
