import type { KernelBuilder } from './kernel';

/** Every kernel that ONNX computes. A new family is one file and one line here. */
export const kernelBuilders: readonly KernelBuilder[] = [];
