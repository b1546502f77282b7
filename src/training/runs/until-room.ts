import { setTimeout } from 'node:timers/promises';

/** A finished run waits so long for somebody to free space before it gives up what it could not write. */
export const ROOM_WAIT_MS = 10 * 60_000;
const TRY_EVERY_MS = 1000;

/** Tries until `attempt` answers true, at most for `waitMs`. @returns whether it did */
export async function untilRoom(attempt: () => boolean, waitMs = ROOM_WAIT_MS): Promise<boolean> {
  const end = Date.now() + waitMs;
  for (;;) {
    if (attempt()) return true;
    if (Date.now() >= end) return false;
    await setTimeout(Math.min(TRY_EVERY_MS, waitMs));
  }
}
