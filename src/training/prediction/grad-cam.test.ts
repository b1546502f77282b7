import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import { assetsRoot } from '../assets';
import { findPictureArchitecture } from '../models';
import { featureMaps, forwardWithMaps, type FeatureMap, type TransferModel } from '../models/model';
import { loadWeights, openCheckpoint } from '../weights/load';
import { gradCam } from './grad-cam';

beforeAll(async () => {
  await createEngine();
});

const NUM_CLASSES = 3;
const SIDE = 96;

/** With the weights that are shipped: random ones leave logits that differ by less than float32 can tell. */
async function pretrained(name: string): Promise<{ model: TransferModel; image: tf.Tensor4D }> {
  const architecture = findPictureArchitecture(name);
  const checkpoint = await openCheckpoint('embedded', architecture, assetsRoot());
  const shapes = new Map([...checkpoint.content.tensors].map(([key, { shape }]) => [key, shape]));
  const model = architecture.create({ numClasses: NUM_CLASSES, seed: 1, shapes, deferred: true });
  loadWeights(model, checkpoint);
  model.store.drawPending();
  return { model, image: make(name, model).image };
}

function make(
  name: string,
  model = findPictureArchitecture(name).create({ numClasses: NUM_CLASSES, seed: 7, width: 4 }),
): { model: TransferModel; image: tf.Tensor4D } {
  const image = tf.tensor4d(
    Float32Array.from({ length: SIDE * SIDE * 3 }, (_, index) => Math.sin(index * index * 0.37)),
    [1, SIDE, SIDE, 3],
  );
  return { model, image };
}

/** The same by central differences of the rest of the network, in no framework's words. */
function byDifferences({ logits }: FeatureMap, map: tf.Tensor4D, label: number): number[] {
  const [, rows, columns, channels] = map.shape;
  const values = map.dataSync<'float32'>();
  const score = (changed: Float32Array): number =>
    tf.tidy(() => logits(tf.tensor4d(changed, map.shape)).dataSync()[label] ?? 0);
  const weights = Array.from({ length: channels }, (_, channel) => {
    // Moving a channel everywhere at once moves the logit by the sum of its gradients.
    const step = 3e-3 * values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    const moved = (sign: number): number =>
      score(Float32Array.from(values, (value, i) => value + (i % channels === channel ? sign * step : 0)));
    return (moved(1) - moved(-1)) / (2 * step) / (rows * columns);
  });
  const heat = Array.from({ length: rows * columns }, (_, place) =>
    Math.max(
      0,
      weights.reduce((sum, weight, channel) => sum + weight * (values[place * channels + channel] ?? 0), 0),
    ),
  );
  const highest = Math.max(...heat);
  return heat.map((value) => (highest > 0 ? value / highest : 0));
}

describe('Grad-CAM', () => {
  it('is what hand arithmetic gives for a map of two places and two channels', () => {
    // logit = 3·a₁ + 1·a₂ − 2·b₁ + 4·b₂, with a and b the channels. The means of the gradients: a: 2, b: 1.
    // Place 1 holds a = 1, b = 2: 2·1 + 1·2 = 4. Place 2 holds a = −1, b = 0.5: −2 + 0.5 < 0, so 0.
    const place = tf.tensor2d([3, -2, 1, 4], [4, 1]);
    const logits = (map: tf.Tensor4D): tf.Tensor2D => tf.matMul(map.reshape<tf.Tensor2D>([-1, 4]), place);
    const map = tf.tensor4d([1, 2, -1, 0.5], [1, 1, 2, 2]);
    expect(gradCam({ logits }, map, [0], 1).map(({ values }) => [...Array.from(values)])).toEqual([[1, 0]]);
    const other = tf.tensor4d([1, 2, 1, 0], [1, 1, 2, 2]); // 4, and 2·1 + 1·0 = 2
    expect(Array.from(gradCam({ logits }, other, [0], 1)[0]?.values ?? [])).toEqual([1, 0.5]);
  });

  it('is all 0 where nothing in the map speaks for the class, and no division by 0', () => {
    const logits = (map: tf.Tensor4D): tf.Tensor2D => tf.neg(tf.mean<tf.Tensor2D>(map, [1, 2]));
    const [grid] = gradCam({ logits }, tf.ones([1, 2, 3, 1]), [0], 1);
    expect(grid).toMatchObject({ rows: 2, columns: 3 });
    expect(Array.from(grid?.values ?? [])).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it.each(['resnet10', 'resnet18', 'resnet50'])(
    'of %s’s last map is its class activation map (Zhou et al., 2016): the head’s weights over the channels',
    (name) => {
      const { model, image } = make(name);
      const last = featureMaps(model).at(-1) as FeatureMap;
      const { maps } = forwardWithMaps(model, image);
      const map = maps['layer4'] as tf.Tensor4D;
      expect(last.name).toBe('layer4');
      const [, rows, columns, channels] = map.shape;
      expect([rows, columns]).toEqual([3, 3]); // 96 / 32
      const values = map.dataSync<'float32'>();
      const head = model.store.get('fc.weight').variable; // [channels, classes] or [classes, channels]
      const weights = head.dataSync();
      const classesFirst = head.shape[0] === NUM_CLASSES;
      const grids = gradCam(last, map, [0, 1, 2], NUM_CLASSES);
      for (const [label, grid] of grids.entries()) {
        const cam = Array.from({ length: rows * columns }, (_, place) => {
          let sum = 0;
          for (let channel = 0; channel < channels; channel++)
            sum +=
              (weights[classesFirst ? label * channels + channel : channel * NUM_CLASSES + label] ?? 0) *
              (values[place * channels + channel] ?? 0);
          return Math.max(0, sum);
        });
        const highest = Math.max(...cam);
        const expected = cam.map((value) => (highest > 0 ? value / highest : 0));
        Array.from(grid.values).forEach((value, place) => expect(value).toBeCloseTo(expected[place] ?? 0, 4));
      }
      model.dispose();
    },
  );

  it.each(['resnet18', 'vgg11_bn'])(
    'of %s agrees with central differences at its last maps',
    async (name) => {
      const { model, image } = await pretrained(name);
      const { maps, logits } = forwardWithMaps(model, image);
      for (const layer of featureMaps(model).slice(-2)) {
        const map = maps[layer.name] as tf.Tensor4D;
        const rest = tf.tidy(() => layer.logits(map).dataSync());
        rest.forEach((value, label) => expect(value).toBeCloseTo(logits.dataSync()[label] ?? 0, 4));
        const [, , grid] = gradCam(layer, map, [0, 1, 2], NUM_CLASSES);
        const expected = byDifferences(layer, map, 2);
        Array.from(grid?.values ?? []).forEach((value, place) =>
          expect(Math.abs(value - (expected[place] ?? 0)), `${layer.name}, place ${place}`).toBeLessThan(
            0.03,
          ),
        );
      }
      model.dispose();
    },
  );

  it('leaves no tensor behind', () => {
    const { model, image } = make('vgg11');
    const layer = featureMaps(model).at(-1) as FeatureMap;
    const map = tf.tidy(() => forwardWithMaps(model, image).maps['stage5'] as tf.Tensor4D);
    gradCam(layer, map, [0], NUM_CLASSES);
    const before = tf.memory().numTensors;
    gradCam(layer, map, [1, 2], NUM_CLASSES);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
