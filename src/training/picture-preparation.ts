import type { RunEvent } from '../protocol/events';
import type { PictureDataset } from './data/dataset';
import { loadImages } from './data/load-images';
import { isTextData, type Experiment, type ImageSource } from './experiment';
import type { PictureArchitecture } from './models';
import { requireBatch, requireClasses, wrongData, type ItemsAndNetwork } from './items-and-network';
import type { RunContext } from './run-context';
import { loadWeights, type Checkpoint } from './weights/load';
import { describePreprocessing, IMAGENET, type Preprocessing } from './weights/preprocessing';

export type LoadPictures = (
  source: ImageSource,
  context: RunContext,
  preprocessing: Preprocessing,
) => Promise<PictureDataset>;

/** Pictures, prepared as the checkpoint wants them, and the network that reads them. */
export async function preparePictures(
  experiment: Experiment,
  context: RunContext,
  architecture: PictureArchitecture,
  checkpoint: Checkpoint | undefined,
  load: LoadPictures = (source, _, preprocessing) => loadData(source, experiment, context, preprocessing),
): Promise<ItemsAndNetwork> {
  const { data, model: choice, seed, strategy } = experiment;
  if (isTextData(data)) throw wrongData(architecture.name, 'pictures');
  const preprocessing = checkpoint?.preprocessing ?? IMAGENET;
  const dataset = await load(data, context, preprocessing);
  context.emit({ type: 'preparing', phase: 'loadingWeights' });
  const numClasses = requireClasses(choice.numClasses, dataset);
  const shapes = new Map([...(checkpoint?.content.tensors ?? [])].map(([name, { shape }]) => [name, shape]));
  const width = architecture.widthFrom(shapes);
  const model = architecture.create({
    numClasses,
    seed,
    shapes,
    deferred: checkpoint !== undefined,
    ...(checkpoint?.dropout === undefined ? {} : { dropout: checkpoint.dropout }),
  });
  if (choice.head) model.resetHead(numClasses, choice.head);
  const loaded = checkpoint && strategy.pretrained ? loadWeights(model, checkpoint) : undefined;
  const { mean, std, inputSize, ...rest } = preprocessing;
  return {
    dataset,
    model,
    ...(loaded?.headSkipped === undefined ? {} : { headSkipped: loaded.headSkipped }),
    size: width === undefined || width === 64 ? '' : `width ${width}`,
    told: describePreprocessing(preprocessing, data.imageSize),
    preparation: {
      imageSize: data.imageSize,
      preprocessing: {
        ...rest,
        mean: [...mean],
        std: [...std],
        ...(inputSize === undefined ? {} : { inputSize }),
      },
    },
  };
}

async function loadData(
  data: ImageSource,
  { batchSize }: Experiment,
  context: RunContext,
  preprocessing: Preprocessing,
): Promise<PictureDataset> {
  context.emit({ type: 'preparing', phase: 'loadingData', done: 0 });
  const report = (done: number, total: number): void => {
    if (done % 100 === 0 || done === total)
      context.emit({ type: 'preparing', phase: 'loadingData', done, total });
  };
  const { experimentDirectory: directory, shared } = context;
  const load = (): Promise<PictureDataset> => loadImages(data, directory, preprocessing, report);
  const key = JSON.stringify([data, directory, preprocessing]);
  const dataset = await (shared ? shared.once('data', key, load) : load());
  const { skipped, counts, report: dataReport } = dataset.info;
  if (skipped.length > 0) context.emit(skippedWarning(skipped));
  // The files stand in the data's own view, and would make the journal long.
  for (const { code, message, remedy } of dataReport?.warnings ?? [])
    context.emit({ type: 'warning', problem: { code, message, remedy } });
  requireBatch(batchSize, counts.train, dataset.info.name, 'pictures');
  return dataset;
}

function skippedWarning(skipped: PictureDataset['info']['skipped']): RunEvent {
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
