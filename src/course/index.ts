/**
 * What an exercise is and what can be done with it, without an editor: the extension and the command line call the same functions.
 * `root` is always the folder of the installed extension or of the clone.
 */
export { checkExercise, type CheckExerciseOptions } from './check-exercise';
export { findExercise, listExercises } from './exercises';
export { freeFolder, refreshTypes, scaffold, type Scaffolded } from './scaffold';
export {
  newProgress,
  nextHint,
  readProgress,
  taskForHint,
  withReport,
  withSolutionSeen,
  writeProgress,
  type Hint,
} from './progress';
export { listAttempts, resetExercise, restoreAttempt, type Attempt } from './reset';
export { entryIn, openSolution, showHint, type ExerciseFolder, openExerciseFolder } from './exercise-folder';
