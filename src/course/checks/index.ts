/** What an exercise's check.ts is written with. */
export type { Check } from '../check';
export { passed, notAttempted, wrong } from '../check';
export type { ExerciseContext } from '../exercise-context';
export { analysisIsWritten } from './analysis';
export { frozenStaysFrozen, keepsWhatItKnew, leavesNoTensor, trainedMoves } from './behaviour';
export {
  fileLoads,
  isWritten,
  noTodoLeft,
  sameSetupAs,
  trainsExactly,
  typesAreRight,
  type ExperimentTask,
} from './code';
export { writesOwnHead } from './head';
export { asGoodAs, betterThan } from './outcome';
export { ratesRiseTowardsHead } from './rates';
export { cutsTexts, poolsByMean } from './texts';
