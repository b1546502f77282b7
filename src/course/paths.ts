import { join } from 'node:path';

/** Everything of ours in a learner's folder lies under this one name. */
const HIDDEN = '.transfer-lab';

export const progressFile = (folder: string): string => join(folder, HIDDEN, 'progress.json');
export const typesFolder = (folder: string): string => join(folder, HIDDEN, 'types');
export const attemptsFolder = (folder: string): string => join(folder, HIDDEN, 'attempts');

/** Paths inside the installed extension or the clone. */
export const exercisesFolder = (root: string): string => join(root, 'exercises');
export const exerciseFolder = (root: string, id: string): string => join(root, 'exercises', id);
export const starterFolder = (root: string, id: string): string => join(root, 'exercises', id, 'starter');
export const solutionFolder = (root: string, id: string): string => join(root, 'exercises', id, 'solution');
export const dataFolder = (root: string, name: string): string => join(root, 'media', 'data', name);
export const builtTypesFolder = (root: string): string => join(root, 'dist', 'types');
