import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LearnerError } from '../protocol/errors';
import type { ExerciseFile } from '../protocol/exercise';
import { attemptsFolder, starterFolder } from './paths';

/** A copy of the learner's files as they were before a reset. */
export interface Attempt {
  readonly folder: string;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
}

/**
 * Puts the starter files back. What was there is copied to `.transfer-lab/attempts/<time>/` first; runs, data and progress
 * stay, and so do files that the starter does not have.
 * @returns the saved attempt, for "bring back my attempt"
 */
export async function resetExercise(root: string, exercise: ExerciseFile, folder: string): Promise<Attempt> {
  const attempt = await saveAttempt(folder);
  await cp(starterFolder(root, exercise.id), folder, { recursive: true, force: true });
  return attempt;
}

/** Newest first. */
export async function listAttempts(folder: string): Promise<Attempt[]> {
  const parent = attemptsFolder(folder);
  const names = await readdir(parent).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .sort()
    .reverse()
    .map((name) => ({ folder: join(parent, name), savedAt: timeOf(name) }));
}

/**
 * Brings an attempt back; what is there now is saved as an attempt itself, so bringing back twice leads back.
 * @param attempt absent: the newest
 * @throws {LearnerError} 'no-attempt' if there is none
 */
export async function restoreAttempt(
  folder: string,
  attempt?: Attempt,
): Promise<{ readonly restored: Attempt; readonly saved: Attempt }> {
  const restored = attempt ?? (await listAttempts(folder))[0];
  if (!restored) {
    throw new LearnerError({
      code: 'no-attempt',
      message: `No earlier attempt is kept in ${folder}.`,
      remedy: 'Go on with the files as they are: an attempt is kept whenever you reset.',
    });
  }
  const saved = await saveAttempt(folder);
  await cp(restored.folder, folder, { recursive: true, force: true });
  return { restored, saved };
}

/** A folder of its own for every attempt: of two in one millisecond, the second waits for the next. */
async function saveAttempt(folder: string): Promise<Attempt> {
  await mkdir(attemptsFolder(folder), { recursive: true });
  for (;;) {
    const savedAt = new Date().toISOString();
    const target = join(attemptsFolder(folder), savedAt.replaceAll(':', '-'));
    try {
      await mkdir(target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
      continue;
    }
    for (const entry of await readdir(folder)) {
      if (isLearners(entry)) await cp(join(folder, entry), join(target, entry), { recursive: true });
    }
    return { folder: target, savedAt };
  }
}

/** Data is large and never written to; packages can be installed again; our own folder holds the copies. */
function isLearners(topLevelName: string): boolean {
  return !['.transfer-lab', 'data', 'node_modules', '.git'].includes(topLevelName);
}

function timeOf(name: string): string {
  return name.replace(/T(\d\d)-(\d\d)-/, 'T$1:$2:');
}
