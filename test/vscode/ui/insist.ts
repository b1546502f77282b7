import { errors } from 'playwright-core';
import { LONGEST_WAIT_MS } from '../harness/browser';

/** How long an answer is waited for before it is asked again. Longer than a busy window needs, as a rule. */
export const PATIENCE_MS = 10_000;

/**
 * Does something again until it has worked: a busy window loses a key, closes quick input because a view takes the focus
 * when it has loaded, or draws a row anew under the mouse.
 * @param attempt whether it has worked; a wait of Playwright's that ran out counts as no
 * @throws after `LONGEST_WAIT_MS`, with the last wait that ran out as its cause
 */
export async function insist(what: string, attempt: () => Promise<boolean>): Promise<void> {
  const began = performance.now();
  let cause: errors.TimeoutError | undefined;
  for (let times = 1; ; times++) {
    try {
      if (await attempt()) return;
    } catch (error) {
      if (!(error instanceof errors.TimeoutError)) throw error;
      cause = error;
    }
    const seconds = (performance.now() - began) / 1000;
    if (seconds * 1000 < LONGEST_WAIT_MS) continue;
    throw new Error(`${what}: tried ${times} times in ${seconds.toFixed()} s. ${cause?.message ?? ''}`, {
      cause,
    });
  }
}
