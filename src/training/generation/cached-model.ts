import { LearnerError } from '../../protocol/errors';
import type { Engine, NamedData } from '../engine/types';
import { pastNames, presentNames, type CausalNetwork } from '../models/causal-network';
import { SMALLEST } from '../models/layers/attention';
import { compilePrograms, runPrefill, type CausalPrograms } from './causal-programs';
import { contextWindow } from './context-window';
import { KeyValueStore } from './key-value-store';
import type { NextLogits } from './next-logits';

/** A text that the cache holds: tokens whose keys and values lie in the row of the same number. */
interface Row {
  tokens: readonly number[];
}

/** A text whose last token is to be run: the ones before it lie in `row`. */
interface Going {
  readonly text: readonly number[];
  row: number;
}

/**
 * A language model that remembers: of each text it keeps the keys and values of its tokens, so that a text that goes on from
 * one it has seen costs one token (Pope et al., 2022). It is asked for whole texts, as any `NextLogits`; what it kept decides the cost and
 * never the answer. So texts may end, split into several (beams, other tokens forced) and come in any order.
 */
export class CachedModel {
  private readonly programs: CausalPrograms;
  private readonly store: KeyValueStore;
  private rows: Row[] = [];
  /** Tokens run so far: a whole text counts each of its tokens. */
  readonly ran = { prefill: 0, step: 0 };

  constructor(
    engine: Engine,
    private readonly network: CausalNetwork,
  ) {
    this.programs = compilePrograms(engine, network);
    this.store = new KeyValueStore(network.causal);
  }

  /** What keys and values take, in bytes. */
  get bytes(): number {
    return this.store.bytes;
  }

  /**
   * The logits of what may follow each text. Of a text longer than the network's context it sees the end (`contextWindow`).
   * @throws {LearnerError} 'text-empty'
   */
  readonly next: NextLogits = (texts) => {
    // Copies: the caller may go on writing into its lists.
    const windows = texts.map((text) => [...contextWindow(text, this.network.causal.maxPositions)]);
    if (windows.some(({ length }) => length === 0)) throw emptyText();
    const keys = windows.map((text) => text.join());
    const different = new Map(keys.map((key, index) => [key, windows[index] ?? []]));
    const found = this.run([...different.values()]);
    const byKey = new Map([...different.keys()].map((key, index) => [key, found[index] as Float32Array]));
    return keys.map((key) => byKey.get(key) as Float32Array);
  };

  dispose(): void {
    this.programs.dispose();
  }

  /** @param texts all different */
  private run(texts: readonly (readonly number[])[]): Float32Array[] {
    const longest = texts.reduce((most, { length }) => Math.max(most, length), 0);
    this.store.reserve(texts.length, longest);
    const { going, fresh } = this.placed(texts);
    const results = new Map<readonly number[], Float32Array>();
    if (going.length > 0) this.step(going, results);
    for (const [index, text] of fresh.entries()) {
      const row = going.length + index;
      results.set(text, this.prefill(text, row));
    }
    return texts.map((text) => results.get(text) as Float32Array);
  }

  /** Finds for each text a row that it goes on from, and brings these rows to the front. */
  private placed(texts: readonly (readonly number[])[]): {
    going: readonly Going[];
    fresh: readonly (readonly number[])[];
  } {
    const taken = new Set<number>();
    const going: Going[] = [];
    const shared: Going[] = [];
    const fresh: (readonly number[])[] = [];
    // A text that is exactly one token longer goes first: a row that is cut back is lost for the text that it belongs to.
    const byFit = [...texts].sort(
      (a, b) => Number(this.rowFor(b, true) >= 0) - Number(this.rowFor(a, true) >= 0),
    );
    for (const text of byFit) {
      const exact = this.rowFor(text, true, taken);
      const row = exact >= 0 ? exact : this.rowFor(text, false, taken);
      const used = row >= 0 ? row : this.rowFor(text, false);
      if (row >= 0) going.push({ text, row });
      else if (used >= 0) shared.push({ text, row: used });
      else fresh.push(text);
      if (row >= 0) taken.add(row);
    }
    for (const one of shared) {
      const free = this.freeRow(taken);
      this.store.reserve(free + 1, this.store.capacity);
      this.move(one.row, free, one.text.length - 1);
      taken.add(free);
      going.push({ ...one, row: free });
    }
    this.toFront(going, taken);
    return { going, fresh };
  }

  private rowFor(text: readonly number[], exact: boolean, taken: ReadonlySet<number> = new Set()): number {
    const before = text.length - 1;
    if (before === 0) return -1;
    return this.rows.findIndex(
      ({ tokens }, row) =>
        !taken.has(row) &&
        (exact ? tokens.length === before : tokens.length >= before) &&
        startsWith(tokens, text, before),
    );
  }

  private freeRow(taken: ReadonlySet<number>): number {
    for (let row = 0; ; row++) if (!taken.has(row)) return row;
  }

  private toFront(going: readonly Going[], taken: Set<number>): void {
    const count = going.length;
    for (const one of going) {
      if (one.row < count) continue;
      const free = this.freeRow(taken);
      this.move(one.row, free, one.text.length - 1);
      taken.delete(one.row);
      taken.add(free);
      one.row = free;
    }
  }

  private move(from: number, to: number, length: number): void {
    this.store.copyRow(from, to, length);
    this.rows[to] = { tokens: (this.rows[from]?.tokens ?? []).slice(0, length) };
  }

  private step(going: readonly Going[], results: Map<readonly number[], Float32Array>): void {
    const { store, network } = this;
    const { vocabSize } = network.causal;
    const rows = going.length;
    const past = store.capacity;
    const inputs: NamedData = {
      inputIds: new Int32Array(rows),
      positionIds: new Int32Array(rows),
      attentionBias: new Float32Array(rows * past).fill(SMALLEST),
    };
    for (const { text, row } of going) {
      const before = text.length - 1;
      (inputs['inputIds'] as Int32Array)[row] = text[before] ?? 0;
      (inputs['positionIds'] as Int32Array)[row] = before;
      inputs['attentionBias']?.fill(0, row * past, row * past + before);
    }
    for (let layer = 0; layer < network.causal.numLayers; layer++) {
      const { keys, values } = pastNames(layer);
      inputs[keys] = store.view('keys', layer, rows);
      inputs[values] = store.view('values', layer, rows);
    }
    const outputs = this.programs.step.run({ rows, past }, inputs);
    this.ran.step += rows;
    for (const { text, row } of going) {
      this.keep(outputs, row, text.length - 1, 1, row);
      this.rows[row] = { tokens: text };
      const logits = outputs['logits'] as Float32Array;
      results.set(text, logits.slice(row * vocabSize, (row + 1) * vocabSize));
    }
  }

  private prefill(text: readonly number[], row: number): Float32Array {
    const outputs = runPrefill(this.programs, text);
    this.ran.prefill += text.length;
    this.keep(outputs, 0, 0, text.length, row);
    this.rows[row] = { tokens: text };
    return (outputs['logits'] as Float32Array).slice();
  }

  /** @param from which text of the outputs @param at place of the first token in the row */
  private keep(outputs: NamedData, from: number, at: number, tokens: number, row: number): void {
    const { numLayers, numHeads, headSize } = this.network.causal;
    const length = numHeads * tokens * headSize;
    for (let layer = 0; layer < numLayers; layer++)
      for (const kind of ['keys', 'values'] as const) {
        const data = outputs[presentNames(layer)[kind]] as Float32Array;
        this.store.write(kind, layer, row, at, tokens, data.subarray(from * length, (from + 1) * length));
      }
  }
}

function startsWith(tokens: readonly number[], text: readonly number[], length: number): boolean {
  // From the end: texts with one beginning differ late.
  for (let index = length - 1; index >= 0; index--) if (tokens[index] !== text[index]) return false;
  return true;
}

function emptyText(): LearnerError {
  return new LearnerError({
    code: 'text-empty',
    message: 'A text without a token was given; there is nothing that the next token could follow.',
    remedy: 'Begin with at least one token, such as the end-of-text token.',
  });
}
