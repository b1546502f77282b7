import * as z from 'zod/mini';
import { MOST_PICTURE_BYTES } from '../../protocol/try-picture';
import { call, reply, text } from '../panels/view-messages';

const bytes = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.byteLength <= MOST_PICTURE_BYTES,
);

/** What the view may say: calls of our functions with the right arguments, and birpc's replies. */
const message = z.union([
  ...['ready', 'choose'].map((name) => call(name, z.tuple([]))),
  call('tryBytes', z.tuple([text(1000), bytes])),
  call('tryFile', z.tuple([text(4096)])),
  call('readLayer', z.tuple([text(200)])),
  reply,
]);

export const isTryHostMessage = (data: unknown): boolean => message.safeParse(data).success;
