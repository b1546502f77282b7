import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { mediaFolder } from '../media';
import { BERTS, createBert, type BertConfig } from '../models/bert';
import { encodeSafetensors, type SafetensorsEntry } from '../weights/safetensors';

export const TINY_BERT: BertConfig = {
  ...BERTS['bert-tiny'],
  hiddenSize: 16,
  intermediateSize: 32,
  head: 'none',
  pooling: 'mean',
  numClasses: 0,
};

/**
 * A folder as the Hub has it: model.safetensors, config.json and the English tokenizer of the embedded network.
 * @param spelling of a tensor's name
 */
export async function makeTinyBert(
  folder: string,
  config: BertConfig = TINY_BERT,
  spelling: (name: string) => string = (name) => name,
): Promise<void> {
  const model = createBert('bert', config, 3);
  const tensors = new Map<string, SafetensorsEntry>();
  for (const { name, variable, checkpointShape: shape } of model.store.tensors.values()) {
    const values = (variable as tf.Tensor).dataSync<'float32'>().slice();
    tensors.set(spelling(name), { dtype: 'F32', shape, bytes: new Uint8Array(values.buffer) });
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.safetensors'), encodeSafetensors(tensors));
  await writeFile(join(folder, 'config.json'), JSON.stringify(model.config));
  const tokenizer = await readFile(join(mediaFolder('models', 'minilm-l6'), 'tokenizer.json'));
  await writeFile(join(folder, 'tokenizer.json'), tokenizer);
  model.dispose();
}
