import type { CausalSizes } from '../models/causal-network';

/** Room is made for this many tokens at first, and then for half as many again as are needed. */
const LEAST_CAPACITY = 64;
const CAPACITY_STEP = 32;

/** Keys or values of one layer: `[rows, heads, capacity, headSize]`. */
type Layer = Float32Array<ArrayBuffer>;

/** The keys and values of earlier tokens, a row for each text. The arrays are what a compiled step reads, where they lie. */
export class KeyValueStore {
  private keys: Layer[];
  private values: Layer[];
  private room = 0;
  /** Tokens that a row has room for. */
  capacity = 0;

  constructor(private readonly sizes: CausalSizes) {
    this.keys = emptyLayers(sizes);
    this.values = emptyLayers(sizes);
  }

  /** Keys (or values) of the first `rows` rows in a layer. */
  view(kind: 'keys' | 'values', layer: number, rows: number): Float32Array {
    return (this[kind][layer] as Layer).subarray(0, rows * this.rowLength);
  }

  get bytes(): number {
    return 4 * 2 * this.sizes.numLayers * this.room * this.rowLength;
  }

  /** Makes room; what is there stays. */
  reserve(rows: number, tokens: number): void {
    if (rows <= this.room && tokens <= this.capacity) return;
    const before = { room: this.room, capacity: this.capacity };
    const wanted = Math.max(LEAST_CAPACITY, Math.ceil((1.5 * tokens) / CAPACITY_STEP) * CAPACITY_STEP);
    if (tokens > this.capacity) this.capacity = Math.min(this.sizes.maxPositions, wanted);
    this.room = Math.max(this.room, rows);
    this.keys = this.keys.map((layer) => this.grown(layer, before));
    this.values = this.values.map((layer) => this.grown(layer, before));
  }

  /** Copies the first `tokens` tokens of a row over another row. */
  copyRow(from: number, to: number, tokens: number): void {
    const { numHeads, headSize } = this.sizes;
    const stride = this.capacity * headSize;
    for (const layer of [...this.keys, ...this.values])
      for (let head = 0; head < numHeads; head++) {
        const start = from * this.rowLength + head * stride;
        layer.copyWithin(to * this.rowLength + head * stride, start, start + tokens * headSize);
      }
  }

  /**
   * Puts keys or values of one text into a row.
   * @param data `[heads, tokens, headSize]`
   * @param at place of the first of these tokens
   */
  write(
    kind: 'keys' | 'values',
    layer: number,
    row: number,
    at: number,
    tokens: number,
    data: Float32Array,
  ): void {
    const { numHeads, headSize } = this.sizes;
    const target = this[kind][layer] as Layer;
    const length = tokens * headSize;
    for (let head = 0; head < numHeads; head++) {
      const place = row * this.rowLength + (head * this.capacity + at) * headSize;
      target.set(data.subarray(head * length, (head + 1) * length), place);
    }
  }

  private get rowLength(): number {
    return this.sizes.numHeads * this.capacity * this.sizes.headSize;
  }

  private grown(old: Layer, before: { readonly room: number; readonly capacity: number }): Layer {
    const { numHeads, headSize } = this.sizes;
    const layer = new Float32Array(this.room * this.rowLength);
    const length = before.capacity * headSize;
    for (let part = 0; part < before.room * numHeads; part++)
      layer.set(old.subarray(part * length, (part + 1) * length), part * this.capacity * headSize);
    return layer;
  }
}

const emptyLayers = ({ numLayers }: CausalSizes): Layer[] =>
  Array.from({ length: numLayers }, () => new Float32Array(0));
