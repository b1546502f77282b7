import * as tf from '@tensorflow/tfjs';
import { createEngine } from '../engine/engine';
import {
  mediaFolder,
  mediaNames,
  readMediaCard,
  verifyMedia,
  type MediaCard,
  type MediaKind,
} from '../media';
import type { Answer, CommonOptions } from './run-commands';
import { paint, say, table } from './terminal';

export async function doctorCommand(options: CommonOptions): Promise<Answer> {
  const engine = await createEngine();
  const stepMs = probe(engine);
  const { provider, threads, text, refused } = engine.device;
  engine.dispose();
  if (!options.json) {
    say(`Node.js        ${process.version} (${process.execPath})`);
    say(`Device         ${text}`);
    say(`Threads        ${threads}`);
    say(
      `Probe step     ${stepMs.toFixed(1)} ms (3x3 convolution, 16 pictures of 32 px, 32 channels, with gradient)`,
    );
    if (refused) say(`Not used       ${refused.reason}\n               ${refused.remedy}`);
  }
  return { node: process.version, nodePath: process.execPath, provider, threads, text, refused, stepMs };
}

function probe(engine: Awaited<ReturnType<typeof createEngine>>): number {
  const filter = tf.variable(tf.fill([3, 3, 32, 32], 0.01), true, 'probe/filter');
  engine.adopt([filter]);
  const step = engine.compileStep({
    name: 'probe',
    inputs: { items: { shape: [16, 32, 32, 32], dtype: 'float32' } },
    forward: ({ items }) => ({
      loss: tf.mean(tf.relu(tf.conv2d(items as tf.Tensor4D, filter as unknown as tf.Tensor4D, 1, 'same'))),
    }),
    trainable: [filter],
  });
  const items = new Float32Array(16 * 32 * 32 * 32).fill(0.5);
  const times = Array.from({ length: 7 }, () => {
    const began = performance.now();
    step.run({ items });
    return performance.now() - began;
  });
  step.dispose();
  filter.dispose();
  return times.sort((a, b) => a - b)[3] ?? 0;
}

export interface MediaOptions extends CommonOptions {
  readonly verify?: boolean;
}

export async function modelsCommand(options: MediaOptions): Promise<Answer> {
  return listMedia('models', options);
}

export async function dataCommand(options: MediaOptions): Promise<Answer> {
  return listMedia('data', options);
}

/** What each folder's card.json says; `--verify` first compares every file with it. */
async function listMedia(kind: MediaKind, { json, verify }: MediaOptions): Promise<Answer> {
  const names = await mediaNames(kind);
  const cards = await Promise.all(
    names.map(async (name) => {
      const folder = mediaFolder(kind, name);
      if (verify) await verifyMedia(folder);
      return { ...(await readMediaCard(folder)), folder };
    }),
  );
  if (!json) {
    const header = ['name', 'kind', ...(kind === 'models' ? ['parameters'] : []), 'size', 'licence'];
    const rows = cards.map((card) => [
      card.name,
      card.kind,
      ...(kind === 'models' ? [millions(card.parameters ?? 0)] : []),
      megabytes(card),
      card.license,
    ]);
    say(table(header, rows));
    for (const card of cards) say(`\n${describe(card)}`);
    if (verify) say(`\nAll files of ${cards.length} folders are as they came.`);
  }
  return { [kind]: cards, ...(verify ? { verified: true } : {}) };
}

const millions = (count: number): string => `${(count / 1e6).toFixed(1)} M`;

const megabytes = ({ bytes, weights }: MediaCard): string =>
  weights === undefined ? `${(bytes / 1e6).toFixed(1)} MB` : `with ${weights.split('/').at(-2) ?? weights}`;

/** Name and summary, then a line for each score. */
function describe({ name, summary, scores }: MediaCard): string {
  const lines = scores.map(({ on, what, mean, deviation, seeds }) => {
    const spread = deviation === undefined ? '' : ` +- ${deviation.toFixed(3)}`;
    return `  ${mean.toFixed(3)}${spread}  ${what} on ${on}${seeds === undefined ? '' : `, ${seeds} seeds`}`;
  });
  return [`${paint('bold', name)}: ${summary}.`, ...lines].join('\n');
}
