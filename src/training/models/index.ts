import { LearnerError } from '../../protocol/errors';
import type { HeadFunction } from '../experiment';
import type { BertPooling } from './bert';
import { bertArchitecture } from './bert-architecture';
import type { Network, TransferModel } from './model';
import { createResNet, RESNETS, type ResNetName } from './resnet';
import { createVgg, TIMM_NAMES, VGG_NAMES, vggLayers, vggSizes, type VggName } from './vgg';

export interface ArchitectureOptions {
  readonly numClasses: number;
  readonly seed: number;
  /** Channels of the first stage. Default: the published network's. */
  readonly width?: number;
  /** Shapes of the checkpoint that will be loaded, by name: other sizes than the published ones follow from them. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  /** Share of hidden units that dropout leaves out, in networks that have it. Default: the published network's. */
  readonly dropout?: number;
  /** Weights will be loaded: draw none now. Call `store.drawPending` for those that were not. */
  readonly deferred?: boolean;
}

interface NamedArchitecture {
  readonly name: string;
  /** What the embedded zoo has of it: a folder of media/models. */
  readonly embedded?: string;
  /** Other libraries' names for the same tensors: beginnings, and what they are here. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Repositories of the Hub that were once written without an owner, and where they are now. */
  readonly formerNames?: Readonly<Record<string, string>>;
}

export interface TextNetworkOptions {
  readonly numClasses: number;
  readonly seed: number;
  /** Content of the checkpoint's config.json; undefined where there is no checkpoint. */
  readonly config: unknown;
  /** Of the checkpoint, for messages. */
  readonly title: string;
  /** Without a checkpoint: which of the published sizes. */
  readonly size?: string;
  /** Only the first of its layers. */
  readonly layers?: number;
  readonly pooling?: BertPooling;
  /** What gets an answer: the whole text (default), or each of its tokens. */
  readonly answers?: 'texts' | 'tokens';
  /** In place of the checkpoint's rates. */
  readonly dropout?: number;
  readonly head?: HeadFunction;
  readonly deferred?: boolean;
}

/** A network that reads texts. */
export interface TextArchitecture extends NamedArchitecture {
  readonly reads: 'texts';
  create(options: TextNetworkOptions): Network;
  /** The groups that a strategy chooses from, from input to output. */
  groupNames(
    options: Pick<TextNetworkOptions, 'config' | 'title' | 'size' | 'layers' | 'pooling' | 'answers'>,
  ): string[];
  /** Those of a checkpoint's tensors that such a network has, under its names. */
  tensors<T>(tensors: ReadonlyMap<string, T>, options: TextNetworkOptions): Map<string, T>;
}

/** A network that reads pictures. */
export interface PictureArchitecture extends NamedArchitecture {
  readonly reads: 'pictures';
  /** For the training of narrow networks: the width that a checkpoint was made with, from its tensors' shapes. */
  widthFrom(shapes: ReadonlyMap<string, readonly number[]>): number | undefined;
  create(options: ArchitectureOptions): TransferModel;
}

export type Architecture = PictureArchitecture | TextArchitecture;

function resnet(name: ResNetName, embedded?: string): PictureArchitecture {
  return {
    reads: 'pictures',
    name,
    ...(embedded === undefined ? {} : { embedded }),
    widthFrom: (shapes) => shapes.get('conv1.weight')?.[0],
    create: ({ numClasses, seed, shapes, width = shapes?.get('conv1.weight')?.[0] ?? 64, deferred }) =>
      createResNet(name, { ...RESNETS[name], numClasses, width }, seed, deferred),
  };
}

function vgg(name: VggName, embedded?: string): PictureArchitecture {
  return {
    reads: 'pictures',
    name,
    ...(embedded === undefined ? {} : { embedded }),
    aliases: TIMM_NAMES,
    widthFrom: (shapes) => shapes.get('features.0.weight')?.[0],
    create: ({
      numClasses,
      seed,
      width,
      shapes = new Map<string, readonly number[]>(),
      dropout,
      deferred,
    }) => {
      const sizes = vggSizes(shapes);
      // A narrow network without a checkpoint: its classifier is narrow too.
      const narrow = width === undefined ? {} : { width };
      const hidden = width === undefined || shapes.size > 0 ? {} : { hiddenSize: 64 * width };
      return createVgg(
        name,
        {
          ...vggLayers(name),
          ...sizes,
          ...narrow,
          ...hidden,
          ...(dropout === undefined ? {} : { dropout }),
          numClasses,
        },
        seed,
        deferred,
      );
    },
  };
}

/** Every network that can be trained. A new one is a file and a line here. */
const table: readonly Architecture[] = [
  resnet('resnet10', 'resnet10-narrow'),
  resnet('resnet18', 'resnet18-narrow'),
  resnet('resnet34', 'resnet34-narrow'),
  resnet('resnet50'),
  resnet('resnet101'),
  resnet('resnet152'),
  ...VGG_NAMES.map((name) => vgg(name, name === 'vgg11_bn' ? 'vgg11-narrow' : undefined)),
  bertArchitecture,
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

/** @throws {LearnerError} 'unknown-architecture', or 'reads-texts' where it reads no pictures */
export function findPictureArchitecture(name: string): PictureArchitecture {
  const found = findArchitecture(name);
  if (found.reads === 'pictures') return found;
  throw new LearnerError({
    code: 'reads-texts',
    message: `${name} reads texts, no pictures.`,
    remedy: 'Use resnet18(…) or another network for pictures.',
  });
}

export const architectures = table;
