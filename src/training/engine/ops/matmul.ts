import { type KernelBuilder, type Value, kernel } from './kernel';

interface Transposes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

const batchMatMul = kernel<{ a: Value; b: Value }, Transposes>('BatchMatMul', (graph, { a, b }, options) => {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
  if (a.shape.includes(0) || b.shape.includes(0)) return undefined;
  return graph.matMul(a, b, options);
});

export const products: readonly KernelBuilder[] = [batchMatMul];
