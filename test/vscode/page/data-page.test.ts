import assert from 'node:assert/strict';
import type { DataReport } from '../../../src/protocol/data-report';
import type { DataContent, DataLook } from '../../../src/protocol/data-view';
import { PageSuite } from './page-suite';
import { HOSTILE_NAMES } from './runs';

const ROOT = '/home/learner/pictures/animals';

/** A look at classes of these names: 20 + 10 + 30 pictures each. */
function lookOf(names: readonly string[], changes: Partial<DataReport> = {}): DataLook {
  const file = (name: string, split: string, index: number): string =>
    `${ROOT}/${split}/${name.slice(0, 30)}/${String(index).padStart(3, '0')}.png`;
  return {
    kind: 'pictures',
    experiment: 'wholeNetwork',
    key: JSON.stringify([names, changes]),
    listedBy: 'folders',
    report: {
      name: 'animals',
      root: ROOT,
      split: 'given',
      classes: names.map((className) => ({ className, train: 20, val: 10, test: 30 })),
      sizes: { smallest: [48, 64], median: [320, 240], largest: [4000, 3000] },
      formats: { png: 500, jpeg: 100 },
      conversions: { greyscale: 3, cmyk: 0, sixteenBit: 0, alpha: 12, animated: 1, rotated: 4 },
      skipped: { count: 0, files: [] },
      duplicates: 0,
      nearDuplicates: { count: 0, pairs: [] },
      warnings: [],
      ...changes,
    },
    draw: { valFraction: 0.2, seed: 1 },
    preparation: {
      imageSize: 64,
      resizedTo: 73,
      interpolation: 'bilinear',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      source: 'config.json of resnet18-narrow (embedded)',
      trainedOn: 224,
    },
    samples: names.map((name) =>
      (['train', 'val', 'test'] as const).flatMap((split) =>
        Array.from({ length: split === 'train' ? 8 : 2 }, (_, index) => ({
          file: file(name, split, index),
          split,
        })),
      ),
    ),
    assumptions: [],
  };
}
const shown = (look: DataLook, saved = true): DataContent => ({
  kind: 'look',
  look,
  file: '/home/learner/experiment.ts',
  saved,
});

const TEN = ['cactus', 'castle', 'crab', 'elephant', 'fire-engine', 'hammer', 'jeans', 'turtle', 'whale'];
const FLAWED = lookOf(['cat', 'dog', 'empty'], {
  split: 'drawn',
  classes: [
    { className: 'cat', train: 340, val: 85, test: 0 },
    { className: 'dog', train: 7, val: 2, test: 0 },
    { className: 'empty', train: 0, val: 0, test: 0 },
  ],
  duplicates: 3,
  nearDuplicates: {
    count: 25,
    pairs: Array.from({ length: 25 }, (_, index) => ({
      file: `${ROOT}/cat/IMG_2024_${index}.jpg`,
      split: 'val',
      other: `${ROOT}/cat/copy of IMG_2024_${index}.jpg`,
      otherSplit: 'train',
    })),
  },
  skipped: {
    count: 61,
    files: [
      {
        file: `${ROOT}/cat/broken.jpg`,
        reason: 'its content is no picture (png, jpeg, webp, gif, tiff or avif)',
      },
      { file: `${ROOT}/cat/link.png`, reason: 'a link, not a file' },
    ],
  },
  warnings: [
    {
      code: 'data-imbalanced',
      message: 'Classes are of unlike size: cat has 340 training pictures, dog has 7.',
      remedy: "Add pictures to the small classes, or set classWeights: 'balanced'.",
    },
    {
      code: 'data-near-duplicates',
      message: 'Pictures that look almost the same lie on both sides of the split, 25 times.',
      remedy: 'Look at them; keep each group of such pictures on one side.',
    },
    {
      code: 'data-wrong-extension',
      message: 'The name promises another kind of picture than the content is, 30 times.',
      remedy: 'Rename them, so that other programs can read them too.',
      files: Array.from({ length: 30 }, (_, index) => `${ROOT}/cat/wrong_${index}.jpg`),
    },
  ],
});
const CONTENTS: Readonly<Record<string, DataContent>> = {
  reading: { kind: 'reading', experiment: 'wholeNetwork' },
  progress: { kind: 'reading', experiment: 'wholeNetwork', done: 2500, total: 10_000 },
  problem: {
    kind: 'problem',
    experiment: 'wholeNetwork',
    message: `The data folder ${ROOT} does not exist.`,
    remedy: 'Correct the path in imageFolder(…); it starts from the folder of the experiment file.',
  },
  clean: shown(lookOf(TEN)),
  flawed: shown(FLAWED, false),
  hostile: shown(lookOf(HOSTILE_NAMES)),
};

suite('the view of the data on a page of its own', () => {
  const pages = new PageSuite({ view: 'data', width: 800, withPicture: true });
  const open = pages.open.bind(pages);
  const asked = async (): Promise<string[][]> =>
    (await pages.view.said()).filter(({ m }) => m === 'thumbnails').map(({ a }) => a[0] as string[]);

  pages.fits(() => CONTENTS, {
    prefix: 'data',
    widths: [320, 800, 1400],
    height: 1300,
    ready: async (page, content) => {
      await page.getByRole('heading', { name: 'Data of' }).waitFor();
      if (content.kind === 'look') await page.locator('tl-class-pictures img').first().waitFor();
    },
  });

  test('asks for pictures when they come into sight, in few requests, and opens the one that is clicked', async () => {
    const { page } = await open('dark', { height: 700 });
    await pages.view.send('show', shown(lookOf(Array.from({ length: 100 }, (_, index) => `class ${index}`))));
    await page.locator('tl-class-pictures').first().scrollIntoViewIfNeeded();
    await page.locator('tl-class-pictures img').first().waitFor();
    const first = (await asked()).flat().length;
    assert.ok(first > 0 && first < 20 * 12, `${first} of 240 pictures were asked for`);
    await page.getByRole('button', { name: 'Show 20 more of 80 classes' }).click();
    const last = page.locator('tl-class-pictures').nth(39);
    await last.scrollIntoViewIfNeeded();
    await last.locator('img').first().waitFor();
    await last.getByRole('button').first().click();
    assert.deepEqual((await pages.view.said()).at(-1), {
      m: 'openFile',
      a: [`${ROOT}/train/class 39/000.png`],
    });
    const all = await asked();
    assert.equal(new Set(all.flat()).size, all.flat().length, 'none is asked for twice');
  });

  test('shows pictures that a slow computer takes minutes to read', async () => {
    const { page } = await open('dark');
    await page.clock.install();
    await pages.view.answerAfter(async () => {
      await pages.view.send('show', shown(lookOf(TEN)));
      while ((await asked()).length === 0) await page.clock.runFor(100);
      await page.clock.fastForward(5 * 60_000);
    });
    await page.clock.resume();
    await page.locator('tl-class-pictures img').first().waitFor();
  });

  test('opens a file that a warning names, and one that was left out', async () => {
    const { page } = await open('light');
    await pages.view.send('show', shown(FLAWED));
    await page.getByRole('button', { name: 'copy of IMG_2024_7.jpg' }).click();
    await page.getByRole('button', { name: 'wrong_29.jpg' }).click();
    await page.getByRole('button', { name: 'link.png' }).click();
    const opened = (await pages.view.said()).filter(({ m }) => m === 'openFile').map(({ a }) => a[0]);
    assert.deepEqual(
      opened,
      ['copy of IMG_2024_7.jpg', 'wrong_29.jpg', 'link.png'].map((name) => `${ROOT}/cat/${name}`),
    );
  });

  test('keeps its pictures while the code changes, and asks anew for other data', async () => {
    const { page } = await open('dark');
    const look = lookOf(TEN);
    await pages.view.send('show', shown(look));
    await page.locator('tl-class-pictures img').first().waitFor();
    const before = (await asked()).flat().length;
    await pages.view.send('show', shown(look, false));
    await page.getByText('not saved yet').waitFor();
    assert.equal((await asked()).flat().length, before);
    await page.getByRole('button', { name: 'Look again' }).click();
    assert.deepEqual((await pages.view.said()).at(-1), { m: 'again', a: [] });
    await pages.view.send('show', CONTENTS['reading']);
    await pages.view.send('show', shown(look));
    await page.locator('tl-class-pictures img').first().waitFor();
    assert.ok((await asked()).flat().length > before);
  });
});
