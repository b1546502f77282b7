import { LearnerError } from '../protocol/errors';
import type { FreezeMap, TrainingPlan } from '../protocol/freeze-map';
import { listImages } from './data/load-images';
import { createEngine } from './engine/engine';
import { settingsKey } from './estimate/settings';
import type { Experiment } from './experiment';
import { freezeMap, type ModelDescription } from './freeze-map';
import { findArchitecture } from './models';
import { describeNetwork } from './models/describe';
import type { Strategy } from './strategies/strategy';
import { checkpointHere } from './weights/checkpoint-here';

/** Sizes of the network as they would be, from the head of the weights' file. */
type Shapes = ReadonlyMap<string, readonly number[]>;

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
  const architecture = findArchitecture(choice.architecture);
  const shapes = await shapesOf(experiment, directory, assumptions);
  const numClasses = choice.numClasses ?? (await classesOf(experiment, directory, assumptions));
  const engine = await createEngine({ native: false });
  const model = architecture.create({ numClasses, seed: 1, shapes, deferred: true });
  try {
    if (choice.head) model.resetHead(numClasses, choice.head);
    const width = architecture.widthFrom(shapes);
    const names = model.layerGroups.map((group) => group.name);
    return {
      experiment: name,
      settings: settingsKey(experiment, strategy.plan(names, epochs)),
      batchSize,
      strategy: strategy.title,
      model: `${choice.architecture}${width === undefined || width === 64 ? '' : `, width ${width}`}`,
      imageSize: data.imageSize,
      epochs,
      maps: freezeMaps(describeNetwork(model, data.imageSize), strategy, epochs),
      assumptions,
    };
  } finally {
    model.dispose();
    engine.dispose();
  }
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

async function shapesOf({ model }: Experiment, directory: string, assumptions: string[]): Promise<Shapes> {
  const checkpoint = await checkpointHere(model, directory);
  if (checkpoint === 'elsewhere')
    assumptions.push(
      `The weights of ${model.weights ?? ''} are not on this computer yet; the sizes are those of the published ${model.architecture}.`,
    );
  if (typeof checkpoint === 'string') return new Map();
  return new Map([...checkpoint.content.tensors].map(([name, { shape }]) => [name, shape]));
}

/** Stands in where the data cannot be read: it only changes how large the head is. */
const USUAL_CLASSES = 10;

async function classesOf({ data }: Experiment, directory: string, assumptions: string[]): Promise<number> {
  try {
    const { classNames } = await listImages(data, directory);
    if (classNames.length >= 2) return classNames.length;
    assumptions.push(`${data.path} has fewer than two classes; the head is shown for ${USUAL_CLASSES}.`);
  } catch (error) {
    if (!(error instanceof LearnerError)) throw error;
    assumptions.push(`${error.message} The head is shown for ${USUAL_CLASSES} classes.`);
  }
  return USUAL_CLASSES;
}
