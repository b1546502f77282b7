import * as z from 'zod/mini';
import { call, reply, text } from './view-messages';

const id = text(200);
const file = text(4096);

/** What the metrics view may say: calls of our functions with the right arguments, and birpc's replies. */
const message = z.union([
  call('ready', z.tuple([])),
  ...['stop', 'resume', 'revealExperiment', 'openReport', 'tryIt'].map((name) => call(name, z.tuple([id]))),
  call('show', z.tuple([z.array(id).check(z.maxLength(100))])),
  call('pictures', z.tuple([id, z.array(file).check(z.maxLength(500))])),
  call('openFile', z.tuple([id, file])),
  reply,
]);

export const isHostMessage = (data: unknown): boolean => message.safeParse(data).success;
