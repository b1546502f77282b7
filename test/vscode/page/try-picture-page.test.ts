import assert from 'node:assert/strict';
import type { TryContent, TriedPicture } from '../../../src/protocol/try-picture';
import { PageSuite } from './page-suite';
import { EXERCISE_CLASSES, HOSTILE_NAMES } from './runs';

const PREPARED = [
  'It was turned upright, as its EXIF data asks.',
  'From 4032 x 3024 pixels it was resized so that the shorter side has 64 (bilinear, with antialias); the middle 64 x 64 was kept. What was cut off, 25 % of the picture, the network did not see.',
  'Its colours were scaled as those of the run’s own pictures.',
];

function tried(address: string, { names = EXERCISE_CLASSES, layer = 'layer3' } = {}): TriedPicture {
  const layers = [16, 8, 4, 2].map((side, index) => ({
    name: `layer${index + 1}`,
    rows: side,
    columns: side,
  }));
  const read = layers.find(({ name }) => name === layer) ?? { name: layer, rows: 2, columns: 2 };
  const bump = (index: number, place: number): number => {
    const [y, x] = [
      (Math.floor(place / read.columns) + 0.5) / read.rows,
      ((place % read.columns) + 0.5) / read.columns,
    ];
    return Math.exp(-8 * ((x - 0.3 - 0.1 * index) ** 2 + (y - 0.4) ** 2));
  };
  const probabilities = [0.871, 0.09, 0.02, 0.012, 0.004];
  return {
    address,
    side: 64,
    prepared: PREPARED,
    numClasses: names.length,
    classes: probabilities.map((probability, index) => {
      const raw = Array.from({ length: read.rows * read.columns }, (_, place) =>
        index === 4 ? 0 : bump(index, place),
      );
      const highest = Math.max(...raw);
      return {
        name: names[(index + 2) % names.length] ?? '',
        logit: Math.log(probability),
        probability,
        heat: raw.map((value) => (highest > 0 ? value / highest : 0)),
      };
    }),
    layer: read,
    layers,
  };
}

suite('the view in which a picture is tried, on a page of its own', () => {
  const pages = new PageSuite({ view: 'try-picture', width: 900 });
  const open = pages.open.bind(pages);
  const of = (part: Partial<TryContent> = {}): TryContent => ({
    directory: '/x/.transfer-lab/runs/1',
    title: 'wholeNetwork',
    ...part,
  });
  const result = (options = {}): TryContent =>
    of({ result: { name: 'IMG_0412.jpg', picture: tried(pages.picture, options) } });
  const states = (): Record<string, TryContent> => ({
    waiting: of(),
    opening: of({ opening: true }),
    problem: of({
      problem: {
        message: 'IMG_0412.jpg is broken or cut off: VipsJpeg: premature end of JPEG image.',
        remedy: 'Download or copy it again, or open it in another program and save it anew.',
      },
    }),
    result: result(),
    busy: { ...result(), busy: 'crab.png' },
    hostile: of({
      title: HOSTILE_NAMES[0] ?? '',
      result: { name: HOSTILE_NAMES[1] ?? '', picture: tried(pages.picture, { names: HOSTILE_NAMES }) },
    }),
  });

  pages.fits(states, {
    prefix: 'try',
    widths: [320, 900, 1400],
    height: 1000,
    ready: (page) => page.locator('h1', { hasText: 'Try a picture' }).waitFor(),
    fullPage: true,
  });

  test('says the surest classes as a table, and shows what speaks for the one that is chosen by keyboard', async () => {
    const { page } = await open('dark');
    await pages.view.send('show', result());
    await page
      .getByRole('status')
      .filter({ hasText: /crab\S?, 87\.1 %; then/ })
      .waitFor();
    const rows = page.locator('.answers tbody tr');
    assert.equal(await rows.count(), 5);
    assert.match(await rows.first().innerText(), /crab\s+87\.1 %/);
    const heat = (): Promise<string> =>
      page.locator('canvas.heat').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const first = await heat();
    await page.getByRole('radio', { name: 'crab' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.locator('#heat-words', { hasText: 'elephant' }).waitFor();
    assert.notEqual(await heat(), first);
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowDown');
    await page
      .locator('#heat-words', { hasText: 'speaks for' })
      .filter({ hasText: 'the map is dark' })
      .waitFor();
  });

  test('draws the heat map as opaque as the slider says', async () => {
    const { page } = await open('light');
    await pages.view.send('show', result());
    const slider = page.getByRole('slider', { name: 'Heat map over the picture' });
    await slider.focus();
    await page.keyboard.press('Home');
    await page.waitForFunction(
      () => document.querySelector<HTMLElement>('canvas.heat')?.style.opacity === '0',
    );
    await page.keyboard.press('End');
    await page.waitForFunction(
      () => document.querySelector<HTMLElement>('canvas.heat')?.style.opacity === '1',
    );
  });

  test('asks the editor for a file, for the dropped, the pasted, and for another layer', async () => {
    const { page } = await open('dark');
    await pages.view.send('show', result());
    await page.getByRole('button', { name: 'Choose a picture…' }).click();
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.of(1, 2, 3)], 'crab.png', { type: 'image/png' }));
      document.dispatchEvent(
        new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    });
    await page.waitForFunction(() =>
      (window as unknown as { said: { m: string }[] }).said.some(({ m }) => m === 'tryBytes'),
    );
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.setData('text/uri-list', 'file:///pictures/whale.png');
      document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
    });
    await page.locator('#layer').click();
    await page.getByRole('option', { name: 'layer1, 16 x 16' }).click();
    await page.waitForFunction(() =>
      (window as unknown as { said: { m: string }[] }).said.some(({ m }) => m === 'readLayer'),
    );
    const said = await page.evaluate(() =>
      (window as unknown as { said: { m: string; a: unknown[] }[] }).said.map(({ m, a }) => [
        m,
        ...a.map((value) => (value instanceof Uint8Array ? [...value] : value)),
      ]),
    );
    assert.deepEqual(said.slice(1), [
      ['choose'],
      ['tryBytes', 'crab.png', [1, 2, 3]],
      ['tryFile', 'file:///pictures/whale.png'],
      ['readLayer', 'layer1'],
    ]);
  });

  test('refuses what is too large or on the web in its own words, and asks the editor nothing', async () => {
    const { page } = await open('dark');
    await pages.view.send('show', of());
    await page.locator('.drop').waitFor();
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(50 * 1024 * 1024 + 1)], 'large.png'));
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    });
    await page
      .locator('.problem', { hasText: 'large.png has 51 MB; a picture may have at most 50 MB.' })
      .waitFor();
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.setData('text/uri-list', 'https://example.org/crab.png');
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    });
    await page.locator('.problem', { hasText: 'address on the web' }).waitFor();
    assert.deepEqual(
      (await pages.view.said()).map(({ m }) => m),
      ['ready'],
    );
  });

  test('shows what was found again after a reload, for the same run alone', async () => {
    const first = await open('dark');
    await first.send('show', result());
    await first.page.locator('.answers').waitFor();
    const state: unknown = JSON.parse(JSON.stringify(await first.state()));
    await first.page.close();
    const second = await open('dark', { state });
    await second.send('show', of());
    await second.page.locator('.answers tbody tr', { hasText: 'crab' }).waitFor();
    assert.equal(await second.page.locator('#layer').count(), 0, 'the editor has no picture to read again');
    await second.page.close();
    const third = await open('dark', { state });
    await third.send('show', { ...of(), directory: '/x/.transfer-lab/runs/2' });
    await third.page.locator('.drop').waitFor();
    assert.equal(await third.page.locator('.answers').count(), 0);
  });
});
