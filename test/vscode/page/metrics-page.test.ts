import assert from 'node:assert/strict';
import type { RunEstimate } from '../../../src/protocol/estimate';
import { fakeEvents, fakeHistory } from '../../../src/webviews/metrics/fake-run';
import { seriousViolations } from './axe';
import { PageSuite, screenshotPath, SHADES } from './page-suite';
import { compared, EXERCISE_CLASSES, HOSTILE_NAMES, hostileRun, STATES } from './runs';
import { THEMES } from './themes';

suite('the metrics view on a page of its own', () => {
  const pages = new PageSuite({ width: 1000, withPicture: true });
  const open = pages.open.bind(pages);
  const keep = screenshotPath;
  const cell = (truth: number, predicted: number) =>
    pages.view.page.locator(`[data-cell="${truth}/${predicted}"]`);

  for (const shade of SHADES) {
    test(`is accessible in every state of a run, in the theme ${THEMES[shade]}`, async () => {
      const { page } = await open(shade, { width: 1400, height: 2600 });
      for (const [name, runs] of Object.entries(STATES)) {
        await pages.view.showRuns(runs());
        if (name === 'finished' || name === 'texts')
          await page.locator('.matrix .wrong:not(.none)').first().click();
        await page.screenshot({ path: keep(`${name}-${shade}`), fullPage: true });
        assert.deepEqual(await seriousViolations(page), [], name);
      }
      await page.locator('vscode-checkbox', { hasText: 'Numbers as tables' }).click();
      await page.locator('.chart-table table').first().waitFor();
      assert.deepEqual(await seriousViolations(page), [], 'tables');
      await page.screenshot({ path: keep(`tables-${shade}`), fullPage: true });
    });
  }

  for (const shade of ['dark', 'light'] as const) {
    test(`fits a narrow and a wide column, ${shade}`, async () => {
      const { page } = await open(shade);
      for (const width of [300, 700, 1400]) {
        await page.setViewportSize({ width, height: 2600 });
        for (const [name, runs] of Object.entries(STATES)) {
          await pages.view.showRuns(runs());
          const needed = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(needed <= width, `${name} needs ${needed} px of ${width}`);
          if (width === 300) await page.screenshot({ path: keep(`${name}-${shade}-300`), fullPage: true });
        }
      }
    });
  }

  test('mistakes on texts are texts: the largest loss first, and a click opens the file at its line', async () => {
    const { page } = await open('light', { height: 2600 });
    await pages.view.showRuns(STATES['texts']?.() ?? []);
    const losses = await page.locator('.texts .note').allInnerTexts();
    const numbers = losses.map((text) => Number(/loss (\S+)/.exec(text)?.[1]));
    assert.ok(numbers.length > 3);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => b - a),
    );
    assert.equal(await page.locator('.frame, .picture').count(), 0);
    const words = await page.locator('main').innerText();
    assert.doesNotMatch(words, /picture/i);
    assert.match(words, /8\.3 % of the tokens\s+Graphs\s+4 /);
    await page.locator('.text-item').first().click();
    const opened = (await pages.view.said()).filter(({ m }) => m === 'openFile');
    assert.match(String(opened[0]?.a[1]), /reviews\.csv:\d+$/);
    assert.equal((await pages.view.said()).filter(({ m }) => m === 'pictures').length, 0);
  });

  test('text from data and models stays text, whatever it is', async () => {
    const { page } = await open('dark', { height: 3000 });
    await pages.view.showRuns([hostileRun()]);
    await page.locator('.matrix .wrong:not(.none)').first().click();
    await page.locator('.cell-pictures').waitFor();
    await page.screenshot({ path: keep('hostile-dark'), fullPage: true });
    const added = await page.evaluate(() => ({
      title: document.title,
      scripts: document.querySelectorAll('body script').length,
      handlers: document.querySelectorAll('[onerror], b').length,
      pictures: [...document.images].filter(({ src }) => !src.startsWith('data:image/')).length,
    }));
    assert.deepEqual(added, { title: 'Metrics', scripts: 2, handlers: 0, pictures: 0 });
    const rows = await page.locator('.matrix tbody th bdi').allTextContents();
    const short = HOSTILE_NAMES.filter((name) => name.length <= 60);
    assert.deepEqual(
      rows.filter((text) => !text.endsWith('…')).map((text) => text.trim()),
      short,
    );
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(needed <= 1000, 'a long name does not push the page apart');
  });

  test('says how good the estimate was that was made before the run', async () => {
    const { page } = await open('dark');
    const history = fakeHistory();
    const told = history.events.map(({ event, timeMs }) => ({
      event: event.type === 'done' ? { ...event, seconds: 52, peakMemory: 1.02e9 } : event,
      timeMs,
    }));
    const band = (value: number) => ({ value, low: value, high: value });
    const estimate = { seconds: band(48), memory: band(1.1e9), epochs: 10 } as unknown as RunEstimate;
    await pages.view.showRuns([
      {
        ...history,
        events: [...told.slice(0, 3), { event: { type: 'estimate', estimate }, timeMs: 0 }, ...told.slice(3)],
      },
    ]);
    await page.getByText('Estimated 48 s and 1.1 GB; took 52 s and 1.0 GB.').waitFor();
    await page.screenshot({ path: keep('estimated-dark') });
    await pages.view.showRuns([fakeHistory()]);
    assert.equal(await page.getByText('Estimated').count(), 0);
  });

  test('messages that are none of the editor’s change nothing', async () => {
    const { page } = await open('dark');
    await pages.view.showRuns([fakeHistory()]);
    const before = await page.locator('main').innerText();
    await page.evaluate(() => {
      const pieces: unknown[] = [
        ...['q', 's', 'history', 'append', 'candidates', 'constructor', '__proto__', '', 0, -1, NaN, null],
        ...[undefined, true, [], {}, [[]], [{}], { runId: 1 }, { events: 'x' }, 'x'.repeat(100_000)],
      ];
      let seed = 1;
      const any = (): unknown => pieces[(seed = (seed * 48271) % 2147483647) % pieces.length];
      for (let count = 0; count < 10_000; count++) {
        postMessage({ t: any(), m: any(), i: any(), a: any(), r: any(), [String(any())]: any() }, '*');
      }
    });
    await pages.view.showRuns([fakeHistory()]);
    assert.equal(await page.locator('main').innerText(), before);
  });

  test('the confusion matrix is used by keyboard: arrows move, Enter shows the pictures of a cell', async () => {
    const { page } = await open('dark', { height: 2400 });
    await pages.view.showRuns([fakeHistory({ classNames: EXERCISE_CLASSES })]);
    await cell(0, 0).focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
    await page.locator('#cell-heading', { hasText: 'castle taken for cactus' }).waitFor();
    assert.equal(await cell(1, 0).getAttribute('aria-selected'), 'true');
    for (const key of ['ArrowRight', 'Enter']) await page.keyboard.press(key);
    const count = Number(await cell(1, 1).locator('.count').innerText());
    await page.locator('#cell-heading', { hasText: 'castle, recognised' }).waitFor();
    const pictures = page.locator('.cell-pictures .picture img');
    await pictures.nth(count - 1).waitFor();
    assert.equal(await pictures.count(), count);
    await page.keyboard.press('Escape');
    await page.locator('.cell-pictures').waitFor({ state: 'detached' });
  });

  test('a chart is read out by keyboard, zoomed, and shown as a table with every step', async () => {
    const { page } = await open('light');
    const run = fakeHistory({ epochs: 3, stepsPerEpoch: 20 });
    await pages.view.showRuns([run]);
    const plot = page.getByRole('slider', { name: /^Loss/ });
    await plot.focus();
    await page.keyboard.press('Home');
    assert.match((await plot.getAttribute('aria-valuetext')) ?? '', /^epoch 0\.05: training \d\.\d{3}/);
    await page.keyboard.press('ArrowRight');
    assert.match((await plot.getAttribute('aria-valuetext')) ?? '', /^epoch 0\.10/);
    await page.keyboard.press('+');
    await page.getByRole('button', { name: 'Show all' }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Show all' }).first().waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Loss: show numbers as a table' }).click();
    await page.getByText('Page 2 of 2').waitFor();
    const rows = await page.locator('.chart-loss tbody tr').count();
    await page.getByRole('button', { name: 'Earlier' }).click();
    await page.getByText('Page 1 of 2').waitFor();
    assert.equal(rows + (await page.locator('.chart-loss tbody tr').count()), 60);
  });

  test('how it was set survives its taking down: runs, lines, zoom, tables, split, cell and place', async () => {
    const first = await open('dark');
    await first.showRuns(compared());
    const { page } = first;
    await page
      .getByRole('group', { name: 'Run in focus' })
      .getByRole('button', { name: /whole-model/ })
      .click();
    await page.locator('.chart-loss .legend-item').first().click();
    await cell(2, 2).click();
    await page.locator('vscode-checkbox', { hasText: 'Logarithmic loss and rate' }).click();
    await page.mouse.wheel(0, 700);
    await page.waitForFunction(
      () => (window as unknown as { state?: { scrollTop: number } }).state?.scrollTop,
    );
    const state = await first.state();
    await page.close();

    const second = await open('dark', { state });
    await second.showRuns(compared());
    await second.page.locator('h1', { hasText: 'whole-model' }).waitFor();
    await second.page.locator('#cell-heading', { hasText: 'crab, recognised' }).waitFor();
    assert.equal(await second.page.locator('.chart-loss .legend-item.off').count(), 1);
    const top = (state as { scrollTop: number }).scrollTop;
    await second.page.waitForFunction((wanted) => Math.abs(scrollY - wanted) < 2, top);
    // As VS Code keeps it: JSON, which has no undefined. When it was kept is another thing than how it was set.
    const asKept = (one: unknown): unknown => {
      const { savedAtMs, ...set } = JSON.parse(JSON.stringify(one)) as { savedAtMs?: unknown };
      assert.equal(typeof savedAtMs, 'number');
      return set;
    };
    assert.deepEqual(asKept(await second.state()), asKept(state));
  });

  test('a long run is drawn from its history in parts, then step by step', async () => {
    const { page } = await open('dark');
    const all = fakeEvents({ epochs: 100, stepsPerEpoch: 200, perClassVal: 2 });
    const parts = Array.from({ length: 20 }, (_, index) => all.slice(index * 1000, (index + 1) * 1000));
    await pages.view.call('history', [{ ...fakeHistory(), events: [] }], 'fake-1', parts.length);
    for (const events of parts) await pages.view.call('append', [{ runId: 'fake-1', events }]);
    await pages.view.call('append', [{ runId: 'fake-1', events: all.slice(20_000) }]);
    await page.locator('.status', { hasText: 'Finished' }).waitFor();
    const slider = page.getByRole('slider', { name: /^Loss/ });
    assert.ok(Number(await slider.getAttribute('aria-valuemax')) < 2500, 'as many points as pixels');
    await slider.focus();
    await page.keyboard.press('End');
    assert.match((await slider.getAttribute('aria-valuetext')) ?? '', /^epoch 100\.00/);
  });

  test('shows top 5, macro F1 and how sure the network is, as a drawing and as a table', async () => {
    const { page } = await open('dark', { height: 2400 });
    await pages.view.showRuns([fakeHistory()]);
    const words = (await page.locator('.evaluation').innerText()).replaceAll(/\s+/g, ' ');
    assert.match(words, /The right class is among its 5 most likely in \d+\.\d %\./);
    assert.match(words, /Macro F1, in which each class counts the same: \d+\.\d %\./);
    const section = page.getByRole('region', { name: 'Is it as sure as it is right?' });
    await section.getByText(/sure on average, and right in/).waitFor();
    await section.getByText('As a table').click();
    const columns = await section.locator('rect.column').count();
    assert.ok(columns > 5);
    assert.equal(await section.locator('tbody tr').count(), columns);
    await page.screenshot({ path: keep('calibration-dark'), fullPage: true });
  });

  test('nothing moves where the learner wants less motion', async () => {
    const { page } = await open('dark', { classes: 'vscode-reduce-motion' });
    await pages.view.showRuns([fakeHistory({ steps: 50 })]);
    const animations = await page.evaluate(() => document.getAnimations().length);
    assert.equal(animations, 0);
  });

  test('a screen reader’s user gets tables at first, and hears the end of an epoch', async () => {
    const { page } = await open('dark', { classes: 'vscode-using-screen-reader' });
    const events = fakeEvents({ epochs: 3, stepsPerEpoch: 10 });
    await pages.view.showRuns([{ ...fakeHistory(), events: events.slice(0, 12) }]);
    await page.locator('.chart-table table').first().waitFor();
    await pages.view.call('append', [{ runId: 'fake-1', events: events.slice(12, 20) }]);
    await page
      .getByRole('status')
      .filter({ hasText: /^Epoch 1 of 3: validation loss/ })
      .waitFor();
  });

  test('asks the editor for what its buttons say', async () => {
    const { page } = await open('dark', { height: 2400 });
    await pages.view.showRuns([fakeHistory({ steps: 100, classNames: EXERCISE_CLASSES })]);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Go to code' }).click();
    await pages.view.showRuns([fakeHistory({ steps: 130, end: 'stopped' })]);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Open report' }).click();
    const said = (await pages.view.said())
      .map(({ m, a }) => `${m} ${a.join()}`)
      .filter((one) => !one.startsWith('pictures'));
    assert.deepEqual(said, [
      'ready ',
      'stop fake-1',
      'revealExperiment fake-1',
      'resume fake-1',
      'openReport fake-1',
    ]);
  });
});
