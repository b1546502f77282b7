import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { mediaFolder, readMediaCard, readMediaFile } from '../media';
import { joinRowScales } from './row-scales';
import { parseSafetensors, type Safetensors } from './safetensors';

const configSchema = z.looseObject({ num_hidden_layers: z.int().positive().optional() });

/**
 * The weights of an embedded model, verified by size and hash. A model that is the first layers of another one (its card's
 * `weights` names that one's file, its config.json has a smaller `num_hidden_layers`) gets those layers only.
 * @param name a folder of media/models
 * @throws {LearnerError} 'media-damaged' if a file is missing, cut off or changed
 */
export async function readEmbeddedWeights(
  name: string,
): Promise<{ readonly file: string; readonly content: Safetensors }> {
  const folder = mediaFolder('models', name);
  const card = await readMediaCard(folder);
  const file = join(folder, card.weights ?? 'model.safetensors');
  const bytes = await readMediaFile(dirname(file), basename(file));
  const content = joinRowScales(parseSafetensors(bytes, file), file);
  if (card.weights === undefined) return { file, content };
  const config: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  const { num_hidden_layers: layers } = configSchema.parse(config);
  return { file, content: layers === undefined ? content : firstLayers(content, layers) };
}

/** Without `encoder.layer.N.*` for N >= layers. */
function firstLayers(content: Safetensors, layers: number): Safetensors {
  const kept = [...content.tensors].filter(([name]) => {
    const number = /^encoder\.layer\.(\d+)\./.exec(name)?.[1];
    return number === undefined || Number(number) < layers;
  });
  return { ...content, tensors: new Map(kept) };
}
