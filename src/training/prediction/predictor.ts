import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import { SHOWN_CLASSES, type MapLayer, type TriedPicture, type TryRequest } from '../../protocol/try-picture';
import type { CompiledFunction, Engine, TensorData } from '../engine/types';
import { featureMaps, forwardWithMaps, type FeatureMap } from '../models/model';
import { gradCam } from './grad-cam';
import { readPicture, toPng } from './read-picture';
import { openSavedNetwork, type SavedNetwork } from './saved-network';

/**
 * Cells of the finest feature map that is offered. A finer one draws edges, and the gradients behind it take gigabytes: four
 * behind the first stage of a VGG-16 of half the width, at 224 pixels.
 */
const MOST_CELLS = 64 * 64;
/** Steps of a heat map's values that are kept. */
const HEAT_STEPS = 1000;

/** A feature map that can be looked at. */
interface Place {
  readonly map: FeatureMap;
  readonly shape: [batch: number, rows: number, columns: number, channels: number];
}

const layerOf = ({ map: { name }, shape: [, rows, columns] }: Place): MapLayer => ({ name, rows, columns });

/** The best network of a run, ready to look at pictures. */
export class Predictor {
  private readonly forward: CompiledFunction;
  /** From input to output. */
  private readonly places: readonly Place[];

  private constructor(
    private readonly network: SavedNetwork,
    engine: Engine,
  ) {
    const { model, imageSize } = network;
    const maps = featureMaps(model);
    const places = new Map<string, Place>();
    this.forward = engine.compileFunction({
      name: 'one picture',
      inputs: { images: { shape: [1, imageSize, imageSize, 3], dtype: 'float32' } },
      run: ({ images }) => {
        const { logits, maps: values } = forwardWithMaps(model, images as tf.Tensor4D);
        const outputs: Record<string, tf.Tensor> = { logits };
        for (const map of maps) {
          const value = values[map.name];
          if (!value || value.shape[1] * value.shape[2] > MOST_CELLS) continue;
          places.set(map.name, { map, shape: value.shape });
          outputs[map.name] = value;
        }
        return outputs;
      },
    });
    this.places = [...places.values()];
  }

  /** @throws {LearnerError} see `openSavedNetwork` */
  static async open(directory: string, engine: Engine): Promise<Predictor> {
    return new Predictor(await openSavedNetwork(directory), engine);
  }

  get run(): SavedNetwork['run'] {
    return this.network.run;
  }

  /** @throws {LearnerError} for a file that is no usable picture, and 'layer-unknown' */
  async predict({ file, name = basename(file), layer: wanted }: TryRequest): Promise<TriedPicture> {
    const { imageSize, preprocessing, classNames, model } = this.network;
    const place = this.placeOf(wanted);
    const { pixels, prepared } = await readPicture(file, name, imageSize, preprocessing);
    const outputs = this.forward.run({ images: pixels });
    const logits = Array.from(outputs['logits'] as TensorData);
    const probabilities = softmax(logits);
    const shown = surest(probabilities.slice(0, classNames.length), SHOWN_CLASSES);
    const map = tf.tensor4d(outputs[place.map.name]?.slice() as Float32Array, place.shape);
    const heats = gradCam(place.map, map, shown, model.numClasses);
    map.dispose();
    const png = await toPng(pixels, imageSize, preprocessing);
    return {
      address: `data:image/png;base64,${png.toString('base64')}`,
      side: imageSize,
      prepared,
      numClasses: classNames.length,
      classes: shown.map((index, place) => ({
        name: classNames[index] ?? '',
        logit: logits[index] ?? 0,
        probability: probabilities[index] ?? 0,
        heat: Array.from(heats[place]?.values ?? [], (value) => Math.round(value * HEAT_STEPS) / HEAT_STEPS),
      })),
      layer: layerOf(place),
      layers: this.places.map(layerOf),
    };
  }

  private placeOf(wanted: string | undefined): Place {
    const found =
      wanted === undefined ? this.places.at(-1) : this.places.find(({ map }) => map.name === wanted);
    if (found) return found;
    const names = this.places.map(({ map }) => map.name).join(', ');
    throw new LearnerError({
      code: 'layer-unknown',
      message: `${this.network.model.architecture} has no feature map "${wanted}" to look at. It has: ${names}.`,
      remedy: `Choose one of: ${names}.`,
    });
  }

  dispose(): void {
    this.forward.dispose();
    this.network.model.dispose();
  }
}

/** In float64, with the highest logit taken off first, as validation computes it. */
export function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Indices of the highest values, the highest first; of equal ones the lower index. */
export function surest(values: readonly number[], count: number): number[] {
  return values
    .map((_, index) => index)
    .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b)
    .slice(0, count);
}
