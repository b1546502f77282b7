import * as tf from '@tensorflow/tfjs';
import { createEngine } from '../src/training/engine/engine';
import { type BertName, BERTS, createBert } from '../src/training/models/bert';
import { drawMasks, maskInputs, pickMasks } from '../src/training/models/layers/dropout';
import { forwardGroups, masksOf } from '../src/training/models/model';
import { type Comparison, againstPyTorch } from './against-pytorch';
import type { Piece } from './piece';
import { peerProgram } from './peer';

const CLASSES = 2;
const LEARNING_RATE = 2e-5;
const WEIGHT_DECAY = 0.01;

/** Fine-tuning of a whole BERT for a class of each text, here and in transformers. */
interface Work {
  readonly name: string;
  readonly architecture: BertName;
  readonly batch: number;
  readonly length: number;
  readonly target: Comparison['target'];
}

/** Forward, backward and AdamW's update of all of it, with dropout; every fourth text is shorter and padded. */
function wholeNetwork({ name, architecture, batch, length, target }: Work): Piece {
  const comparison: Comparison = {
    target,
    prepare: (threads) => prepare(architecture, batch, length, threads),
    peerProgram: (threads) => peer(architecture, batch, length, threads),
  };
  return {
    name,
    summary: `${architecture}, training step of the whole network, batch ${batch} of ${length} tokens, dropout and AdamW`,
    measure: (options) => againstPyTorch(comparison, options),
  };
}

export const textSteps: readonly Piece[] = [
  wholeNetwork({
    name: 'minilm-step',
    architecture: 'minilm-l6',
    batch: 16,
    length: 64,
    target: { 1: 0.95, 2: 0.95 },
  }),
  wholeNetwork({
    name: 'bert-base-step',
    architecture: 'bert-base',
    batch: 8,
    length: 128,
    target: { 1: 1, 2: 1 },
  }),
];

async function prepare(architecture: BertName, batch: number, length: number, threads: number) {
  const engine = await createEngine({ threads });
  const config = {
    ...BERTS[architecture],
    head: 'sequence',
    pooling: 'pooler',
    numClasses: CLASSES,
  } as const;
  const model = createBert(architecture, config, 1);
  const tensors = [...model.store.tensors.values()];
  const trainable = tensors.map(({ variable }) => variable);
  engine.adopt(trainable);
  const masks = masksOf(model.layerGroups, batch, [length]);
  const shape = [batch, length];
  const step = engine.compileStep({
    name: 'benchmark',
    inputs: {
      inputIds: { shape, dtype: 'int32' },
      attentionMask: { shape, dtype: 'int32' },
      labels: { shape: [batch], dtype: 'int32' },
      ...maskInputs(masks),
    },
    trainable,
    forward: ({ inputIds, attentionMask, labels, ...rest }) => {
      const range = { from: 0, to: model.layerGroups.length };
      const side = { attentionMask: attentionMask as tf.Tensor };
      const dropped = pickMasks(masks, rest);
      const logits = forwardGroups(model, inputIds as tf.Tensor, range, true, undefined, dropped, side);
      return {
        loss: tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, CLASSES), logits),
      };
    },
  });
  const optimizer = engine.createOptimizer({
    kind: 'adamw',
    groups: [{ name: 'all', variables: trainable, learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY }],
  });
  const inputs = {
    inputIds: Int32Array.from(
      { length: batch * length },
      (_, at) => 1 + ((at * 7919) % (config.vocabSize - 1)),
    ),
    attentionMask: Int32Array.from({ length: batch * length }, (_, at) => (isToken(at, length) ? 1 : 0)),
    labels: Int32Array.from({ length: batch }, (_, row) => row % CLASSES),
  };
  const { nodes, recordMs, buildMs, uncompiled } = step.info;
  let done = 0;
  return {
    facts: {
      nodes,
      recordMs: Math.round(recordMs),
      buildMs: Math.round(buildMs),
      uncompiled: uncompiled.join(),
    },
    run: () => {
      const { gradients } = step.run({ ...inputs, ...drawMasks(masks, 1, done++) });
      optimizer.apply(gradients);
    },
    dispose: () => engine.dispose(),
  };
}

/** Every fourth text ends at three quarters of the length. */
function isToken(at: number, length: number): boolean {
  return Math.floor(at / length) % 4 !== 3 || at % length < (3 * length) / 4;
}

/** transformers' BertForSequenceClassification as it comes: attention, dropout and AdamW are its and torch's defaults. */
function peer(architecture: BertName, batch: number, length: number, threads: number): string {
  const { vocabSize, hiddenSize, numLayers, numHeads, intermediateSize } = BERTS[architecture];
  return peerProgram(
    threads,
    ['torch', 'transformers'],
    `
config = transformers.BertConfig(vocab_size=${vocabSize}, hidden_size=${hiddenSize}, num_hidden_layers=${numLayers},
    num_attention_heads=${numHeads}, intermediate_size=${intermediateSize}, num_labels=${CLASSES})
model = transformers.BertForSequenceClassification(config).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=${LEARNING_RATE}, weight_decay=${WEIGHT_DECAY})
at = torch.arange(${batch * length})
ids = (1 + at * 7919 % ${vocabSize - 1}).view(${batch}, ${length})
mask = ((at // ${length} % 4 != 3) | (at % ${length} < ${(3 * length) / 4})).long().view(${batch}, ${length})
labels = torch.arange(${batch}) % ${CLASSES}
def step():
    optimizer.zero_grad(); model(input_ids=ids, attention_mask=mask, labels=labels).loss.backward(); optimizer.step()`,
  );
}
