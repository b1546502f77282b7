import { describe, expect, it } from 'vitest';
import { LearnerError } from '../../protocol/errors';
import { createEngine } from '../engine/engine';
import { exportTensors, loadWeights, type Checkpoint } from '../weights/load';
import { IMAGENET } from '../weights/preprocessing';
import type { SafetensorsEntry } from '../weights/safetensors';
import { BERTS, createBert, type BertConfig } from './bert';
import { bertSizes, bertTensors } from './bert-checkpoint';
import type { Network } from './model';

/** As published for bert-base-uncased, without what is not read. */
const BASE = {
  architectures: ['BertForMaskedLM'],
  attention_probs_dropout_prob: 0.1,
  hidden_act: 'gelu',
  hidden_dropout_prob: 0.1,
  hidden_size: 768,
  initializer_range: 0.02,
  intermediate_size: 3072,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 512,
  model_type: 'bert',
  num_attention_heads: 12,
  num_hidden_layers: 12,
  pad_token_id: 0,
  type_vocab_size: 2,
  vocab_size: 30522,
};

const TINY: BertConfig = {
  ...BERTS['bert-tiny'],
  vocabSize: 20,
  hiddenSize: 8,
  intermediateSize: 12,
  maxPositions: 6,
  head: 'sequence',
  pooling: 'pooler',
  numClasses: 2,
};

describe('a config.json', () => {
  it('of BERT base gives the sizes of the paper', () => {
    expect(bertSizes(BASE, 'config.json')).toEqual(BERTS['bert-base']);
  });

  it('of an old file that says little gets the defaults of transformers', () => {
    const { vocab_size, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size } = BASE;
    const old = { vocab_size, hidden_size, num_hidden_layers, num_attention_heads, intermediate_size };
    expect(bertSizes(old, 'config.json')).toEqual(BERTS['bert-base']);
  });

  it('may say what is left out before the head', () => {
    expect(bertSizes({ ...BASE, classifier_dropout: 0.3 }, 'config.json').headDropout).toBe(0.3);
    expect(bertSizes({ ...BASE, hidden_dropout_prob: 0.2, classifier_dropout: null }, 'c').headDropout).toBe(
      0.2,
    );
  });

  it.each([
    [{ model_type: 'distilbert' }, 'model_type'],
    [{ position_embedding_type: 'relative_key' }, 'position_embedding_type'],
    [{ hidden_act: 'gelu_new' }, 'hidden_act'],
    [{ is_decoder: true }, 'is_decoder'],
    [{ num_attention_heads: 7 }, 'hidden_size 768 cannot be shared out among 7 heads'],
    [{ hidden_size: undefined }, 'hidden_size'],
  ])('with %o is refused by name', (change, text) => {
    const read = (): unknown => bertSizes({ ...BASE, ...change }, 'config.json of mine');
    expect(read).toThrow(LearnerError);
    expect(read).toThrow(text);
  });
});

function checkpoint(tensors: ReadonlyMap<string, SafetensorsEntry>): Checkpoint {
  return { title: 'mine', file: 'mine', content: { tensors, metadata: {} }, preprocessing: IMAGENET };
}

function tensorsOf(model: Network): Map<string, SafetensorsEntry> {
  const values = exportTensors(model, ({ variable }) => variable.dataSync());
  return new Map(
    Object.entries(values).map(([name, { shape, data }]) => [
      name,
      { dtype: 'F32', shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) },
    ]),
  );
}

const renamed = <T>(tensors: ReadonlyMap<string, T>, rename: (name: string) => string): Map<string, T> =>
  new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));

const extra: SafetensorsEntry = { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) };

describe('a checkpoint', () => {
  it.each<[string, (name: string) => string]>([
    ['as transformers writes it', (name) => name],
    ['without "bert." in front', (name) => name.replace(/^bert\./, '')],
    [
      'with the norms that TensorFlow calls gamma and beta',
      (name) =>
        name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
    ],
  ])('%s loads into every tensor', async (_, rename) => {
    const engine = await createEngine();
    const saved = createBert('bert', TINY, 1);
    const model = createBert('bert', TINY, 2);
    const tensors = renamed(tensorsOf(saved), rename)
      .set('bert.embeddings.position_ids', extra)
      .set('cls.predictions.bias', extra)
      .set('cls.seq_relationship.weight', extra);
    const report = loadWeights(model, checkpoint(bertTensors(tensors, TINY)));
    expect(report).toEqual({ loaded: model.store.tensors.size });
    for (const [name, { variable }] of saved.store.tensors)
      expect([...model.store.get(name).variable.dataSync()], name).toEqual([...variable.dataSync()]);
    for (const each of [saved, model]) each.dispose();
    engine.dispose();
  });

  it('of a network for texts gives its encoder to one for questions, whose head is new', () => {
    const saved = createBert('bert', TINY, 1);
    const config = { ...TINY, head: 'question' } as const;
    const model = createBert('bert', config, 2);
    const report = loadWeights(model, checkpoint(bertTensors(tensorsOf(saved), config)));
    expect(report.headSkipped).toContain('the head is new');
    expect(report.loaded).toBe(model.store.tensors.size - 2);
    for (const each of [saved, model]) each.dispose();
  });

  it('is taken with the names of the encoder alone for features', () => {
    const names = new Map([
      ['bert.pooler.dense.bias', 1],
      ['bert.encoder.layer.0.output.LayerNorm.gamma', 2],
      ['classifier.bias', 3],
    ]);
    expect([...bertTensors(names, { head: 'none', pooling: 'pooler' })]).toEqual([
      ['pooler.dense.bias', 1],
      ['encoder.layer.0.output.LayerNorm.weight', 2],
    ]);
    expect([...bertTensors(names, { head: 'none', pooling: 'mean' }).keys()]).toHaveLength(1);
  });

  it('with a tensor that nobody knows is refused', () => {
    const model = createBert('bert', TINY, 1);
    const tensors = tensorsOf(model).set('bert.encoder.rotary.weight', extra);
    expect(() => loadWeights(model, checkpoint(bertTensors(tensors, TINY)))).toThrow(
      '1 unexpected: bert.encoder.rotary.weight',
    );
    model.dispose();
  });
});
