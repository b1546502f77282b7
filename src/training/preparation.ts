import type { ModelInfo, RunEvent } from '../protocol/events';
import { LearnerError } from '../protocol/errors';
import type { Dataset } from './data/dataset';
import { loadImageFolder } from './data/image-folder';
import type { Experiment } from './experiment';
import { findArchitecture } from './models';
import type { TransferModel } from './models/model';
import { describeGroups } from './phase-program';
import type { RunContext } from './run-context';
import type { Phase } from './strategies/strategy';
import { IMAGENET, loadWeights, openCheckpoint } from './weights/load';

/** Everything that training needs, before anything is compiled. */
export interface Prepared {
  readonly dataset: Dataset;
  readonly model: TransferModel;
  readonly phases: readonly Phase[];
  readonly modelInfo: ModelInfo;
}

/** Loads pictures and weights and makes the strategy's plan. @throws {LearnerError} for all that a learner can mend */
export async function prepare(experiment: Experiment, context: RunContext): Promise<Prepared> {
  const { experimentDirectory } = context;
  const architecture = findArchitecture(experiment.model.architecture);
  const { weights } = experiment.model;
  const checkpoint =
    weights === null ? undefined : await openCheckpoint(weights, architecture, experimentDirectory);
  const dataset = await loadData(experiment, context, checkpoint?.preprocessing ?? IMAGENET);
  context.emit({ type: 'preparing', phase: 'loadingWeights' });
  const numClasses = experiment.model.numClasses ?? dataset.classNames.length;
  if (numClasses < dataset.classNames.length) {
    throw new LearnerError({
      code: 'too-few-classes',
      message: `numClasses is ${numClasses}, but ${dataset.info.name} has ${dataset.classNames.length} classes.`,
      remedy: `Leave numClasses out, or set it to ${dataset.classNames.length} or more.`,
    });
  }
  const shapes = new Map([...(checkpoint?.content.tensors ?? [])].map(([name, { shape }]) => [name, shape]));
  const width = architecture.widthFrom(shapes);
  const model = architecture.create({
    numClasses,
    seed: experiment.seed,
    ...(width === undefined ? {} : { width }),
  });
  if (experiment.model.head) model.resetHead(numClasses, experiment.model.head);
  let title = 'random';
  if (checkpoint && experiment.strategy.pretrained) {
    const { headSkipped } = loadWeights(model, checkpoint);
    title = checkpoint.title;
    if (headSkipped !== undefined) context.emit({ type: 'log', text: headSkipped });
  }
  const names = model.layerGroups.map(({ name }) => name);
  const phases = experiment.strategy.plan(names, experiment.epochs);
  return { dataset, model, phases, modelInfo: describeModel(model, phases, title, width) };
}

async function loadData(
  experiment: Experiment,
  context: RunContext,
  preprocessing: typeof IMAGENET,
): Promise<Dataset> {
  context.emit({ type: 'preparing', phase: 'loadingData', done: 0 });
  const report = (done: number, total: number): void => {
    if (done % 100 === 0 || done === total)
      context.emit({ type: 'preparing', phase: 'loadingData', done, total });
  };
  const dataset = await loadImageFolder(experiment.data, context.experimentDirectory, preprocessing, report);
  const { skipped, counts } = dataset.info;
  if (skipped.length > 0) context.emit(skippedWarning(skipped));
  if (experiment.batchSize > counts.train) {
    throw new LearnerError({
      code: 'batch-larger-than-data',
      message: `batchSize is ${experiment.batchSize}, but ${dataset.info.name} has only ${counts.train} training pictures.`,
      remedy: `Set batchSize to ${Math.max(2, Math.floor(counts.train / 2))} or less.`,
    });
  }
  return dataset;
}

function skippedWarning(skipped: Dataset['info']['skipped']): RunEvent {
  const shown = skipped.slice(0, 3).map(({ file, reason }) => `${file} (${reason})`);
  const rest = skipped.length > 3 ? ` and ${skipped.length - 3} more` : '';
  return {
    type: 'warning',
    problem: {
      code: 'pictures-skipped',
      message: `${skipped.length} ${skipped.length === 1 ? 'file was' : 'files were'} left out: ${shown.join(', ')}${rest}.`,
      remedy: 'Repair or remove them; training goes on without.',
    },
  };
}

function describeModel(
  model: TransferModel,
  phases: readonly Phase[],
  weights: string,
  width: number | undefined,
): ModelInfo {
  const first = phases[0];
  const layerGroups = first ? describeGroups(model, first) : [];
  const trained = new Set(phases.flatMap(({ learningRates }) => Object.keys(learningRates)));
  const narrow = width === undefined || width === 64 ? '' : `, width ${width}`;
  return {
    name: `${model.architecture}${narrow}`,
    weights,
    parameters: layerGroups.reduce((sum, { parameters }) => sum + parameters, 0),
    trainableParameters: layerGroups
      .filter(({ name }) => trained.has(name))
      .reduce((sum, { parameters }) => sum + parameters, 0),
    layerGroups,
  };
}

/** Changes when something changes that training depends on. Functions count by their source. */
export function experimentFingerprint(experiment: Experiment, phases: readonly Phase[]): string {
  const plain = { ...experiment, strategy: { settings: experiment.strategy.settings, phases } };
  return JSON.stringify(plain, (_, value: unknown) => (typeof value === 'function' ? String(value) : value));
}
