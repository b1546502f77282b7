const BUCKETS = 1024;
/** Rising with the key; a division, as 1 / width may be no number. */
const bucketFor = (key: number, low: number, width: number): number =>
  (((key - low) / width) * (BUCKETS - 1)) | 0;

/** So few are sorted. */
const FEW = 48;

/** What is walked through: by rising key, and by rising id where keys are equal (by falling id if `higherIdFirst`). */
export interface Walk {
  /** By position. Finite. */
  readonly keys: Float64Array;
  /** By position, rising. */
  readonly ids: Int32Array;
  readonly count: number;
  /** What each adds to the sum, by id; without it, 1. */
  readonly masses?: Float64Array;
  readonly higherIdFirst?: boolean;
}

/**
 * Finds the position at which the running sum of masses is first `reached`, or the last one. In effect the items are sorted and
 * walked through; in fact only the bucket in which it happens is looked into, so this takes a few passes and no full sort.
 */
export class Crossing {
  private readonly positions: Int32Array;
  private readonly sums = new Float64Array(BUCKETS);
  private readonly counts = new Int32Array(BUCKETS);

  constructor(capacity: number) {
    this.positions = new Int32Array(capacity);
  }

  find(walk: Walk, reached: (sum: number) => boolean): number {
    const { keys, ids, masses, higherIdFirst = false } = walk;
    const { positions } = this;
    const massAt = (position: number): number => (masses ? (masses[ids[position] ?? 0] ?? 0) : 1);
    let count = walk.count;
    let sum = 0;
    for (let all = true; ; all = false) {
      const { low, high } = this.range(keys, count, all);
      if (low === high || count <= FEW) {
        if (all) for (let index = 0; index < count; index++) positions[index] = index;
        break;
      }
      const width = high - low;
      this.fill(walk, count, low, width, all);
      const bucket = this.bucketOf(sum, reached);
      for (let before = 0; before < bucket; before++) sum += this.sums[before] ?? 0;
      count = this.narrow(keys, count, low, width, bucket, all);
    }
    const rest = positions.subarray(0, count);
    if (count <= FEW) {
      // Insertion: nothing is allocated, and few are often nearly in order.
      for (let index = 1; index < count; index++) {
        const position = rest[index] ?? 0;
        const key = keys[position] ?? 0;
        let place = index;
        while (place > 0) {
          const before = rest[place - 1] ?? 0;
          const other = keys[before] ?? 0;
          if (other < key || (other === key && !higherIdFirst)) break;
          rest[place] = before;
          place--;
        }
        rest[place] = position;
      }
    } else if (higherIdFirst) rest.reverse(); // all keys are equal
    for (const position of rest) {
      sum += massAt(position);
      if (reached(sum)) return position;
    }
    return rest[count - 1] ?? 0;
  }

  /** @param all of the first pass: every position, so none is looked up */
  private range(keys: Float64Array, count: number, all: boolean): { low: number; high: number } {
    let low = Infinity;
    let high = -Infinity;
    for (let index = 0; index < count; index++) {
      const key = keys[all ? index : (this.positions[index] ?? 0)] ?? 0;
      if (key < low) low = key;
      if (key > high) high = key;
    }
    return { low, high };
  }

  private fill({ keys, ids, masses }: Walk, count: number, low: number, width: number, all: boolean): void {
    const { positions, sums, counts } = this;
    sums.fill(0);
    counts.fill(0);
    for (let index = 0; index < count; index++) {
      const position = all ? index : (positions[index] ?? 0);
      const bucket = bucketFor(keys[position] ?? 0, low, width);
      sums[bucket] = (sums[bucket] ?? 0) + (masses ? (masses[ids[position] ?? 0] ?? 0) : 1);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
  }

  /** The bucket in which the sum is reached; the last that is not empty where it never is. */
  private bucketOf(start: number, reached: (sum: number) => boolean): number {
    let sum = start;
    let last = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if ((this.counts[bucket] ?? 0) === 0) continue;
      last = bucket;
      sum += this.sums[bucket] ?? 0;
      if (reached(sum)) break;
    }
    return last;
  }

  private narrow(
    keys: Float64Array,
    count: number,
    low: number,
    width: number,
    bucket: number,
    all: boolean,
  ): number {
    const { positions } = this;
    let kept = 0;
    for (let index = 0; index < count; index++) {
      const position = all ? index : (positions[index] ?? 0);
      if (bucketFor(keys[position] ?? 0, low, width) === bucket) positions[kept++] = position;
    }
    return kept;
  }
}
