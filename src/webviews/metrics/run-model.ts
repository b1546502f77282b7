import type { Evaluation, RunEvent } from '../../protocol/events';
import { trainedIn } from '../../protocol/freeze-map';
import { initialRunState, markInterrupted, reduceRun, type RunState } from '../../protocol/run-state';
import type { RunHistory, RunUpdate, TimedEvent } from '../../protocol/webview';

export interface PhaseStart {
  readonly name: string;
  readonly epoch: number;
}

/** A run as this view keeps it. A new object for every change; the lists inside `state` grow in place. */
export interface RunModel {
  readonly info: RunHistory['run'];
  readonly title: string;
  /** As people see it: a vanished process counts. */
  readonly state: RunState;
  /** Parts of the strategy that have begun. */
  readonly phases: readonly PhaseStart[];
  /** The most parameters that any part trained. */
  readonly trainableParameters?: number;
  /** Events of a newer version, which this one cannot draw. */
  readonly unknownEvents: number;
  /** The events alone, before `interrupted`. */
  readonly reduced: RunState;
  readonly interrupted: boolean;
  /** Of the last `predictions` event: another of this epoch continues it. */
  readonly predictedEpoch: number | undefined;
}

/** What tells runs apart that are drawn together: of one experiment's comparison, the strategies alone. */
export function legendNames(runs: readonly RunModel[]): ReadonlyMap<string, string> {
  const prefix = `${runs[0]?.info.experiment ?? ''} · `;
  const short = runs.length > 1 && runs.every(({ title }) => title.startsWith(prefix));
  return new Map(runs.map(({ state, title }) => [state.runId, short ? title.slice(prefix.length) : title]));
}

/** A view's update of its runs; those that it does not name stay as they are. */
export function updateRuns(runs: readonly RunModel[], updates: readonly RunUpdate[]): readonly RunModel[] {
  return runs.map((run) =>
    updates
      .filter(({ runId }) => runId === run.state.runId)
      .reduce((changed, { events, interrupted }) => {
        const appended = appendEvents(changed, events);
        return interrupted ? interruptRun(appended) : appended;
      }, run),
  );
}

export function runFromHistory(history: RunHistory): RunModel {
  const reduced = initialRunState(history.run.runId);
  const empty: RunModel = {
    info: history.run,
    title: history.title,
    state: reduced,
    phases: [],
    unknownEvents: 0,
    reduced,
    interrupted: false,
    predictedEpoch: undefined,
  };
  const run = appendEvents(empty, history.events);
  return history.interrupted ? interruptRun(run) : run;
}

export function appendEvents(run: RunModel, events: readonly TimedEvent[]): RunModel {
  let { reduced, interrupted, unknownEvents, trainableParameters, predictedEpoch } = run;
  let phases = run.phases;
  for (const { event, timeMs } of events) {
    try {
      reduced = reduceRun(reduced, continued(event, predictedEpoch, reduced), timeMs);
    } catch {
      unknownEvents++; // An event this version does not know: the header says that something is not drawn.
      continue;
    }
    if (event.type === 'runStarted') {
      interrupted = false;
      predictedEpoch = undefined;
    }
    if (event.type === 'predictions') predictedEpoch = event.epoch;
    phases = phasesAfter(phases, event);
    trainableParameters = most(trainableParameters, trainedBy(event));
  }
  return {
    ...run,
    reduced,
    interrupted,
    phases,
    unknownEvents,
    predictedEpoch,
    ...(trainableParameters === undefined ? {} : { trainableParameters }),
    state: interrupted ? markInterrupted(reduced) : reduced,
  };
}

export function interruptRun(run: RunModel): RunModel {
  return { ...run, interrupted: true, state: markInterrupted(run.reduced) };
}

/** The evaluations that can be looked at: validation with the best weights, and the end result on the test split. */
export function evaluationsOf({ validation, final }: RunState): { val?: Evaluation; test?: Evaluation } {
  return {
    ...(validation ? { val: validation } : {}),
    ...(final?.split === 'test' ? { test: final } : {}),
  };
}

/** Best validation accuracy, 0..1. */
export function bestValidation(state: RunState): number | undefined {
  return state.epochPoints.find((point) => point.epoch === state.bestEpoch)?.valAccuracy;
}

function continued(event: RunEvent, epoch: number | undefined, { predictions }: RunState): RunEvent {
  if (event.type !== 'predictions' || event.epoch !== epoch) return event;
  return { ...event, items: [...predictions, ...event.items] };
}

function phasesAfter(phases: readonly PhaseStart[], event: RunEvent): readonly PhaseStart[] {
  if (event.type !== 'phaseStart') return phases;
  // A resumed run announces the part it is in again.
  const earlier = phases.filter(({ name, epoch }) => name !== event.name && epoch <= event.epoch);
  return [...earlier, { name: event.name, epoch: event.epoch }];
}

function trainedBy(event: RunEvent): number | undefined {
  if (event.type === 'prepared') return event.model.trainableParameters;
  if (event.type !== 'phaseStart') return undefined;
  return trainedIn(event.layerGroups);
}

function most(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}
