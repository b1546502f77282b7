import { LearnerError } from '../../protocol/errors';
import type { TransferModel } from './model';
import { createResNet, RESNETS, type ResNetName } from './resnet';

export interface ArchitectureOptions {
  readonly numClasses: number;
  readonly seed: number;
  /** Channels of the first stage. Default: the published network's. */
  readonly width?: number;
}

export interface Architecture {
  readonly name: string;
  /** What the embedded zoo has of it: a folder of media/models. */
  readonly embedded?: string;
  /** For the training of narrow networks: the width that a checkpoint was made with, from its tensors' shapes. */
  widthFrom(shapes: ReadonlyMap<string, readonly number[]>): number | undefined;
  create(options: ArchitectureOptions): TransferModel;
}

function resnet(name: ResNetName, embedded?: string): Architecture {
  return {
    name,
    ...(embedded === undefined ? {} : { embedded }),
    widthFrom: (shapes) => shapes.get('conv1.weight')?.[0],
    create: ({ numClasses, seed, width = 64 }) =>
      createResNet(name, { ...RESNETS[name], numClasses, width }, seed),
  };
}

/** Every network that can be trained. A new one is a file and a line here. */
const table: readonly Architecture[] = [
  resnet('resnet18', 'resnet18-narrow'),
  resnet('resnet34'),
  resnet('resnet50'),
  resnet('resnet101'),
  resnet('resnet152'),
];

/** @throws {LearnerError} 'unknown-architecture', naming those that exist */
export function findArchitecture(name: string): Architecture {
  const found = table.find((candidate) => candidate.name === name);
  if (found) return found;
  const names = table.map((architecture) => architecture.name).join(', ');
  throw new LearnerError({
    code: 'unknown-architecture',
    message: `There is no network "${name}". Networks: ${names}.`,
    remedy: `Use one of: ${names}.`,
  });
}

export const architectures = table;
