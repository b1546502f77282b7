import { describe, expect, it } from 'vitest';
import type { DataReport } from '../../protocol/data-report';
import type { DataLook } from '../../protocol/data-view';
import { fileFacts, preparationFacts, splitSentences, summary } from './words';

const report: DataReport = {
  name: 'animals',
  root: '/data/animals',
  split: 'drawn',
  classes: [
    { className: 'cat', train: 1200, val: 300, test: 0 },
    { className: 'dog', train: 8, val: 2, test: 0 },
  ],
  sizes: { smallest: [32, 32], median: [48, 48], largest: [64, 48] },
  formats: { png: 1500, jpeg: 10 },
  conversions: { greyscale: 2, cmyk: 0, sixteenBit: 0, alpha: 0, animated: 0, rotated: 1 },
  skipped: { count: 0, files: [] },
  duplicates: 0,
  nearDuplicates: { count: 0, pairs: [] },
  warnings: [],
};
const look: DataLook = {
  kind: 'pictures',
  experiment: 'first',
  key: 'k',
  listedBy: 'folders',
  report,
  draw: { valFraction: 0.2, seed: 7 },
  preparation: {
    imageSize: 224,
    resizedTo: 256,
    interpolation: 'bicubic',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    source: 'config.json',
  },
  samples: [],
  assumptions: [],
};

describe('the data in words', () => {
  it('counts classes and pictures', () => {
    expect(summary(report)).toBe(
      '2 classes, 1,208 pictures to train on, 302 to validate with, none for the test.',
    );
  });

  it('says how a split was drawn, and that there is no test', () => {
    const told = splitSentences(look).join('\n');
    expect(told).toContain('20 % of each class');
    expect(told).toContain('Seed 7');
    expect(told).toContain('No pictures are set aside for a test');
    expect(told).toContain('No picture is there twice');
  });

  it('says who gave the split, and how many copies were left out', () => {
    const given = { ...look, report: { ...report, split: 'given' as const, duplicates: 3 } };
    expect(splitSentences(given)[0]).toBe(
      'It is given by the folders train, val and test; nothing was drawn.',
    );
    expect(splitSentences({ ...given, listedBy: 'csv' })[0]).toContain('the column "split"');
    expect(splitSentences(given)[1]).toMatch(/^3 copies of other pictures were left out/);
    expect(splitSentences({ ...given, report: { ...given.report, duplicates: 1 } })[1]).toMatch(
      /^1 copy of another picture was left out/,
    );
  });

  it('lists what files are like and what is done to them', () => {
    expect(fileFacts(report)).toEqual([
      { name: 'Files', value: '1,500 png, 10 jpeg' },
      { name: 'Pixels', value: '32 x 32 to 64 x 48, in the middle 48 x 48' },
      { name: 'Brought to RGB', value: '2 greyscale; 1 turned upright' },
    ]);
    expect(preparationFacts({ ...look.preparation, trainedOn: 288 })).toEqual([
      { name: 'Resized', value: 'shorter side 256 px, bicubic' },
      { name: 'Cropped', value: 'the middle 224 x 224 px' },
      { name: 'Mean subtracted (red, green, blue)', value: '0.485, 0.456, 0.406' },
      { name: 'Divided by', value: '0.229, 0.224, 0.225' },
      { name: 'The weights were trained on', value: '288 x 288 px' },
    ]);
  });
});
