import * as z from 'zod/mini';

/** A view's call of one of our functions, as birpc sends it. */
export const call = (name: string, args: z.ZodMiniType): z.ZodMiniType =>
  z.object({
    t: z.literal('q'),
    i: z.optional(z.string()),
    o: z.optional(z.boolean()),
    m: z.literal(name),
    a: args,
  });

/** A view's answer to one of our calls. */
export const reply: z.ZodMiniType = z.object({
  t: z.literal('s'),
  i: z.string(),
  r: z.optional(z.unknown()),
  e: z.optional(z.unknown()),
});

export const text = (length: number): z.ZodMiniType => z.string().check(z.maxLength(length));
