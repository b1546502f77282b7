import { backend_util } from '@tensorflow/tfjs-core';

/** What TensorFlow.js says about a 2-D convolution, depthwise or not. */
export interface ConvolutionAttrs {
  readonly strides: number | [number, number];
  readonly pad:
    'valid' | 'same' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dataFormat?: string;
  readonly dilations?: number | [number, number];
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

type Shape4 = [number, number, number, number];

/**
 * All sizes of a convolution.
 * @returns undefined where the builders do not serve: channels first, nothing to compute, or groups (TensorFlow.js
 * allows a filter with fewer input channels than x has)
 */
export function convolutionInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dilations, dimRoundingMode }: ConvolutionAttrs,
  depthwise: boolean,
): backend_util.Conv2DInfo | undefined {
  if (dataFormat === 'NCHW' || inputShape.includes(0) || filterShape.includes(0)) return undefined;
  const info = backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    strides,
    dilations ?? 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return info.inChannels === filterShape[2] ? info : undefined;
}
