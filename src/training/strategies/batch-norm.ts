import * as z from 'zod';

/**
 * What BatchNorm layers do in frozen and in trained layer groups. A BatchNorm layer has two pairs of vectors: the running
 * mean and variance, which no gradient reaches, and a scale and shift, which train like weights.
 *
 * The words are PyTorch's: in 'train' mode a layer normalises with the batch's own mean and variance and moves the running
 * ones; in 'eval' mode it uses the running ones and leaves them bit for bit.
 */
export interface BatchNormPolicy {
  /**
   * In frozen groups. Default 'eval': frozen is frozen. 'train' lets the statistics follow your pictures though the weights
   * stay, which helps where they look unlike those of the pretraining (Li et al., 2016, "AdaBN"); but what such a layer puts
   * out depends on the whole batch, so it is computed anew in every step instead of once per picture.
   */
  readonly frozen?: 'eval' | 'train';
  /**
   * In trained groups. Default 'train'. 'eval' keeps the pretrained statistics while the weights train: steadier with
   * batches of fewer than about eight pictures, whose own mean and variance are mostly chance.
   */
  readonly trained?: 'train' | 'eval';
  /**
   * Where scale and shift train. Default 'trained': with their group. 'all': in frozen groups too, at the lowest rate of
   * the phase (fastai's `train_bn=True`). 'none': nowhere, which with `trained: 'eval'` is torchvision's FrozenBatchNorm2d.
   */
  readonly affine?: 'trained' | 'all' | 'none';
}

export type WholeBatchNormPolicy = Required<BatchNormPolicy>;

/** What is meant where a strategy says nothing. */
export const FROZEN_IS_FROZEN: WholeBatchNormPolicy = { frozen: 'eval', trained: 'train', affine: 'trained' };

export const batchNormSchema: z.ZodType = z.strictObject({
  frozen: z.enum(['eval', 'train']).optional(),
  trained: z.enum(['eval', 'train']).optional(),
  affine: z.enum(['trained', 'all', 'none']).optional(),
});

export function wholePolicy(policy: BatchNormPolicy | undefined): WholeBatchNormPolicy {
  return { ...FROZEN_IS_FROZEN, ...policy };
}
