// Dropout masks in AssemblyScript: sixteen at a time. Compiled by tools/build-wasm.mjs into dropout-masks-wasm.ts.
// The words are those of random.ts: word i = mix(mix(key + i · 0x9e3779b9) ^ second), its lower half decides mask 2i, its upper
// half mask 2i + 1.

const GOLDEN: i32 = 0x9e3779b9;

function mix(x: v128): v128 {
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x85ebca6b));
  x = v128.xor(x, i32x4.shr_u(x, 13));
  x = i32x4.mul(x, i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/**
 * Writes `count` bytes, a multiple of 16: 1 where the half word is at least `threshold`, else 0.
 * @param at a multiple of 16
 */
export function draw(at: usize, count: i32, key: i32, second: i32, threshold: i32): void {
  const S = i32x4.splat(second),
    T = i16x8.splat(<i16>threshold),
    ONE = i8x16.splat(1),
    NEXT = i32x4.splat(4 * GOLDEN);
  let counter = i32x4.add(i32x4.splat(key), i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(GOLDEN)));
  const end = at + count;
  for (; at < end; at += 16) {
    const a = mix(v128.xor(mix(counter), S));
    counter = i32x4.add(counter, NEXT);
    const b = mix(v128.xor(mix(counter), S));
    counter = i32x4.add(counter, NEXT);
    const kept = i8x16.narrow_i16x8_s(i16x8.ge_u(a, T), i16x8.ge_u(b, T));
    v128.store(at, v128.and(kept, ONE));
  }
}
