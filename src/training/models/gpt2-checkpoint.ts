/** What a published GPT-2 says of itself: its config.json, and the names of its tensors. */
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import type { Gpt2Config } from './gpt2';

const share = z.number().min(0).lt(1);
const size = z.int().positive();

/** As transformers' GPT2Config, with its defaults where an old file says nothing. */
const configSchema = z.object({
  model_type: z.literal('gpt2').default('gpt2'),
  vocab_size: size.default(50257),
  n_positions: size.default(1024),
  n_embd: size.default(768),
  n_layer: size.default(12),
  n_head: size.default(12),
  n_inner: size.nullish(),
  activation_function: z.enum(['gelu_new', 'gelu_pytorch_tanh']).default('gelu_new'),
  layer_norm_epsilon: z.number().positive().default(1e-5),
  embd_pdrop: share.default(0.1),
  attn_pdrop: share.default(0.1),
  resid_pdrop: share.default(0.1),
  initializer_range: z.number().positive().default(0.02),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  add_cross_attention: z.literal(false).default(false),
  tie_word_embeddings: z.literal(true).default(true),
});

/**
 * @param content of a config.json
 * @param title for messages: 'config.json of openai-community/gpt2'
 * @throws {LearnerError} 'gpt2-config' where it is of another kind of network, or one that is not computed here
 */
export function gpt2Config(content: unknown, title: string): Gpt2Config {
  const parsed = configSchema.safeParse(content);
  if (!parsed.success) {
    throw new LearnerError({
      code: 'gpt2-config',
      message: `${title} is of no GPT-2 that can be built here:\n${z.prettifyError(parsed.error)}`,
      remedy:
        'Use a network whose config.json says "model_type": "gpt2", with the activation "gelu_new" and tied word embeddings.',
    });
  }
  const { data } = parsed;
  if (data.n_embd % data.n_head !== 0) {
    throw new LearnerError({
      code: 'gpt2-config',
      message: `${title}: n_embd ${data.n_embd} cannot be shared out among ${data.n_head} heads.`,
      remedy: 'Make n_embd a multiple of n_head.',
    });
  }
  return {
    vocabSize: data.vocab_size,
    hiddenSize: data.n_embd,
    numLayers: data.n_layer,
    numHeads: data.n_head,
    intermediateSize: data.n_inner ?? 4 * data.n_embd,
    maxPositions: data.n_positions,
    layerNormEpsilon: data.layer_norm_epsilon,
    embeddingDropout: data.embd_pdrop,
    attentionDropout: data.attn_pdrop,
    residualDropout: data.resid_pdrop,
    initialDeviation: data.initializer_range,
  };
}

/** Tables of the causal mask that old versions saved, and the head, which is the table of words again. */
const NEVER = /(^|\.)attn\.(masked_)?bias$|^lm_head\.weight$/;

/**
 * A checkpoint's tensors under our names: with or without `transformer.` in front. Anything unknown stays, and loading will
 * refuse it.
 */
export function gpt2Tensors<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  const result = new Map<string, T>();
  for (const [name, tensor] of tensors) {
    if (NEVER.test(name)) continue;
    result.set(/^(wte|wpe|h|ln_f)\./.test(name) ? `transformer.${name}` : name, tensor);
  }
  return result;
}
