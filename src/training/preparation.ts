import type { ModelInfo, RunEvent } from '../protocol/events';
import { LearnerError } from '../protocol/errors';
import { onlyFlips, readAugmentation } from './data/augmentation/augmentation';
import { createAugmenter, type Augmenter } from './data/augmentation/augmenter';
import type { Dataset } from './data/dataset';
import { loadImages } from './data/load-images';
import type { Engine } from './engine/types';
import type { Experiment } from './experiment';
import { findArchitecture } from './models';
import { groupInfos } from './freeze-map';
import { partsOf, type TransferModel } from './models/model';
import type { RunContext } from './run-context';
import type { Phase, Strategy } from './strategies/strategy';
import { requireParameters, whatTrains } from './strategies/what-trains';
import { loadWeights, openCheckpoint, type OpenOptions } from './weights/load';
import { describePreprocessing, IMAGENET, type Preprocessing } from './weights/preprocessing';

/** Everything that training needs, before anything is compiled. */
export interface Prepared {
  readonly dataset: Dataset;
  readonly model: TransferModel;
  readonly phases: readonly Phase[];
  readonly modelInfo: ModelInfo;
}

export type LoadData = (
  experiment: Experiment,
  context: RunContext,
  preprocessing: Preprocessing,
) => Promise<Dataset>;

/**
 * Loads pictures and weights and makes the strategy's plan.
 * @param load in place of reading all pictures
 * @throws {LearnerError} for all that a learner can mend
 */
export async function prepare(
  experiment: Experiment,
  context: RunContext,
  load: LoadData = loadData,
): Promise<Prepared> {
  const { experimentDirectory } = context;
  const architecture = findArchitecture(experiment.model.architecture);
  const { weights } = experiment.model;
  const checkpoint =
    weights === null
      ? undefined
      : await openCheckpoint(weights, architecture, experimentDirectory, {
          signal: context.signal,
          ...reportDownload(context),
        });
  const preprocessing = checkpoint?.preprocessing ?? IMAGENET;
  const dataset = await load(experiment, context, preprocessing);
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
    shapes,
    deferred: checkpoint !== undefined,
    ...(checkpoint?.dropout === undefined ? {} : { dropout: checkpoint.dropout }),
  });
  if (experiment.model.head) model.resetHead(numClasses, experiment.model.head);
  let title = 'random';
  if (checkpoint && experiment.strategy.pretrained) {
    const { headSkipped } = loadWeights(model, checkpoint);
    title = checkpoint.title;
    if (headSkipped !== undefined) context.emit({ type: 'log', text: headSkipped });
  }
  model.store.drawPending();
  const names = model.layerGroups.map(({ name }) => name);
  const phases = experiment.strategy.plan(names, experiment.epochs);
  requireParameters(partsOf(model), phases);
  const told = describePreprocessing(preprocessing, experiment.data.imageSize);
  context.emit({ type: 'log', text: told });
  const modelInfo = {
    ...describeModel(model, experiment.strategy, phases, title, width),
    preprocessing: told,
  };
  return { dataset, model, phases, modelInfo };
}

/** Tells what will be trained, on what, and where. */
export function preparedEvent(
  { epochs }: Experiment,
  { modelInfo, dataset }: Prepared,
  engine: Engine,
  stepsPerEpoch: number,
): RunEvent {
  const device = engine.device.text;
  return { type: 'prepared', model: modelInfo, data: dataset.info, device, epochs, stepsPerEpoch };
}

/** Draws the random changes that an experiment asks for; undefined: none. */
export function augmenterOf(
  { augmentation: given, seed }: Experiment,
  dataset: Dataset,
): Augmenter | undefined {
  const augmentation = readAugmentation(given);
  return augmentation && createAugmenter(augmentation, dataset, seed);
}

/** A download's progress, at most four times a second, and what it waits for. */
function reportDownload(context: RunContext): Required<Pick<OpenOptions, 'onDownload' | 'onWait'>> {
  let lastMs = -Infinity;
  let amount: { readonly done: number; readonly total: number } | undefined;
  return {
    onDownload(done, total) {
      amount = { done, total };
      const now = performance.now();
      if (now - lastMs < 250 && done < total) return;
      lastMs = now;
      context.emit({ type: 'preparing', phase: 'downloadingWeights', ...amount });
    },
    onWait(seconds, reason) {
      const waiting = seconds > 0 ? `${reason}: next attempt in ${Math.ceil(seconds)} s` : reason;
      context.emit({ type: 'preparing', phase: 'downloadingWeights', ...amount, waiting });
    },
  };
}

async function loadData(
  experiment: Experiment,
  context: RunContext,
  preprocessing: Preprocessing,
): Promise<Dataset> {
  context.emit({ type: 'preparing', phase: 'loadingData', done: 0 });
  const report = (done: number, total: number): void => {
    if (done % 100 === 0 || done === total)
      context.emit({ type: 'preparing', phase: 'loadingData', done, total });
  };
  const { data } = experiment;
  const { experimentDirectory: directory, shared } = context;
  const load = (): Promise<Dataset> => loadImages(data, directory, preprocessing, report);
  const key = JSON.stringify([data, directory, preprocessing]);
  const dataset = await (shared ? shared.once('data', key, load) : load());
  const { skipped, counts, report: dataReport } = dataset.info;
  if (skipped.length > 0) context.emit(skippedWarning(skipped));
  // The files stand in the data's own view, and would make the journal long.
  for (const { code, message, remedy } of dataReport?.warnings ?? [])
    context.emit({ type: 'warning', problem: { code, message, remedy } });
  requireBatch(experiment.batchSize, counts.train, dataset.info.name);
  return dataset;
}

/** @throws {LearnerError} if not one batch can be filled */
export function requireBatch(batchSize: number, train: number, name: string): void {
  if (batchSize <= train) return;
  throw new LearnerError({
    code: 'batch-larger-than-data',
    message: `batchSize is ${batchSize}, but ${name} has only ${train} training pictures.`,
    remedy: `Set batchSize to ${Math.max(2, Math.floor(train / 2))} or less.`,
  });
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

/** What augmentation means where layers are frozen; undefined where there is nothing to tell. */
export function variantsWarning({ augmentation: given }: Experiment): RunEvent | undefined {
  const augmentation = readAugmentation(given);
  if (!augmentation || onlyFlips(augmentation.steps)) return undefined;
  const { variants } = augmentation;
  return {
    type: 'warning',
    problem: {
      code: 'augmentation-variants',
      message: `While layers are frozen, each training picture is seen in ${variants} random versions and no new ones: the frozen layers run once for each version, and their output is kept.`,
      remedy:
        'Set "variants" in augmentation for more versions; where all layers train, every epoch draws new ones.',
    },
  };
}

function describeModel(
  model: TransferModel,
  { settings }: Strategy,
  phases: readonly Phase[],
  weights: string,
  width: number | undefined,
): ModelInfo {
  const parts = partsOf(model);
  const [first = [], ...later] = phases.map((phase) => whatTrains(parts, phase, settings.batchNorm));
  const trained = new Set([first, ...later].flat().flatMap(({ trains }) => [...trains]));
  const all = parts.flatMap(({ parameters }) => parameters);
  const sizeOf = (some: typeof all): number => some.reduce((sum, { size }) => sum + size, 0);
  const narrow = width === undefined || width === 64 ? '' : `, width ${width}`;
  return {
    name: `${model.architecture}${narrow}`,
    weights,
    parameters: sizeOf(all),
    trainableParameters: sizeOf(all.filter(({ name }) => trained.has(name))),
    layerGroups: groupInfos(parts, first),
  };
}

/** Changes when something changes that training depends on. Functions count by their source. */
export function experimentFingerprint(experiment: Experiment, phases: readonly Phase[]): string {
  const plain = { ...experiment, strategy: { settings: experiment.strategy.settings, phases } };
  return JSON.stringify(plain, (_, value: unknown) => (typeof value === 'function' ? String(value) : value));
}
