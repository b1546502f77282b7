import { basename, extname } from 'node:path';
import type { Conversions, DataReport, DataWarning, NearDuplicate } from '../../protocol/data-report';
import type { SplitName } from './dataset';
import type { Gathered, Picture } from './listing';
import { looksAlike } from './perceptual-hash';

const LISTED = 50;
/** Fewer training pictures than this seldom show what a class has in common. */
const FEW = 10;
const IMBALANCE = 3;
const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

export function describeData(gathered: Gathered): DataReport {
  const { listing, splits, drawn, skipped } = gathered;
  const pictures = SPLITS.flatMap((name) => splits[name]);
  const count = (name: SplitName, label: number): number =>
    splits[name].filter((picture) => picture.label === label).length;
  const classes = listing.classNames.map((className, label) => ({
    className,
    train: count('train', label),
    val: count('val', label),
    test: count('test', label),
  }));
  const near = nearDuplicates(splits);
  const formats: Record<string, number> = {};
  for (const { facts } of pictures) formats[facts.format] = (formats[facts.format] ?? 0) + 1;
  const known = { classes, near, pictures };
  return {
    name: basename(listing.root),
    root: listing.root,
    split: drawn ? 'drawn' : 'given',
    classes,
    ...sizesOf(pictures),
    formats,
    conversions: conversionsOf(pictures),
    skipped: { count: skipped.length, files: skipped.slice(0, LISTED) },
    duplicates: gathered.duplicates,
    nearDuplicates: near,
    warnings: [
      ...emptyClasses(known),
      ...imbalance(known),
      ...tinyClasses(known),
      ...conflicts(gathered),
      ...nearDuplicateWarning(known),
      ...wrongExtensions(known),
      ...animated(known),
    ],
  };
}

interface Known {
  readonly classes: DataReport['classes'];
  readonly near: DataReport['nearDuplicates'];
  readonly pictures: readonly Picture[];
}

/** Pairs of which one side is trained on, or one validates and the other tests. */
function nearDuplicates(splits: Gathered['splits']): DataReport['nearDuplicates'] {
  const pairs: NearDuplicate[] = [];
  let count = 0;
  for (const [split, otherSplit] of [
    ['val', 'train'],
    ['test', 'train'],
    ['test', 'val'],
  ] as const)
    for (const { file, look } of splits[split])
      for (const other of splits[otherSplit])
        if (looksAlike(look, other.look) && ++count <= LISTED)
          pairs.push({ file, split, other: other.file, otherSplit });
  return { count, pairs };
}

function sizesOf(pictures: readonly Picture[]): Pick<DataReport, 'sizes'> {
  const sorted = pictures
    .map(({ facts: { width, height } }) => [width, height] as const)
    .sort(([w1, h1], [w2, h2]) => w1 * h1 - w2 * h2);
  const [smallest, median, largest] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  return smallest && median && largest ? { sizes: { smallest, median, largest } } : {};
}

function conversionsOf(pictures: readonly Picture[]): Conversions {
  const count = (kind: keyof Conversions): number => pictures.filter(({ facts }) => facts[kind]).length;
  return {
    greyscale: count('greyscale'),
    cmyk: count('cmyk'),
    sixteenBit: count('sixteenBit'),
    alpha: count('alpha'),
    animated: count('animated'),
    rotated: count('rotated'),
  };
}

function emptyClasses({ classes }: Known): DataWarning[] {
  if (classes.length === 0) {
    return [
      {
        code: 'data-folder-empty',
        message: 'There are no pictures in class folders.',
        remedy: 'Put a folder per class into it, each with pictures (png, jpg, webp).',
      },
    ];
  }
  const empty = classes.filter(({ train, val }) => train === 0 || val === 0);
  if (classes.length >= 2 && empty.length === 0) return [];
  return [
    {
      code: classes.length < 2 ? 'data-one-class' : 'data-class-empty',
      message:
        classes.length < 2
          ? `There is one class only: ${classes[0]?.className ?? ''}.`
          : `No usable pictures to train on or to validate with in: ${empty.map(({ className }) => className).join(', ')}.`,
      remedy:
        'Give each of at least two classes two or more readable pictures that differ; a run needs them.',
    },
  ];
}

function imbalance({ classes }: Known): DataWarning[] {
  const sorted = [...classes].sort((a, b) => b.train - a.train);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (!most || !least || least.train === 0 || most.train < IMBALANCE * least.train) return [];
  return [
    {
      code: 'data-imbalanced',
      message: `Classes are of unlike size: ${most.className} has ${most.train} training pictures, ${least.className} has ${least.train}. A network that always answers ${most.className} is often right.`,
      remedy:
        "Add pictures to the small classes, or set classWeights: 'balanced'; and look at macro F1 beside accuracy.",
    },
  ];
}

function tinyClasses({ classes }: Known): DataWarning[] {
  const tiny = classes.filter(({ train }) => train > 0 && train < FEW);
  if (tiny.length === 0) return [];
  return [
    {
      code: 'data-tiny-class',
      message: `Few pictures to train on: ${listed(tiny.map(({ className, train }) => `${className} (${train})`))}.`,
      remedy: `Add pictures until each class has ${FEW} or more, or use augmentation; scores of tiny classes vary by chance.`,
    },
  ];
}

function conflicts({ conflicts: found, listing }: Gathered): DataWarning[] {
  if (found.length === 0) return [];
  const nameOf = ({ label }: Picture): string => listing.classNames[label] ?? '';
  return [
    {
      code: 'data-conflicting-labels',
      message: `The same picture is in two classes, ${times(found.length)}: ${listed(
        found.map(({ item, same }) => `${basename(item.file)} (${nameOf(item)} and ${nameOf(same)})`),
      )}. Only one of each pair is used.`,
      remedy: 'Decide which class is right, and delete the other copy.',
      files: found.flatMap(({ item, same }) => [item.file, same.file]).slice(0, LISTED),
    },
  ];
}

function nearDuplicateWarning({ near: { count, pairs } }: Known): DataWarning[] {
  if (count === 0) return [];
  return [
    {
      code: 'data-near-duplicates',
      message: `Pictures that look almost the same lie on both sides of the split, ${times(count)}: ${listed(
        pairs.map(
          ({ file, split, other, otherSplit }) =>
            `${basename(file)} (${split}) and ${basename(other)} (${otherSplit})`,
        ),
        count,
      )}. The score may be better than on new pictures.`,
      remedy: 'Look at them; keep each group of such pictures on one side, with train, val and test folders.',
      files: pairs.flatMap(({ file, other }) => [file, other]).slice(0, LISTED),
    },
  ];
}

function wrongExtensions({ pictures }: Known): DataWarning[] {
  const wrong = pictures.filter(({ facts }) => facts.wrongExtension);
  if (wrong.length === 0) return [];
  return [
    {
      code: 'data-wrong-extension',
      message: `The name promises another kind of picture than the content is, ${times(wrong.length)}: ${listed(
        wrong.map(({ file, facts }) => `${basename(file)} is ${facts.format}, not ${extname(file)}`),
      )}. They are read by their content.`,
      remedy: 'Rename them, so that other programs can read them too.',
      files: filesOf(wrong),
    },
  ];
}

function animated({ pictures }: Known): DataWarning[] {
  const moving = pictures.filter(({ facts }) => facts.animated);
  if (moving.length === 0) return [];
  return [
    {
      code: 'data-animated',
      message: `Of animated pictures only the first frame is used, ${times(moving.length)}: ${listed(moving.map(({ file }) => basename(file)))}.`,
      remedy: 'Save the frame that shows the class as a picture of its own.',
      files: filesOf(moving),
    },
  ];
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

const filesOf = (pictures: readonly Picture[]): string[] => pictures.slice(0, LISTED).map(({ file }) => file);

/** @param count of all, where `items` are the first of them */
function listed(items: readonly string[], count = items.length): string {
  const rest = count > 3 ? ` and ${count - 3} more` : '';
  return items.slice(0, 3).join(', ') + rest;
}
