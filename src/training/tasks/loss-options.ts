import { readAugmentation } from '../data/augmentation/augmentation';
import type { Dataset } from '../data/dataset';
import type { Experiment } from '../experiment';
import { classWeightsOf } from './class-weights';
import type { ClassificationLoss } from './image-classification';

/**
 * What an experiment says about its loss, with class weights counted out on its data.
 * @throws {LearnerError} 'class-weights-invalid'
 */
export function lossOf(
  { loss: own, labelSmoothing, classWeights, augmentation }: Experiment,
  { classNames, splits }: Pick<Dataset, 'classNames' | 'splits'>,
  numClasses: number,
): ClassificationLoss {
  return {
    ...(own ? { own } : {}),
    ...(labelSmoothing === undefined ? {} : { labelSmoothing }),
    ...(classWeights === undefined
      ? {}
      : { classWeights: classWeightsOf(classWeights, classNames, splits.train.labels, numClasses) }),
    softLabels: readAugmentation(augmentation)?.steps.some(({ name }) => name === 'mixup') ?? false,
  };
}
