import { LearnerError } from '../protocol/errors';
import type { AnyDataset, Dataset } from './data/dataset';
import type { Network } from './models/model';
import type { JsonValue } from './run-context';

/** What a kind of data makes of an experiment. */
export interface ItemsAndNetwork {
  readonly dataset: AnyDataset;
  readonly model: Network;
  /** What config.json beside saved weights says of how items were prepared. */
  readonly preparation: Readonly<Record<string, JsonValue>>;
  /** Texts of files that are saved beside weights, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Why the checkpoint's head was left out; absent: it was not. */
  readonly headSkipped?: string;
  /** Where the network is not the published size: 'width 24'. */
  readonly size: string;
  /** How items were prepared, in words. */
  readonly told: string;
}

/** @throws {LearnerError} 'too-few-classes' @returns how many classes the head tells apart */
export function requireClasses(asked: number | undefined, { classNames, info }: Dataset): number {
  const numClasses = asked ?? classNames.length;
  if (numClasses >= classNames.length) return numClasses;
  throw new LearnerError({
    code: 'too-few-classes',
    message: `numClasses is ${numClasses}, but ${info.name} has ${classNames.length} classes.`,
    remedy: `Leave numClasses out, or set it to ${classNames.length} or more.`,
  });
}

export const wrongData = (architecture: string, reads: 'pictures' | 'texts'): LearnerError =>
  new LearnerError({
    code: 'wrong-data',
    message: `${architecture} reads ${reads}, but the experiment's data is ${reads === 'pictures' ? 'texts' : 'pictures'}.`,
    remedy:
      reads === 'pictures'
        ? 'Use imageFolder(…) or imageCsv(…), or a network that reads texts, such as bert(…).'
        : 'Use textFile(…) or textFolder(…), or a network that reads pictures, such as resnet18(…).',
  });

/** @throws {LearnerError} if not one batch can be filled */
export function requireBatch(
  batchSize: number,
  train: number,
  name: string,
  what: 'pictures' | 'texts',
): void {
  if (batchSize <= train) return;
  throw new LearnerError({
    code: 'batch-larger-than-data',
    message: `batchSize is ${batchSize}, but ${name} has only ${train} training ${what}.`,
    remedy: `Set batchSize to ${Math.max(2, Math.floor(train / 2))} or less.`,
  });
}
