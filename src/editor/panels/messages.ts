import * as z from 'zod';

const id = z.string().max(200);
const file = z.string().max(4096);
const common = { t: z.literal('q'), i: z.string().optional(), o: z.boolean().optional() };
const call = (name: string, args: z.ZodType): z.ZodType =>
  z.object({ ...common, m: z.literal(name), a: args });

/** What the metrics view may say: calls of our functions with the right arguments, and birpc's replies. */
const message = z.union([
  call('ready', z.tuple([])),
  ...['stop', 'resume', 'revealExperiment', 'openReport'].map((name) => call(name, z.tuple([id]))),
  call('show', z.tuple([z.array(id).max(100)])),
  call('pictures', z.tuple([id, z.array(file).max(500)])),
  call('openFile', z.tuple([id, file])),
  z.object({ t: z.literal('s'), i: z.string(), r: z.unknown().optional(), e: z.unknown().optional() }),
]);

export const isHostMessage = (data: unknown): boolean => message.safeParse(data).success;
