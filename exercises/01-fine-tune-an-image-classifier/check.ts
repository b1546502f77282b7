import {
  analysisIsWritten,
  asGoodAs,
  betterThan,
  fileLoads,
  frozenStaysFrozen,
  isWritten,
  keepsWhatItKnew,
  leavesNoTensor,
  noTodoLeft,
  ratesRiseTowardsHead,
  sameSetupAs,
  trainedMoves,
  trainsExactly,
  typesAreRight,
  writesOwnHead,
  type Check,
  type ExerciseContext,
  type ExperimentTask,
} from '../../src/course/checks';

const extraction: ExperimentTask = {
  task: 'feature-extraction',
  name: 'featureExtraction',
  todo: /TODO task 1/,
};
const lastStage: ExperimentTask = { task: 'last-stage', name: 'lastStage', todo: /TODO task 2/ };
const ownRates: ExperimentTask = { task: 'own-rates', name: 'ownRates', todo: /TODO task 3/ };
const tasks = [extraction, lastStage, ownRates];
const scratch = { reference: 'fromScratch', label: 'training from scratch' };

export const checks: readonly Check<ExerciseContext>[] = [
  typesAreRight,
  fileLoads,
  isWritten(extraction),
  trainsExactly(extraction, 'featureExtraction trains the head and nothing else', (groups) =>
    groups.slice(-1),
  ),
  sameSetupAs(extraction, 'wholeNetwork'),
  writesOwnHead(extraction),
  isWritten(lastStage),
  trainsExactly(lastStage, 'lastStage trains the last stage and the head', (groups) => groups.slice(-2)),
  sameSetupAs(lastStage, 'wholeNetwork'),
  isWritten(ownRates),
  ratesRiseTowardsHead(ownRates),
  sameSetupAs(ownRates, 'wholeNetwork'),
  noTodoLeft(tasks),
  analysisIsWritten('analysis', 'analysis.md'),
  ...tasks.flatMap((task) => [frozenStaysFrozen(task), trainedMoves(task), leavesNoTensor(task)]),
  keepsWhatItKnew(lastStage),
  keepsWhatItKnew(ownRates),
  betterThan(extraction, scratch),
  asGoodAs(extraction, 'featureExtraction'),
  betterThan(lastStage, scratch),
  asGoodAs(lastStage, 'lastStage'),
  betterThan(ownRates, scratch),
  asGoodAs(ownRates, 'ownRates'),
];
