import {
  analysisIsWritten,
  asGoodAs,
  betterThan,
  cutsTexts,
  fileLoads,
  frozenStaysFrozen,
  isWritten,
  keepsWhatItKnew,
  leavesNoTensor,
  noTodoLeft,
  poolsByMean,
  ratesRiseTowardsHead,
  sameSetupAs,
  trainedMoves,
  trainsExactly,
  typesAreRight,
  type Check,
  type ExerciseContext,
  type ExperimentTask,
} from '../../src/course/checks';

const tokens: ExperimentTask = { task: 'tokens', name: 'firstToken', todo: /TODO task 1/ };
const pooling: ExperimentTask = { task: 'pooling', name: 'meanOfTokens', todo: /TODO task 2/ };
const lastLayers: ExperimentTask = { task: 'last-layers', name: 'lastLayers', todo: /TODO task 3/ };
const ownRates: ExperimentTask = { task: 'own-rates', name: 'ownRates', todo: /TODO task 4/ };
const scratch = { reference: 'fromScratch', label: 'training a small network from scratch' };

/** Where the whole network trains, a score takes too long for a check, and says no more than that of the last layers. */
export const checks: readonly Check<ExerciseContext>[] = [
  typesAreRight,
  fileLoads,
  // Of these 2,960 sentences, 585 have more than 24 tokens, 212 more than 32, 33 more than 48, and one more than 96.
  cutsTexts(tokens, { shortest: 32, longest: 96 }),
  isWritten(pooling),
  trainsExactly(pooling, 'meanOfTokens trains the head and nothing else', (groups) => groups.slice(-1)),
  poolsByMean(pooling),
  sameSetupAs(pooling, 'firstToken', 'pooling'),
  isWritten(lastLayers),
  trainsExactly(lastLayers, 'lastLayers trains the last two layers and the head', (groups) =>
    groups.slice(-3),
  ),
  sameSetupAs(lastLayers, 'meanOfTokens'),
  isWritten(ownRates),
  ratesRiseTowardsHead(ownRates),
  sameSetupAs(ownRates, 'meanOfTokens'),
  noTodoLeft([pooling, lastLayers, ownRates]),
  analysisIsWritten('analysis', 'analysis.md'),
  trainedMoves(tokens),
  ...[pooling, lastLayers, ownRates].flatMap((task) => [
    frozenStaysFrozen(task),
    trainedMoves(task),
    leavesNoTensor(task),
  ]),
  keepsWhatItKnew(lastLayers),
  keepsWhatItKnew(ownRates),
  betterThan(pooling, scratch),
  betterThan(pooling, { reference: 'firstToken', label: 'reading the first token' }),
  asGoodAs(pooling, 'meanOfTokens'),
  betterThan(lastLayers, scratch),
  asGoodAs(lastLayers, 'lastLayers'),
];
