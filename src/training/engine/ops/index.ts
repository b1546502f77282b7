import { activations } from './activations';
import { convolutions } from './convolution';
import { depthwise } from './depthwise';
import { elementwise } from './elementwise';
import { fused } from './fused';
import { indexing } from './indexing';
import type { KernelBuilder } from './kernel';
import { products } from './matmul';
import { normalizations } from './normalization';
import { poolings } from './pooling';
import { reductions } from './reductions';
import { resizes } from './resize';
import { scans } from './scans';
import { shapes } from './shape';

/** Every kernel that ONNX computes. A new family is one file and one line here. */
export const kernelBuilders: readonly KernelBuilder[] = [
  ...elementwise,
  ...activations,
  ...reductions,
  ...scans,
  ...products,
  ...convolutions,
  ...depthwise,
  ...fused,
  ...poolings,
  ...normalizations,
  ...shapes,
  ...indexing,
  ...resizes,
];
