import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { embeddedModelFolder } from '../assets';
import type { SnapshotTensor } from '../run-context';
import type { TensorData } from '../engine/types';
import type { Layout, ModelTensor } from '../models/layers/parameters';
import { belongsTo, type TransferModel } from '../models/model';
import { type Architecture } from '../models';
import { readSafetensors, toFloat32, type Safetensors } from './safetensors';

/** What a checkpoint says about the pictures it was trained on. */
export interface Preprocessing {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** ImageNet's, which torchvision's checkpoints and the embedded ones share. */
export const IMAGENET: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export interface Checkpoint {
  /** For messages: 'resnet18-narrow (embedded)', 'mine.safetensors'. */
  readonly title: string;
  readonly file: string;
  readonly content: Safetensors;
  readonly preprocessing: Preprocessing;
}

const triple = z.tuple([z.number(), z.number(), z.number()]);
const configSchema = z.object({ mean: triple.optional(), std: triple.optional() });

/**
 * @param weights 'embedded' or the path of a .safetensors file, relative to `directory`
 * @throws {LearnerError} if there is no such file, or no embedded network of this architecture
 */
export async function openCheckpoint(
  weights: string,
  architecture: Architecture,
  directory: string,
): Promise<Checkpoint> {
  if (weights === 'embedded') {
    if (architecture.embedded === undefined) {
      throw new LearnerError({
        code: 'no-embedded-weights',
        message: `No ${architecture.name} came with Transfer Lab; resnet18 did.`,
        remedy: "Use resnet18({ weights: 'embedded' }), or give the path of a .safetensors file.",
      });
    }
    const file = join(embeddedModelFolder(architecture.embedded), 'model.safetensors');
    return openFile(file, `${architecture.embedded} (embedded)`);
  }
  if (/\.(pth|pt|bin|ckpt)$/i.test(weights)) {
    throw new LearnerError({
      code: 'weights-pickle',
      message: `${weights} is a Python pickle, which can run code when it is opened.`,
      remedy: `Convert it with Python: from safetensors.torch import save_file; import torch; save_file(torch.load("${weights}", weights_only=True), "model.safetensors")`,
    });
  }
  const file = isAbsolute(weights) ? weights : resolve(directory, weights);
  return openFile(file, basename(file));
}

async function openFile(file: string, title: string): Promise<Checkpoint> {
  return { title, file, content: await readSafetensors(file), preprocessing: await readPreprocessing(file) };
}

/** From config.json beside the weights; without one, ImageNet's. */
async function readPreprocessing(file: string): Promise<Preprocessing> {
  let text: string;
  try {
    text = await readFile(join(dirname(file), 'config.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return IMAGENET;
    throw error;
  }
  const parsed = configSchema.safeParse(parseJson(text));
  if (!parsed.success) return IMAGENET;
  return { mean: parsed.data.mean ?? IMAGENET.mean, std: parsed.data.std ?? IMAGENET.std };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the weights are what counts; a config of another program need not be ours to read
  }
}

/** What happened besides loading, for the run's log. */
export interface LoadReport {
  readonly loaded: number;
  /** The head was left out because it tells other classes apart. */
  readonly headSkipped?: string;
}

/**
 * Loads by name, strictly. Only a head for another number of classes may be left out; it is then new.
 * @throws {LearnerError} 'weights-mismatch', with everything that is missing, unexpected or of another shape
 */
export function loadWeights(model: TransferModel, checkpoint: Checkpoint): LoadReport {
  const { tensors } = checkpoint.content;
  const head = model.layerGroups.at(-1);
  const isHead = (name: string): boolean => head !== undefined && belongsTo(head, name);
  const wanted = [...model.store.tensors.values()];
  const headFits =
    wanted
      .filter(({ name }) => isHead(name))
      .every((tensor) => fits(tensor, tensors.get(tensor.name)?.shape)) &&
    [...tensors.keys()].filter(isHead).every((name) => model.store.tensors.has(name));
  const needed = wanted.filter(({ name }) => headFits || !isHead(name));
  const missing = needed.filter(({ name }) => !tensors.has(name)).map(({ name }) => name);
  const unexpected = [...tensors.keys()].filter(
    (name) => !isHead(name) && !model.store.tensors.has(name) && !model.store.counters.has(name),
  );
  const mismatched = needed.flatMap((tensor) => {
    const shape = tensors.get(tensor.name)?.shape;
    if (!shape || fits(tensor, shape)) return [];
    return [`"${tensor.name}" is [${shape.join(', ')}], expected [${tensor.checkpointShape.join(', ')}]`];
  });
  if (missing.length + unexpected.length + mismatched.length > 0) {
    throw mismatch(checkpoint, model, { missing, unexpected, mismatched });
  }
  for (const tensor of needed) {
    const entry = tensors.get(tensor.name);
    if (entry) assignValues(tensor, toFloat32(entry));
  }
  for (const name of model.store.counters.keys()) {
    const entry = tensors.get(name);
    if (entry) model.store.counters.set(name, toFloat32(entry)[0] ?? 0);
  }
  const found = [...tensors].find(([name, { shape }]) => isHead(name) && shape.length === 2);
  const classes = found?.[1].shape[0];
  return {
    loaded: needed.length,
    ...(headFits
      ? {}
      : {
          headSkipped: `${checkpoint.title} tells ${classes ?? 'other'} classes apart, this data ${model.numClasses}: the head is new.`,
        }),
  };
}

function fits(tensor: ModelTensor, shape: readonly number[] | undefined): boolean {
  return shape?.join() === tensor.checkpointShape.join();
}

function mismatch(
  checkpoint: Checkpoint,
  model: TransferModel,
  found: Readonly<Record<'missing' | 'unexpected' | 'mismatched', readonly string[]>>,
): LearnerError {
  const parts = Object.entries(found)
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => {
      const rest = names.length > 5 ? ` and ${names.length - 5} more` : '';
      return `${names.length} ${what}: ${names.slice(0, 5).join(', ')}${rest}`;
    });
  return new LearnerError({
    code: 'weights-mismatch',
    message: `${checkpoint.title} does not fit ${model.architecture}. Tensors ${parts.join('; ')}.`,
    remedy: `Choose the network that the file was made for, or other weights for ${model.architecture}.`,
  });
}

/** Puts values in checkpoint order into the variable. Before the engine adopts it: assigning gives it new memory. */
export function assignValues({ variable, layout, checkpointShape }: ModelTensor, values: Float32Array): void {
  const data = fromCheckpointOrder(values, checkpointShape, layout);
  tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
}

/** [out, in, h, w] → [h, w, in, out]; other tensors stay as they are. */
export function fromCheckpointOrder(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
): Float32Array {
  if (layout === 'same') return values;
  const [outputs = 1, inputs = 1, height = 1, width = 1] = shape;
  const out = new Float32Array(values.length);
  let from = 0;
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          out[((y * width + x) * inputs + i) * outputs + o] = values[from++] ?? 0;
  return out;
}

/** The inverse of `fromCheckpointOrder`. @param shape in the checkpoint */
export function toCheckpointOrder(
  values: Float32Array,
  shape: readonly number[],
  layout: Layout,
): Float32Array {
  if (layout === 'same') return values.slice();
  const [outputs = 1, inputs = 1, height = 1, width = 1] = shape;
  const out = new Float32Array(values.length);
  let to = 0;
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < inputs; i++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) out[to++] = values[((y * width + x) * inputs + i) * outputs + o] ?? 0;
  return out;
}

/** Everything of a model in checkpoint names, order and shapes: what `model.safetensors` holds. */
export function exportTensors(
  model: TransferModel,
  values: (tensor: ModelTensor) => TensorData,
): Record<string, SnapshotTensor> {
  const result: Record<string, SnapshotTensor> = {};
  for (const tensor of model.store.tensors.values()) {
    const data = toCheckpointOrder(values(tensor) as Float32Array, tensor.checkpointShape, tensor.layout);
    result[tensor.name] = { shape: tensor.checkpointShape, dtype: 'float32', data };
  }
  for (const [name, count] of model.store.counters) {
    result[name] = { shape: [], dtype: 'int32', data: Int32Array.of(count) };
  }
  return result;
}
