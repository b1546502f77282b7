import type { Conversions, DataReport } from '../../protocol/data-report';
import type { DataLook, Preparation } from '../../protocol/data-view';

export const SPLIT_WORDS = { train: 'training', val: 'validation', test: 'test' } as const;
export type SplitName = keyof typeof SPLIT_WORDS;
export const SPLITS = ['train', 'val', 'test'] as const;

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const totalOf = ({ classes }: Pick<DataReport, 'classes'>, split: SplitName): number =>
  classes.reduce((sum, row) => sum + row[split], 0);

export function summary(report: Pick<DataReport, 'classes'>): string {
  const [train, val, test] = SPLITS.map((split) => totalOf(report, split));
  return (
    `${counted(report.classes.length, 'class', 'classes')}, ${counted(train ?? 0, 'picture')} to train on, ` +
    `${(val ?? 0).toLocaleString('en')} to validate with, ${test ? test.toLocaleString('en') : 'none'} for the test.`
  );
}

/** How the split came about, one sentence each. */
export function splitSentences({ report, draw, listedBy }: DataLook): string[] {
  const share = `${Number((draw.valFraction * 100).toFixed(1))} %`;
  const by = listedBy === 'csv' ? 'the column "split" of the list' : 'the folders train, val and test';
  const test = totalOf(report, 'test') > 0;
  return [
    report.split === 'drawn'
      ? `${share} of each class, at least one picture, were drawn for validation (stratified: both sides have the same mix of classes). Seed ${draw.seed} draws the same ones each time.`
      : `It is given by ${by}; nothing was drawn.`,
    report.split === 'drawn' && !test
      ? 'No pictures are set aside for a test, so the score of the best epoch is that on validation: a little too good, because these pictures chose the epoch.'
      : '',
    duplicateSentence(report),
  ].filter((sentence) => sentence !== '');
}

function duplicateSentence({ duplicates = 0 }: DataReport): string {
  if (duplicates === 0) return 'No picture is there twice: contents were compared, not names.';
  const [copies, are] =
    duplicates === 1
      ? ['1 copy of another picture', 'was']
      : [`${duplicates} copies of other pictures`, 'were'];
  return `${copies} ${are} left out (compared by content, not by name), so that nothing is on both sides of the split. The one that measures is kept.`;
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What happens to each picture, step by step. */
export function preparationFacts(preparation: Preparation): Fact[] {
  const { imageSize, resizedTo, interpolation, mean, std, trainedOn } = preparation;
  const list = (values: readonly number[]): string =>
    values.map((value) => String(Number(value.toFixed(4)))).join(', ');
  return [
    { name: 'Resized', value: `shorter side ${resizedTo} px, ${interpolation}` },
    { name: 'Cropped', value: `the middle ${imageSize} x ${imageSize} px` },
    { name: 'Mean subtracted (red, green, blue)', value: list(mean) },
    { name: 'Divided by', value: list(std) },
    ...(trainedOn === undefined || trainedOn === imageSize
      ? []
      : [{ name: 'The weights were trained on', value: `${trainedOn} x ${trainedOn} px` }]),
  ];
}

/** Of which kinds and sizes the files are. */
export function fileFacts({ sizes, formats, conversions }: DataReport): Fact[] {
  const size = ([width, height]: readonly [number, number]): string => `${width} x ${height}`;
  const kinds = Object.entries(formats).map(([name, count]) => `${count.toLocaleString('en')} ${name}`);
  const one = sizes && size(sizes.smallest) === size(sizes.largest);
  return [
    ...(kinds.length > 0 ? [{ name: 'Files', value: kinds.join(', ') }] : []),
    ...(sizes
      ? [
          {
            name: 'Pixels',
            value: one
              ? `all ${size(sizes.median)}`
              : `${size(sizes.smallest)} to ${size(sizes.largest)}, in the middle ${size(sizes.median)}`,
          },
        ]
      : []),
    ...(conversionWords(conversions) === ''
      ? []
      : [{ name: 'Brought to RGB', value: conversionWords(conversions) }]),
  ];
}

function conversionWords(conversions: Conversions): string {
  const words: readonly (readonly [keyof Conversions, string])[] = [
    ['greyscale', 'greyscale'],
    ['cmyk', 'CMYK'],
    ['sixteenBit', 'with 16 bits'],
    ['alpha', 'with transparency, which was dropped'],
    ['animated', 'animated, of which the first frame counts'],
    ['rotated', 'turned upright'],
  ];
  return words
    .filter(([kind]) => conversions[kind] > 0)
    .map(([kind, what]) => `${conversions[kind]} ${what}`)
    .join('; ');
}
