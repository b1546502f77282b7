import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { startsOf, type Dataset, type SplitName } from '../data/dataset';
import { sizeOf } from '../engine/onnx/values';
import type { CompiledFunction, TensorData } from '../engine/types';
import { cachedFeatures, featureKey, type Features } from '../feature-cache';
import { forwardGroups, tensorsOf, type Network } from '../models/model';
import { inputSpecs, pickSide } from '../phase-program';
import type { RunContext } from '../run-context';
import type { Batching, Counts, ItemLayout } from './batching';
import type { ItemReader, When } from './phase-data';

export const PREFIX_BATCH = 32;

/** Items that the prefix is run over, under the name that their features get. */
export interface Source {
  readonly name: string;
  readonly split: SplitName;
  readonly when?: When;
}

export interface PrefixWork {
  readonly model: Network;
  /** Groups before this one are the prefix. */
  readonly to: number;
  readonly dataset: Dataset;
  readonly batching: Batching;
  readonly reader: ItemReader;
  readonly sources: readonly Source[];
  /** What the features depend on besides weights and data. */
  readonly key: string;
  /** What a row of ragged features is counted by: the tokens of each text. */
  readonly lengths?: Readonly<Record<SplitName, readonly number[]>>;
  /** For the log: 'picture, in 4 variants,'. */
  readonly what: string;
}

export const countsOf = ({ splits: { train, val, test } }: Pick<Dataset, 'splits'>): Counts => ({
  train: train.count,
  val: val.count,
  test: test.count,
});

/** Runs the frozen prefix once for every item, or takes its results from the cache. */
export async function frozenFeatures(context: RunContext, work: PrefixWork): Promise<Features> {
  const { model, to, dataset, key, what } = work;
  const prefix = model.layerGroups.slice(0, to);
  const fullKey = featureKey([
    model.architecture,
    // What weights do not say: pooling, for one.
    JSON.stringify(model.config),
    dataset.fingerprint,
    key,
    context.engine.device.text,
    ...prefix.flatMap((group) => [
      group.name,
      ...tensorsOf(model, group).flatMap(({ name, variable }) => [
        name,
        bytesOf(context.engine.data(variable)),
      ]),
    ]),
  ]);
  const folder = join(context.experimentDirectory, '.transfer-lab', 'cache', 'features');
  const started = performance.now();
  const { features, from } = await cachedFeatures(
    folder,
    fullKey,
    () => computeFeatures(context, work),
    (text) => context.emit({ type: 'log', text }),
  );
  const names = prefix.map(({ name }) => name).join(', ');
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const how =
    from === 'computed'
      ? `computed once for every ${what} in ${seconds} s`
      : `taken from the cache (${from})`;
  context.emit({ type: 'log', text: `Frozen layers (${names}): ${how}.` });
  return features;
}

async function computeFeatures(context: RunContext, work: PrefixWork): Promise<Features> {
  const { batching, reader, sources, lengths } = work;
  const shape = shapeAfter(work, batching.layouts[0]);
  // Where the output still has a row for each token, only those of real tokens are kept.
  const [length] = batching.layouts[0]?.items.shape ?? [];
  const ragged = lengths !== undefined && shape.length > 1 && shape[0] === length;
  const itemShape = ragged ? shape.slice(1) : shape;
  const size = sizeOf(itemShape);
  const graphs = new Graphs(context, work);
  const batches = sources.map((source) => ({ source, all: batching.once(source.split, PREFIX_BATCH) }));
  const total = batches.flatMap(({ all }) => all).reduce((sum, { counted }) => sum + counted, 0);
  let done = 0;
  try {
    const parts: Record<string, Float32Array> = {};
    for (const { source, all } of batches) {
      const rows = ragged
        ? lengths[source.split]
        : new Array<number>(work.dataset.splits[source.split].count).fill(1);
      const starts = startsOf(rows);
      const values = new Float32Array((starts.at(-1) ?? 0) * size);
      for (const batch of all) {
        const output = graphs.run(batch.layout, reader.feed(source.split, batch, source.when));
        const stride = output.length / PREFIX_BATCH;
        for (let row = 0; row < batch.counted; row++) {
          const index = batch.indices[row] ?? 0;
          const from = (starts[index] ?? 0) * size;
          const kept = (starts[index + 1] ?? 0) * size - from;
          values.set(output.subarray(row * stride, row * stride + kept), from);
        }
        done += batch.counted;
        context.emit({ type: 'preparing', phase: 'cachingFeatures', done, total });
      }
      parts[source.name] = values;
      await context.breathe();
    }
    return { itemShape, parts };
  } finally {
    graphs.dispose();
  }
}

/** The prefix, compiled for each layout that comes. */
class Graphs {
  private readonly compiled = new Map<ItemLayout, CompiledFunction>();

  constructor(
    private readonly context: RunContext,
    private readonly work: PrefixWork,
  ) {}

  run(layout: ItemLayout, inputs: Parameters<CompiledFunction['run']>[0]): Float32Array {
    const known = this.compiled.get(layout) ?? this.compile(layout);
    this.compiled.set(layout, known);
    return known.run(inputs)['features'] as Float32Array;
  }

  private compile(layout: ItemLayout): CompiledFunction {
    const { model, to } = this.work;
    return this.context.engine.compileFunction({
      name: `frozen layers, ${layout.name}, batch ${PREFIX_BATCH}`,
      inputs: inputSpecs(layout, PREFIX_BATCH),
      run: (inputs) => ({
        features: forwardGroups(
          model,
          inputs['items'] as tf.Tensor,
          { from: 0, to },
          false,
          undefined,
          undefined,
          pickSide(layout, inputs),
        ),
      }),
    });
  }

  dispose(): void {
    for (const graph of this.compiled.values()) graph.dispose();
  }
}

/** Shape of one item after the prefix, found by running it on one blank item. */
function shapeAfter({ model, to }: PrefixWork, layout: ItemLayout | undefined): number[] {
  if (!layout) throw new Error('There is nothing to run the frozen layers over.');
  const blank = ({ shape, dtype }: ItemLayout['items']): tf.Tensor => tf.zeros([1, ...shape], dtype);
  return tf.tidy(() => {
    const side = Object.fromEntries(Object.entries(layout.side).map(([name, spec]) => [name, blank(spec)]));
    return forwardGroups(
      model,
      blank(layout.items),
      { from: 0, to },
      false,
      undefined,
      undefined,
      side,
    ).shape.slice(1);
  });
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
