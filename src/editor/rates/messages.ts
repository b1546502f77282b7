import * as z from 'zod/mini';
import { call, reply } from '../panels/view-messages';

/** What the view of a range test may say: calls of our functions with the right arguments, and birpc's replies. */
const message = z.union([
  ...['ready', 'stop', 'again', 'revealExperiment'].map((name) => call(name, z.tuple([]))),
  call('useRate', z.tuple([z.enum(['valley', 'steepest', 'tenthOfMinimum'])])),
  reply,
]);

export const isRateHostMessage = (data: unknown): boolean => message.safeParse(data).success;
