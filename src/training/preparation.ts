import type { ModelInfo, RunEvent } from '../protocol/events';
import { onlyFlips, readAugmentation } from './data/augmentation/augmentation';
import { createAugmenter, type Augmenter } from './data/augmentation/augmenter';
import type { AnyDataset } from './data/dataset';
import type { Engine } from './engine/types';
import type { Experiment } from './experiment';
import { findArchitecture } from './models';
import { groupInfos } from './freeze-map';
import { partsOf, type Network } from './models/model';
import type { ItemsAndNetwork } from './items-and-network';
import { preparePictures, type LoadPictures } from './picture-preparation';
import type { RunContext } from './run-context';
import type { Phase, Strategy } from './strategies/strategy';
import { requireParameters, trainableGroups, whatTrains } from './strategies/what-trains';
import { prepareTexts } from './text-preparation';
import { openCheckpoint, type OpenOptions } from './weights/load';

/** Everything that training needs, before anything is compiled. */
export interface Prepared extends Required<
  Pick<ItemsAndNetwork, 'dataset' | 'model' | 'preparation' | 'files'>
> {
  readonly phases: readonly Phase[];
  readonly modelInfo: ModelInfo;
}

/**
 * Loads items and weights and makes the strategy's plan.
 * @param load in place of reading all pictures
 * @throws {LearnerError} for all that a learner can mend
 */
export async function prepare(
  experiment: Experiment,
  context: RunContext,
  load?: LoadPictures,
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
  const made =
    architecture.reads === 'texts'
      ? await prepareTexts(experiment, context, architecture, checkpoint)
      : await preparePictures(experiment, context, architecture, checkpoint, load);
  const { dataset, model, headSkipped, size, told, preparation, files = {} } = made;
  if (headSkipped !== undefined) context.emit({ type: 'log', text: headSkipped });
  model.store.drawPending();
  const parts = partsOf(model);
  const phases = experiment.strategy.plan(trainableGroups(parts), experiment.epochs);
  requireParameters(parts, phases);
  context.emit({ type: 'log', text: told });
  const title = checkpoint && experiment.strategy.pretrained ? checkpoint.title : 'random';
  const modelInfo = {
    ...describeModel(model, experiment.strategy, phases, title, size),
    preprocessing: told,
  };
  return { dataset, model, phases, modelInfo, preparation, files };
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
  dataset: AnyDataset,
): Augmenter | undefined {
  if (dataset.kind !== 'pictures') return undefined;
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
  model: Network,
  { settings }: Strategy,
  phases: readonly Phase[],
  weights: string,
  size: string,
): ModelInfo {
  const parts = partsOf(model);
  const [first = [], ...later] = phases.map((phase) => whatTrains(parts, phase, settings.batchNorm));
  const trained = new Set([first, ...later].flat().flatMap(({ trains }) => [...trains]));
  const all = parts.flatMap(({ parameters }) => parameters);
  const sizeOf = (some: typeof all): number => some.reduce((sum, { size }) => sum + size, 0);
  return {
    name: `${model.architecture}${size === '' ? '' : `, ${size}`}`,
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
