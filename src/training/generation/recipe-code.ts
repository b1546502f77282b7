import { createHash } from 'node:crypto';
import { complete, NEUTRAL, settingNames, type GenerationSettings } from './settings';

/** All that decides a text. */
export interface Recipe {
  /** Hash of the weights. */
  readonly model: string;
  readonly prompt: string;
  readonly settings: GenerationSettings;
  readonly seed: number;
  /** Which of the continuations. */
  readonly continuation: number;
}

/** Crockford's: no I, L, O, U, so nothing is misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * A short name for a recipe, the same on every machine: 80 bits of the SHA-256 of its canonical JSON, as "7Q2M-…" in four groups of
 * four. Settings that change nothing do not count: `{}` and `{ temperature: 1 }` are one recipe. A hash cannot be turned back;
 * who keeps recipes by their code finds the text again.
 */
export function recipeCode({ model, prompt, settings, seed, continuation }: Recipe): string {
  const whole = complete(settings);
  const changed = settingNames
    .filter((name) => whole[name] !== NEUTRAL[name])
    .map((name) => [name, whole[name]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // An array: the order of keys in an object is not ours to keep.
  const canonical = JSON.stringify(['text-1', model, prompt, changed, seed, continuation]);
  const digest = createHash('sha256').update(canonical).digest();
  let code = '';
  for (let bit = 0; bit < 80; bit += 5) {
    const two = ((digest[bit >> 3] ?? 0) << 8) | (digest[(bit >> 3) + 1] ?? 0);
    code += ALPHABET[(two >> (11 - (bit & 7))) & 31] ?? '';
  }
  return code.replace(/(.{4})(?=.)/g, '$1-');
}
