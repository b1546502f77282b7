import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';

const numbers = z.array(z.number());
const normAndDot = z.record(z.string(), z.tuple([z.number(), z.number()]));
const tensor = z.object({ name: z.string(), shape: numbers, scale: z.number(), offset: z.number() });
const deviations = z.record(z.string(), z.number());

/** A tensor in row-major order, told by a few numbers. */
export const statisticsSchema = z.object({
  shape: numbers,
  mean: z.number(),
  std: z.number(),
  first: numbers,
  dot: z.number(),
});

export type Statistics = z.infer<typeof statisticsSchema>;

/**
 * A reference file, as far as all families are alike; inputs and outputs are read by the family's subject.
 * The format is told in test/oracle/README.md.
 */
export const referenceSchema = z.object({
  name: z.string(),
  config: z.looseObject({ family: z.string() }),
  parameters: z.array(tensor),
  buffers: z.array(tensor),
  zeroGradient: z.array(z.string()).default([]),
  noisyGradient: z.array(z.string()).default([]),
  fp32Deviation: z.object({ runs: z.record(z.string(), deviations).optional() }).catchall(z.unknown()),
  eval: z.array(z.looseObject({ features: z.record(z.string(), statisticsSchema) })),
  train: z
    .looseObject({
      loss: z.number(),
      gradientNorm: z.number(),
      gradients: normAndDot,
      batchNorm: normAndDot.default({}),
    })
    .optional(),
  greedy: z.array(z.unknown()).default([]),
  runs: z
    .array(
      z.object({
        name: z.string(),
        trainable: z.array(z.string()),
        optimizer: z.discriminatedUnion('type', [
          z.object({ type: z.literal('SGD'), momentum: z.number() }),
          z.object({ type: z.literal('AdamW'), betas: z.tuple([z.number(), z.number()]), eps: z.number() }),
        ]),
        groups: z.array(
          z.object({
            prefixes: z.array(z.string()),
            tensors: z.enum(['all', 'matrices', 'vectors']),
            learningRate: z.number(),
            weightDecay: z.number(),
          }),
        ),
        clipNorm: z.number().nullable(),
        losses: numbers,
        gradientNorms: numbers,
        changes: normAndDot,
        batchNorm: normAndDot.default({}),
      }),
    )
    .default([]),
});

export type Reference = z.infer<typeof referenceSchema>;
export type ReferenceRun = Reference['runs'][number];

/** @throws {LearnerError} if the file cannot be read or is of another form */
export async function readReference(file: string): Promise<Reference> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new LearnerError(
      {
        code: 'reference-unreadable',
        message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        remedy: 'Give the path of a reference file, such as test/oracle/resnet18.json.',
      },
      { cause: error },
    );
  }
  return parseRow(referenceSchema, content, file);
}

/** @param title for messages: the file, and what of it @throws {LearnerError} 'reference-unreadable' */
export function parseRow<T>(schema: z.ZodType<T>, row: unknown, title: string): T {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  throw new LearnerError({
    code: 'reference-unreadable',
    message: `${title} is not of a reference file's form:\n${z.prettifyError(parsed.error)}`,
    remedy: 'Give a file of the format that test/oracle/README.md describes.',
  });
}
