import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { LearnerError } from '../protocol/errors';
import type { ExerciseFile } from '../protocol/exercise';
import { exercisesFolder } from './paths';

const exerciseSchema = z.object({
  id: z.string(),
  number: z.number(),
  title: z.string(),
  summary: z.string(),
  minutes: z.number(),
  folder: z.string(),
  entry: z.string(),
  data: z.array(z.string()),
  tasks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      file: z.exactOptional(z.string()),
      hints: z.array(z.string()),
    }),
  ),
});

/**
 * All exercises of this installation, in order.
 * @param root the extension's or the clone's folder
 * @throws {LearnerError} if an exercise.json cannot be read: the installation is damaged
 */
export async function listExercises(root: string): Promise<ExerciseFile[]> {
  const folder = exercisesFolder(root);
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const exercises = await Promise.all(
    names.map((name) => readExerciseFile(join(folder, name, 'exercise.json'))),
  );
  return exercises.sort((a, b) => a.number - b.number);
}

/**
 * @param idOrNumber '01-fine-tune-an-image-classifier', '01' or '1'
 * @throws {LearnerError} listing the exercises there are
 */
export async function findExercise(root: string, idOrNumber: string): Promise<ExerciseFile> {
  const exercises = await listExercises(root);
  const found = exercises.find(
    (exercise) => exercise.id === idOrNumber || exercise.number === Number(idOrNumber),
  );
  if (found) return found;
  const known = exercises.map((exercise) => `${exercise.number} (${exercise.id})`).join(', ');
  throw new LearnerError({
    code: 'unknown-exercise',
    message: `There is no exercise "${idOrNumber}". There are: ${known}.`,
    remedy: 'Use one of these numbers or names.',
  });
}

async function readExerciseFile(file: string): Promise<ExerciseFile> {
  try {
    return exerciseSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new LearnerError(
      {
        code: 'damaged-installation',
        message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        remedy: 'Install Transfer Lab again.',
      },
      { cause: error },
    );
  }
}
