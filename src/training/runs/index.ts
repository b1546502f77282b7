/**
 * How a run lives, for the editor and the terminal: start it, follow it, stop it, resume it. Plain Node, no engine inside.
 * The run directory is the truth; any number of readers may follow it, and one process at a time writes it.
 *
 * ```ts
 * const launcher = { node: await findNode({ setting, editor: process.execPath }), mainScript, version };
 * const { directory } = await startRun({ file, experiment: 'headOnly' }, launcher);
 * const follower = followRun(directory, { onRecords: (records) => … });   // everything so far, then what is new
 * await stopRun(directory);                                               // finishes the step in hand
 * await follower.ended;                                                   // 'over' | 'interrupted' | 'disposed'
 * ```
 */
export { chooseNode, findNode, type NodeCandidate, type NodeChoice } from './choose-node';
export {
  livenessOf,
  stopRun,
  terminateRun,
  untilGone,
  type Liveness,
  type StopOutcome,
} from './control-client';
export { findExperiments, lineOfExperiment, type ExperimentPlace } from './find-experiments';
export type { JournalDamage } from './journal-reader';
export { readRunEnd } from './run-end';
export { listRunDirectories, readRunFile, type RunPlace, type RunRequest } from './run-directory';
export {
  followRun,
  lastOutput,
  listRuns,
  readRun,
  stateOf,
  type FollowListener,
  type RunFollower,
  type RunSnapshot,
} from './run-reader';
export { resumeRun, resumeRuns, startComparison, startRateTest, startRun, type Launcher } from './start-run';
