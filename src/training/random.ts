/**
 * Random numbers as a function of (seed, stream, index), without state: the order of epoch 7 is the same whether epochs
 * 1 to 6 ran in this process or before an interruption, and one stream never disturbs another.
 * Words are mixed with the finaliser of MurmurHash3, twice.
 */
export interface RandomStream {
  /** 32 random bits. */
  word(index: number): number;
  /** 0 <= x < 1 */
  uniform(index: number): number;
  /** Normal with mean 0 and deviation 1 (Box and Muller, 1958). Uses words 2·index and 2·index + 1. */
  normal(index: number): number;
}

/** What the words of a stream are mixed from, for whoever draws them elsewhere. Both are signed 32-bit numbers. */
export interface StreamKeys {
  readonly key: number;
  readonly second: number;
}

export function streamKeys(seed: number, stream: string): StreamKeys {
  const key = mix(fnv1a(stream) ^ mix(seed | 0));
  return { key, second: mix(key ^ 0x9e3779b9) };
}

/** @param stream what it is for: 'order/3', 'weights/fc.weight', 'flip/3' */
export function randomStream(seed: number, stream: string): RandomStream {
  const { key, second } = streamKeys(seed, stream);
  const word = (index: number): number => mix(mix((key + Math.imul(index, 0x9e3779b9)) | 0) ^ second) >>> 0;
  const uniform = (index: number): number => word(index) / 2 ** 32;
  return {
    word,
    uniform,
    normal: (index) =>
      Math.sqrt(-2 * Math.log(1 - uniform(2 * index))) * Math.cos(2 * Math.PI * uniform(2 * index + 1)),
  };
}

/** The numbers 0 … count − 1 in an order drawn from the stream (Fisher and Yates). */
export function permutation(stream: RandomStream, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(stream.uniform(last) * (last + 1));
    const value = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = value;
  }
  return order;
}

/** 32-bit FNV-1a of the UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function mix(value: number): number {
  let x = value | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}
