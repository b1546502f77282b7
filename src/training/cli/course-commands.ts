import { resolve } from 'node:path';
import {
  findExercise,
  openExerciseFolder,
  openSolution,
  resetExercise,
  scaffold,
  showHint,
} from '../../course';
import { assetsRoot } from '../assets';
import type { Answer, CommonOptions } from './run-commands';
import { say } from './terminal';

export async function newCommand(id: string, folder: string, options: CommonOptions): Promise<Answer> {
  const root = assetsRoot();
  const made = await scaffold(root, await findExercise(root, id), resolve(folder));
  if (!options.json) say(`Exercise ${id} is in ${made.folder}. Start with ${made.readme}.`);
  return { ...made };
}

export async function hintCommand(
  folder: string,
  task: string | undefined,
  options: CommonOptions,
): Promise<Answer> {
  const hint = await showHint(assetsRoot(), resolve(folder), task);
  if (!options.json) say(hint.text);
  return { ...hint };
}

export async function solutionCommand(folder: string, options: CommonOptions): Promise<Answer> {
  const files = await openSolution(assetsRoot(), resolve(folder));
  if (!options.json) say(`Solution: ${files.solution}\nYours:    ${files.attempt}`);
  return { ...files };
}

export async function resetCommand(folder: string, options: CommonOptions): Promise<Answer> {
  const root = assetsRoot();
  const path = resolve(folder);
  const { exercise } = await openExerciseFolder(root, path);
  const attempt = await resetExercise(root, exercise, path);
  if (!options.json) say(`The starter files are back. What was there is kept in ${attempt.folder}.`);
  return { attempt };
}
