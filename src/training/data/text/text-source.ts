import * as z from 'zod';

/** Texts with one class each: where they are, and how they are read. Made by `textFile` and `textFolder`. */
export interface TextData {
  readonly kind: 'text-file' | 'text-folder';
  /** Relative to the experiment's file, or absolute. */
  readonly path: string;
  /** Longer texts are cut: a network takes time for each token, in attention even for each pair of them. */
  readonly maxTokens: number;
  readonly seed: number;
  /** Share of the texts for validation where the data is not split already. */
  readonly valFraction: number;
  /** Column names; absent: found by the usual names. */
  readonly textColumn?: string;
  readonly pairColumn?: string;
  readonly labelColumn?: string;
  readonly splitColumn?: string;
  /** What stays together when a validation set is drawn. */
  readonly blockColumn?: string;
  readonly blockSize?: number;
  /** Only so many training texts, drawn evenly from the classes. */
  readonly trainCount?: number;
}

/** Texts whose words have tags. Made by `taggedFile`. */
export interface TaggedData {
  readonly kind: 'tagged-file';
  /** Relative to the experiment's file, or absolute. */
  readonly path: string;
  readonly wordsColumn: string;
  readonly tagsColumn: string;
  readonly maxTokens: number;
  readonly seed: number;
  readonly valFraction: number;
  readonly splitColumn?: string;
  readonly blockColumn?: string;
  readonly trainCount?: number;
}

const name = z.string().min(1).optional();

export const textDataSchema: z.ZodType = z.strictObject({
  kind: z.enum(['text-file', 'text-folder']),
  path: z.string().min(1),
  maxTokens: z.int().min(3).max(8192),
  seed: z.int(),
  valFraction: z.number().gt(0).lt(1),
  textColumn: name,
  pairColumn: name,
  labelColumn: name,
  splitColumn: name,
  blockColumn: name,
  blockSize: z.int().min(1).optional(),
  trainCount: z.int().min(2).optional(),
});

export const taggedDataSchema: z.ZodType = z.strictObject({
  kind: z.literal('tagged-file'),
  path: z.string().min(1),
  wordsColumn: z.string().min(1),
  tagsColumn: z.string().min(1),
  maxTokens: z.int().min(3).max(8192),
  seed: z.int(),
  valFraction: z.number().gt(0).lt(1),
  splitColumn: name,
  blockColumn: name,
  trainCount: z.int().min(2).optional(),
});
