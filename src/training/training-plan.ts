import { LearnerError } from '../protocol/errors';
import type { FreezeMap, TrainingPlan } from '../protocol/freeze-map';
import { listImages } from './data/load-images';
import { listTextData } from './data/text/load-texts';
import { createEngine } from './engine/engine';
import { settingsKey } from './estimate/settings';
import { isTextData, type Experiment } from './experiment';
import { freezeMap, type ModelDescription } from './freeze-map';
import { findArchitecture } from './models';
import { describeNetwork, pictureOf, textOf, type ItemSpec } from './models/describe';
import { partsOf, type Network } from './models/model';
import { wrongData } from './items-and-network';
import type { Strategy } from './strategies/strategy';
import { trainableGroups } from './strategies/what-trains';
import { networkOptions, sizeInWords } from './text-preparation';
import { checkpointHere } from './weights/checkpoint-here';
import type { Checkpoint } from './weights/load';

/**
 * What an experiment would train. Trains nothing, opens no picture and no connection; what cannot be known this way is
 * assumed, and said.
 * @throws {LearnerError} where a run would not begin either: unknown layers, weights that are not there
 */
export async function planTraining(
  name: string,
  experiment: Experiment,
  directory: string,
): Promise<TrainingPlan> {
  const { model: choice, data, strategy, epochs, batchSize } = experiment;
  const assumptions: string[] = [];
  const numClasses = choice.numClasses ?? (await classesOf(experiment, directory, assumptions));
  const checkpoint = await checkpointOf(experiment, directory, assumptions);
  const engine = await createEngine({ native: false });
  const { model, size, item, items } = emptyNetwork(experiment, checkpoint, numClasses);
  if (isTextData(data))
    assumptions.push(
      `Costs are those of a text of ${data.maxTokens} tokens, the longest that maxTokens lets through; shorter ones cost less.`,
    );
  try {
    return {
      experiment: name,
      settings: settingsKey(experiment, strategy.plan(trainableGroups(partsOf(model)), epochs)),
      batchSize,
      strategy: strategy.title,
      model: `${choice.architecture}${size === '' ? '' : `, ${size}`}`,
      items,
      epochs,
      maps: freezeMaps(describeNetwork(model, item), strategy, epochs),
      assumptions,
    };
  } finally {
    model.dispose();
    engine.dispose();
  }
}

interface EmptyNetwork {
  readonly model: Network;
  readonly size: string;
  readonly item: ItemSpec;
  /** In words. */
  readonly items: string;
}

/** The network without its weights. */
function emptyNetwork(
  experiment: Experiment,
  checkpoint: Checkpoint | undefined,
  numClasses: number,
): EmptyNetwork {
  const { data, model: choice } = experiment;
  const architecture = findArchitecture(choice.architecture);
  if (architecture.reads === 'texts') {
    if (!isTextData(data)) throw wrongData(architecture.name, 'texts');
    const options = networkOptions(experiment, checkpoint, numClasses);
    const model = architecture.create({ ...options, deferred: true });
    const items = `texts of up to ${data.maxTokens} tokens`;
    return { model, size: sizeInWords(model), item: textOf(data.maxTokens), items };
  }
  if (isTextData(data)) throw wrongData(architecture.name, 'pictures');
  const shapes = new Map([...(checkpoint?.content.tensors ?? [])].map(([name, { shape }]) => [name, shape]));
  const model = architecture.create({ numClasses, seed: 1, shapes, deferred: true });
  if (choice.head) model.resetHead(numClasses, choice.head);
  const width = architecture.widthFrom(shapes);
  const { imageSize } = data;
  return {
    model,
    size: width === undefined || width === 64 ? '' : `width ${width}`,
    item: pictureOf(imageSize),
    items: `pictures of ${imageSize} x ${imageSize} pixels`,
  };
}

/** A map for each part of the strategy. */
function freezeMaps(description: ModelDescription, strategy: Strategy, epochs: number): FreezeMap[] {
  const maps = [freezeMap(description, strategy, { epochs, epoch: 1 })];
  for (let last = maps[0]; last;) {
    const next = last.phase.firstEpoch + last.phase.epochs;
    if (next > epochs) break;
    last = freezeMap(description, strategy, { epochs, epoch: next });
    maps.push(last);
  }
  return maps;
}

async function checkpointOf(
  { model }: Experiment,
  directory: string,
  assumptions: string[],
): Promise<Checkpoint | undefined> {
  const checkpoint = await checkpointHere(model, directory);
  if (checkpoint === 'elsewhere')
    assumptions.push(
      `The weights of ${model.weights ?? ''} are not on this computer yet; the sizes are those of the published ${model.architecture}.`,
    );
  return typeof checkpoint === 'string' ? undefined : checkpoint;
}

/** Stands in where the data cannot be read: it only changes how large the head is. */
const USUAL_CLASSES = 10;

async function classesOf({ data }: Experiment, directory: string, assumptions: string[]): Promise<number> {
  try {
    if (data.kind === 'tagged-file') return USUAL_CLASSES;
    const { classNames } = isTextData(data)
      ? await listTextData(data, directory)
      : await listImages(data, directory);
    if (classNames.length >= 2) return classNames.length;
    assumptions.push(`${data.path} has fewer than two classes; the head is shown for ${USUAL_CLASSES}.`);
  } catch (error) {
    if (!(error instanceof LearnerError)) throw error;
    assumptions.push(`${error.message} The head is shown for ${USUAL_CLASSES} classes.`);
  }
  return USUAL_CLASSES;
}
