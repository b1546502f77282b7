import * as z from 'zod/mini';
import { call, reply, text } from './view-messages';

const file = text(4096);

/** What the view of the data may say. */
const message = z.union([
  ...['ready', 'again'].map((name) => call(name, z.tuple([]))),
  call('thumbnails', z.tuple([z.array(file).check(z.maxLength(100))])),
  call('openFile', z.tuple([file])),
  reply,
]);

export const isDataMessage = (data: unknown): boolean => message.safeParse(data).success;
