import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { assetsRoot } from '../assets';
import { createEngine } from '../engine/engine';
import type { Answer, CommonOptions } from './run-commands';
import { say } from './terminal';

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

export async function modelsCommand(options: CommonOptions): Promise<Answer> {
  return listMedia('models', options);
}

export async function dataCommand(options: CommonOptions): Promise<Answer> {
  return listMedia('data', options);
}

/** Each embedded model or data set has a folder with a card: its first heading and first sentence say what it is. */
async function listMedia(kind: 'models' | 'data', options: CommonOptions): Promise<Answer> {
  const folder = join(assetsRoot(), 'media', kind);
  const names = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    names
      .filter((entry) => entry.isDirectory())
      .map(async ({ name }) => {
        const card = await readFile(join(folder, name, 'README.md'), 'utf8').catch(() => '');
        const summary = card.split('\n').find((line) => /^[A-Za-z]/.test(line)) ?? '';
        return { name, summary, folder: join(folder, name) };
      }),
  );
  if (!options.json) {
    const width = Math.max(0, ...found.map(({ name }) => name.length));
    say(found.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`).join('\n') || 'None here.');
  }
  return { [kind]: found };
}
