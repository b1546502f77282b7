import { convolutions } from './convolution';
import { elementwise } from './elementwise';
import type { KernelBuilder } from './kernel';
import { products } from './matmul';
import { normalizations } from './normalization';
import { poolings } from './pooling';
import { reductions } from './reductions';
import { shapes } from './shape';

/** Every kernel that ONNX computes. A new family is one file and one line here. */
export const kernelBuilders: readonly KernelBuilder[] = [
  ...elementwise,
  ...reductions,
  ...products,
  ...convolutions,
  ...poolings,
  ...normalizations,
  ...shapes,
];
