import type { RunHistory } from '../../../src/protocol/webview';
import { fakeEvents, fakeHistory } from '../../../src/webviews/metrics/fake-run';

export const EXERCISE_CLASSES = [
  ...['cactus', 'castle', 'crab', 'elephant', 'fire-engine'],
  ...['hammer', 'jeans', 'strawberry', 'turtle', 'whale'],
];

/** Runs of one comparison, as exercise 1 makes them. */
export const compared = (): RunHistory[] =>
  ['from-scratch', 'feature-extraction', 'last-stage', 'whole-model'].map((strategy, index) =>
    fakeHistory({
      runId: `run-${index}`,
      title: `wholeNetwork · ${strategy}`,
      strategy,
      seed: index + 1,
      skill: 0.55 + 0.12 * index,
      classNames: EXERCISE_CLASSES,
    }),
  );

const PROBLEM = {
  code: 'pictures-skipped',
  message: 'The validation loss has risen for three epochs while the training loss falls.',
  remedy: 'That is overfitting: train fewer layers, or take more pictures.',
};

const REVIEWS = [
  'The movie is terribly boring in places.',
  'I expected far worse, and was not disappointed by how little I hated it.',
  'Service was fine, I suppose. We waited an hour, the soup came cold, and the waiter, a kind man, could do nothing about it; still, we would go back.',
  'Great.',
  `Good case, <b>excellent</b> value.\n${'Works very well. '.repeat(12)}`,
];

/** What a learner can see of a run, from its first moment to its end. */
export const STATES: Readonly<Record<string, () => RunHistory[]>> = {
  preparing: () => [{ ...fakeHistory(), events: fakeEvents().slice(0, 4) }],
  'first steps': () => [fakeHistory({ steps: 7 })],
  training: () => [fakeHistory({ steps: 100, classNames: EXERCISE_CLASSES })],
  warned: () => {
    const run = fakeHistory({ steps: 60 });
    return [{ ...run, events: [...run.events, { event: { type: 'warning', problem: PROBLEM }, timeMs: 0 }] }];
  },
  stopped: () => [fakeHistory({ steps: 130, end: 'stopped' })],
  failed: () => [fakeHistory({ steps: 31, end: 'failed', epochs: 1, stepsPerEpoch: 31 })],
  interrupted: () => [fakeHistory({ steps: 100, interrupted: true })],
  texts: () => [
    fakeHistory({ classNames: ['negative', 'positive'], texts: REVIEWS, skill: 0.7, perClassVal: 60 }),
  ],
  finished: () => [fakeHistory({ classNames: EXERCISE_CLASSES })],
  'many classes': () => [
    fakeHistory({ classNames: Array.from({ length: 60 }, (_, index) => `species ${index}`), perClassVal: 5 }),
  ],
  comparison: compared,
};

/** Names that a folder of pictures can have, and that must stay text. */
export const HOSTILE_NAMES = [
  '<img src=x onerror="document.title=\'owned\'">',
  '"><script>document.title="owned"</script>',
  "javascript:document.title='owned'",
  '{{constructor.constructor("document.title=1")()}}${document.title=1}',
  '\u202Egnp.txt\u202C',
  `Z${'\u0301'.repeat(3000)}algo`,
  '👩‍👩‍👧‍👦 family',
  'x'.repeat(5000),
  '&lt;b&gt;bold&lt;/b&gt;',
  '../../etc/passwd',
];

export const hostileRun = (): RunHistory => {
  const run = fakeHistory({
    title: HOSTILE_NAMES[0] ?? '',
    classNames: HOSTILE_NAMES,
    folder: '/tmp/<img src=x onerror=alert(1)>',
    skill: 0.4,
  });
  const problem = { code: 'x', message: HOSTILE_NAMES[1] ?? '', remedy: HOSTILE_NAMES[2] ?? '' };
  return { ...run, events: [...run.events, { event: { type: 'warning', problem }, timeMs: 0 }] };
};
