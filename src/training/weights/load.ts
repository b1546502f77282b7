import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { mediaNames } from '../media';
import type { SnapshotTensor } from '../run-context';
import type { TensorData } from '../engine/types';
import type { Layout, ModelTensor } from '../models/layers/parameters';
import { belongsTo, type Network } from '../models/model';
import { architectures, type Architecture } from '../models';
import { readEmbeddedWeights } from './embedded';
import { joinRowScales } from './row-scales';
import { DOWNLOAD_ALLOWED } from './hub/allowed';
import { hubSettings, hubSnapshot, parseRepository, type Repository } from './hub';
import { choosePreprocessing, type Configurations, type Preprocessing } from './preprocessing';
import { openSafetensors, toFloat32, type Safetensors, type SafetensorsEntry } from './safetensors';

export interface Checkpoint {
  /** For messages: 'resnet18-narrow (embedded)', 'mine.safetensors'. */
  readonly title: string;
  readonly file: string;
  readonly content: Safetensors;
  readonly preprocessing: Preprocessing;
  /** As the network was trained with; undefined where its configuration does not say. */
  readonly dropout?: number;
  /** Content of the config.json beside it; undefined where there is none. */
  readonly config?: unknown;
}

/** For weights that are not on this computer. */
export interface OpenOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Bytes that are here, of all. */
  readonly onDownload?: (done: number, total: number) => void;
  /** Nothing comes for so many seconds (0: nobody knows for how long). */
  readonly onWait?: (seconds: number, reason: string) => void;
}

/**
 * @param weights 'embedded', a repository of the Hugging Face Hub ('timm/resnet18.tv_in1k@REVISION'), or the path of a
 *   .safetensors file, relative to `directory`
 * @throws {LearnerError} if there is no such file or repository, no embedded network of this architecture, or 'download-needed'
 */
export async function openCheckpoint(
  weights: string,
  architecture: Architecture,
  directory: string,
  options: OpenOptions = {},
): Promise<Checkpoint> {
  if (weights === 'embedded') {
    const { embedded } = architecture;
    const here = await mediaNames('models');
    if (embedded === undefined || !here.includes(embedded)) {
      const others = architectures
        .filter((other) => other.reads === architecture.reads && here.includes(other.embedded ?? ''))
        .map(({ name }) => name);
      const [other] = others;
      throw new LearnerError({
        code: 'no-embedded-weights',
        message: `No ${architecture.name} came with this installation of Transfer Lab; these did: ${others.join(', ') || 'none of its kind'}.`,
        remedy: `${other === undefined ? 'Give' : `Use ${other}({ weights: 'embedded' }), or give`} the path of a .safetensors file.`,
      });
    }
    const { file, content } = await readEmbeddedWeights(embedded);
    return opened(file, `${embedded} (embedded)`, content, architecture);
  }
  const repository = parseRepository(architecture.formerNames?.[weights] ?? weights);
  if (repository) return openRepository(repository, architecture, options);
  if (/\.(pth|pt|bin|ckpt)$/i.test(weights)) {
    throw new LearnerError({
      code: 'weights-pickle',
      message: `${weights} is a Python pickle, which can run code when it is opened.`,
      remedy: `Convert it with Python: from safetensors.torch import save_file; import torch; save_file(torch.load("${weights}", weights_only=True), "model.safetensors")`,
    });
  }
  const file = isAbsolute(weights) ? weights : resolve(directory, weights);
  const title = basename(file);
  return opened(file, title, joinRowScales(openSafetensors(file), title), architecture);
}

async function openRepository(
  repository: Repository,
  architecture: Architecture,
  { env = process.env, signal, onDownload, onWait }: OpenOptions,
): Promise<Checkpoint> {
  const { folder, commit } = await hubSnapshot(repository, {
    settings: hubSettings(env),
    allowed: env[DOWNLOAD_ALLOWED] === '1',
    also: architecture.reads === 'texts' ? ['tokenizer.json'] : [],
    ...(signal ? { signal } : {}),
    ...(onDownload ? { onProgress: onDownload } : {}),
    ...(onWait ? { onWait } : {}),
  }).catch((error: unknown) => {
    if (!signal?.aborted) throw error;
    throw new LearnerError(
      {
        code: 'download-stopped',
        message: `The download of ${repository.id} was stopped; what has arrived is kept.`,
        remedy: 'Start the run again to go on from there.',
      },
      { cause: error },
    );
  });
  const file = join(folder, 'model.safetensors');
  const title = `${repository.id}@${commit.slice(0, 7)}`;
  return opened(file, title, openSafetensors(file), architecture);
}

async function opened(
  file: string,
  title: string,
  content: Safetensors,
  { aliases }: Architecture,
): Promise<Checkpoint> {
  const renamed = aliases ? { ...content, tensors: underOurNames(content.tensors, aliases) } : content;
  const configurations = await readConfigurations(dirname(file));
  const { dropout } = dropoutSchema.safeParse(configurations['config.json']).data ?? {};
  const preprocessing = choosePreprocessing(configurations, title);
  return {
    title,
    file,
    content: renamed,
    preprocessing,
    ...(dropout === undefined ? {} : { dropout }),
    config: configurations['config.json'],
  };
}

const dropoutSchema = z.object({ dropout: z.number().min(0).lt(1).optional() });

/** Another library's tensors by our names. What it writes as a convolution over the whole map is a linear layer here: the same values in the same order. */
function underOurNames(
  tensors: Safetensors['tensors'],
  aliases: Readonly<Record<string, string>>,
): Safetensors['tensors'] {
  return new Map(
    [...tensors].map(([name, entry]) => {
      const [from, to] = Object.entries(aliases).find(([start]) => name.startsWith(start)) ?? [];
      if (from === undefined || to === undefined) return [name, entry];
      const [outputs = 1, ...inputs] = entry.shape;
      const shape =
        inputs.length > 1 ? [outputs, inputs.reduce((product, size) => product * size, 1)] : entry.shape;
      return [to + name.slice(from.length), reshaped(entry, shape)];
    }),
  );
}

/** The same bytes under another shape, still read only when asked for. */
function reshaped(entry: SafetensorsEntry, shape: readonly number[]): SafetensorsEntry {
  return {
    dtype: entry.dtype,
    shape,
    get bytes() {
      return entry.bytes;
    },
  };
}

/** What lies beside the weights. */
async function readConfigurations(folder: string): Promise<Configurations> {
  const names = ['config.json', 'preprocessor_config.json'] as const;
  const contents = await Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), 'utf8').catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      });
      return [name, text === undefined ? undefined : parseJson(text)] as const;
    }),
  );
  return Object.fromEntries(contents);
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
export function loadWeights(model: Network, checkpoint: Pick<Checkpoint, 'title' | 'content'>): LoadReport {
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
  model.store.drawPending(new Set(needed.map(({ name }) => name)));
  for (const name of model.store.counters.keys()) {
    const entry = tensors.get(name);
    if (entry) model.store.counters.set(name, toFloat32(entry)[0] ?? 0);
  }
  const found = [...tensors].find(([name, { shape }]) => isHead(name) && shape.length === 2);
  const classes = found?.[1].shape[0];
  const difference =
    classes === undefined
      ? `${checkpoint.title} has no head of this kind`
      : `${checkpoint.title} tells ${classes} classes apart, this data ${model.numClasses}`;
  return {
    loaded: needed.length,
    ...(headFits ? {} : { headSkipped: `${difference}: the head is new.` }),
  };
}

function fits(tensor: ModelTensor, shape: readonly number[] | undefined): boolean {
  return shape?.join() === tensor.checkpointShape.join();
}

function mismatch(
  checkpoint: Pick<Checkpoint, 'title'>,
  model: Network,
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
  model: Network,
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
