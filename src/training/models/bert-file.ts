import type { BertConfig } from './bert';

/** config.json of a BERT, as transformers writes it, and what is ours: pooling, and which head it has. */
export function bertFile(
  architecture: string,
  config: BertConfig,
): Readonly<Record<string, number | string>> {
  return {
    architecture,
    model_type: 'bert',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.numLayers,
    num_attention_heads: config.numHeads,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    type_vocab_size: config.typeVocabSize,
    layer_norm_eps: config.layerNormEpsilon,
    pad_token_id: config.paddingId,
    hidden_dropout_prob: config.hiddenDropout,
    attention_probs_dropout_prob: config.attentionDropout,
    classifier_dropout: config.headDropout,
    initializer_range: config.initialDeviation,
    head: config.head,
    pooling: config.pooling,
    numClasses: config.numClasses,
  };
}
