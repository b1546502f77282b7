import * as z from 'zod/mini';
import type { InstructionAction } from '../../protocol/instructions';

const experiment = z.string().check(z.regex(/^[\p{ID_Start}$_][\p{ID_Continue}$]{0,99}$/u));
const task = z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,99}$/));

/** Everything that a README or the view can ask the editor to do, and with which arguments. */
export const actionSchema: z.ZodMiniType<InstructionAction> = z.discriminatedUnion('action', [
  z.strictObject({ action: z.enum(['fineTune', 'compare']), experiment }),
  z.strictObject({ action: z.enum(['check', 'solution', 'handIn']) }),
  z.strictObject({ action: z.enum(['hint', 'openTask']), task }),
]);

/** How an action is written behind the `#` of a link to the exercise's file: what comes before `=`, and what after. */
const WORDS: Readonly<Record<string, (value: string | undefined) => unknown>> = {
  'fine-tune': (value) => ({ action: 'fineTune', experiment: value }),
  compare: (value) => ({ action: 'compare', experiment: value }),
  check: (value) => (value === undefined ? { action: 'check' } : undefined),
  solution: (value) => (value === undefined ? { action: 'solution' } : undefined),
  report: (value) => (value === undefined ? { action: 'handIn' } : undefined),
  hint: (value) => ({ action: 'hint', task: value }),
  task: (value) => ({ action: 'openTask', task: value }),
};

/** @param fragment 'fine-tune=wholeNetwork', 'hint=last-stage', 'check' */
export function readAction(fragment: string): InstructionAction | undefined {
  const [, word = '', , value] = /^([a-z-]+)(=(.*))?$/su.exec(fragment) ?? [];
  if (!Object.hasOwn(WORDS, word)) return undefined;
  return actionSchema.safeParse(WORDS[word]?.(value)).data;
}
