// The fused updates in AssemblyScript: four floats at a time. Same rules as update-rules.ts, in single precision
// throughout as PyTorch does it. Compiled by tools/build-wasm.mjs into update-wasm.ts.
// Pointers are bytes, multiples of 16; n is a multiple of 4 (what follows an array up to there is zero).

export function sgd(
  p: usize,
  g: usize,
  m: usize,
  n: i32,
  rate: f32,
  momentum: f32,
  nesterov: bool,
  decay: f32,
  scale: f32,
): void {
  const R = f32x4.splat(rate),
    M = f32x4.splat(momentum),
    D = f32x4.splat(decay),
    S = f32x4.splat(scale);
  const end: usize = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const w = v128.load(p + i);
    const d = f32x4.add(f32x4.mul(v128.load(g + i), S), f32x4.mul(D, w));
    let direction = d;
    if (momentum != 0) {
      const b = f32x4.add(f32x4.mul(M, v128.load(m + i)), d);
      v128.store(m + i, b);
      direction = nesterov ? f32x4.add(d, f32x4.mul(M, b)) : b;
    }
    v128.store(p + i, f32x4.sub(w, f32x4.mul(R, direction)));
  }
}

// stepSize = rate / (1 − β1^t), rootCorrection = sqrt(1 − β2^t), shrink = 1 − rate · decay for AdamW and 1 for Adam,
// decay = 0 for AdamW.
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  n: i32,
  stepSize: f32,
  rootCorrection: f32,
  beta1: f32,
  beta2: f32,
  rest1: f32,
  rest2: f32,
  epsilon: f32,
  shrink: f32,
  decay: f32,
  scale: f32,
): void {
  const T = f32x4.splat(stepSize),
    C = f32x4.splat(rootCorrection),
    E = f32x4.splat(epsilon);
  const B1 = f32x4.splat(beta1),
    B2 = f32x4.splat(beta2),
    R1 = f32x4.splat(rest1),
    R2 = f32x4.splat(rest2);
  const K = f32x4.splat(shrink),
    D = f32x4.splat(decay),
    S = f32x4.splat(scale);
  const end: usize = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const w = v128.load(p + i);
    const d = f32x4.add(f32x4.mul(v128.load(g + i), S), f32x4.mul(D, w));
    const first = f32x4.add(f32x4.mul(B1, v128.load(m + i)), f32x4.mul(R1, d));
    const second = f32x4.add(f32x4.mul(B2, v128.load(v + i)), f32x4.mul(R2, f32x4.mul(d, d)));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const below = f32x4.add(f32x4.div(f32x4.sqrt(second), C), E);
    v128.store(p + i, f32x4.sub(f32x4.mul(K, w), f32x4.div(f32x4.mul(T, first), below)));
  }
}

export function sumOfSquares(g: usize, n: i32): f64 {
  let low = f64x2.splat(0),
    high = f64x2.splat(0);
  const end: usize = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const x = v128.load(g + i);
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(
      i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
    );
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

export function add(target: usize, source: usize, n: i32): void {
  const end: usize = (<usize>n) << 2;
  for (let i: usize = 0; i < end; i += 16)
    v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(source + i)));
}
