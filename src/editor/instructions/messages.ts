import * as z from 'zod/mini';
import { call, reply, text } from '../panels/view-messages';
import { actionSchema } from './actions';

/** What the instructions may say: calls of our functions with the right arguments, and birpc's replies. */
const message = z.union([
  ...['ready', 'manageTrust'].map((name) => call(name, z.tuple([]))),
  call('act', z.tuple([actionSchema])),
  call('openFile', z.tuple([text(1000), z.nullable(z.int().check(z.positive()))])),
  call('openFinding', z.tuple([text(200)])),
  call('copy', z.tuple([text(100_000)])),
  reply,
]);

export const isHostMessage = (data: unknown): boolean => message.safeParse(data).success;
