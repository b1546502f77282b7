/** What a published BERT says of itself: its config.json, and the names of its tensors. */
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import type { BertConfig, BertSizes } from './bert';

const share = z.number().min(0).lt(1);
const size = z.int().positive();

/** As transformers' BertConfig, with its defaults where an old file says nothing. */
const configSchema = z.object({
  model_type: z.literal('bert').default('bert'),
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  pad_token_id: z.int().min(0).nullish(),
  hidden_dropout_prob: share.default(0.1),
  attention_probs_dropout_prob: share.default(0.1),
  classifier_dropout: share.nullish(),
  initializer_range: z.number().positive().default(0.02),
  hidden_act: z.literal('gelu').default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
});

/**
 * @param content of a config.json
 * @param title for messages: 'config.json of bert-base-uncased'
 * @throws {LearnerError} 'bert-config' where it is of another kind of network, or one that is not computed here
 */
export function bertSizes(content: unknown, title: string): BertSizes {
  const parsed = configSchema.safeParse(content);
  if (!parsed.success) {
    const { model_type: kind } =
      z.looseObject({ model_type: z.string().optional() }).safeParse(content).data ?? {};
    const other = kind === undefined || kind === 'bert' ? '' : ` It says that it is a ${kind}.`;
    throw new LearnerError({
      code: 'bert-config',
      message: `${title} is of no BERT that can be built here.${other}\n${z.prettifyError(parsed.error)}`,
      remedy:
        'Use a network whose config.json says "model_type": "bert", with absolute positions and the activation "gelu".',
    });
  }
  const { data } = parsed;
  if (data.hidden_size % data.num_attention_heads !== 0) {
    throw new LearnerError({
      code: 'bert-config',
      message: `${title}: hidden_size ${data.hidden_size} cannot be shared out among ${data.num_attention_heads} heads.`,
      remedy: 'Make hidden_size a multiple of num_attention_heads.',
    });
  }
  return {
    vocabSize: data.vocab_size,
    hiddenSize: data.hidden_size,
    numLayers: data.num_hidden_layers,
    numHeads: data.num_attention_heads,
    intermediateSize: data.intermediate_size,
    maxPositions: data.max_position_embeddings,
    typeVocabSize: data.type_vocab_size,
    layerNormEpsilon: data.layer_norm_eps,
    paddingId: data.pad_token_id ?? 0,
    hiddenDropout: data.hidden_dropout_prob,
    attentionDropout: data.attention_probs_dropout_prob,
    headDropout: data.classifier_dropout ?? data.hidden_dropout_prob,
    initialDeviation: data.initializer_range,
  };
}

const HEADS = {
  sequence: 'classifier.',
  tokens: 'classifier.',
  question: 'qa_outputs.',
  words: 'cls.predictions.',
  none: '',
};
/** Tables of positions, copies of the tied decoder, and what BERT guessed beside masked words. */
const NEVER = /(^|\.)position_ids$|^cls\.predictions\.decoder\.|^cls\.seq_relationship\./;

/**
 * A checkpoint's tensors under the names of a network with that head: with or without `bert.` in front, `LayerNorm.gamma` and
 * `.beta` as TensorFlow called them. What belongs to other heads is left out; anything unknown stays, and loading will refuse it.
 */
export function bertTensors<T>(
  tensors: ReadonlyMap<string, T>,
  { head, pooling }: Pick<BertConfig, 'head' | 'pooling'>,
): Map<string, T> {
  const prefix = head === 'none' ? '' : 'bert.';
  const hasPooler = (head === 'sequence' || head === 'none') && pooling === 'pooler';
  const result = new Map<string, T>();
  for (const [name, tensor] of tensors) {
    if (NEVER.test(name)) continue;
    const plain = name
      .replace(/^bert\./, '')
      .replace(/LayerNorm\.gamma$/, 'LayerNorm.weight')
      .replace(/LayerNorm\.beta$/, 'LayerNorm.bias');
    if (/^(classifier|qa_outputs|cls)\./.test(plain)) {
      if (head !== 'none' && plain.startsWith(HEADS[head])) result.set(plain, tensor);
    } else if (hasPooler || !plain.startsWith('pooler.')) result.set(prefix + plain, tensor);
  }
  return result;
}
