import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../protocol/events';
import { stateOf } from '../runs';
import type { RunSnapshot } from '../runs';
import { newestOfEach, writeFolderReport } from './folder-report';
import { renderReport } from './render';

const MARKUP = '<img src=x onerror=alert(1)>"\'&</pre><script>alert(2)</script>';

function snapshot(source: string, name: string): RunSnapshot {
  const score = { className: name, precision: 1, recall: 0.5, f1: 0.67, support: 2 };
  const val = {
    split: 'val',
    loss: 0.5,
    accuracy: 0.5,
    perClass: [score, score],
    confusion: [
      [1, 1],
      [0, 2],
    ],
  } as const;
  const events: RunEvent[] = [
    { type: 'epochEnd', epoch: 1, step: 1, trainLoss: NaN, trainAccuracy: 0.5, val, seconds: 1, best: true },
    {
      type: 'predictions',
      epoch: 1,
      items: [{ file: `/gone/${name}.png`, label: 0, predicted: 1, probability: 0.9, loss: 2 }],
    },
    { type: 'failed', problem: { code: 'x', message: name, remedy: name } },
  ];
  const records = events.map((event, seq) => ({ seq, timeMs: seq, event }));
  const run = {
    version: 1,
    runId: name,
    createdAt: '2026-01-01T00:00:00Z',
    file: `/${name}.ts`,
    experiment: name,
    line: 1,
    source,
    versions: { transferLab: name, node: name },
  } as const;
  return { directory: '/gone', run, records, damage: [], state: stateOf(name, records) };
}

describe('renderReport', () => {
  it('turns nothing that a run contains into markup, and loads nothing', async () => {
    const page = await renderReport([snapshot(MARKUP, MARKUP), snapshot(MARKUP, MARKUP)]);
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(2)');
    expect(page.replaceAll(/<(title|style)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).toContain("default-src 'none'");
  });

  it('says how sure the network was beside how right, and leaves a top 5 of two classes out', async () => {
    const one = snapshot('', 'sure');
    // Three pictures of two classes: 0.8 sure twice, right once; 0.6 sure once, right.
    const bins = [
      { lower: 0.5, upper: 0.7, count: 1, confidence: 0.6, accuracy: 1 },
      { lower: 0.7, upper: 1, count: 2, confidence: 0.8, accuracy: 0.5 },
    ];
    const perClass = one.state.validation?.perClass ?? [];
    const final = {
      split: 'test',
      loss: 1,
      accuracy: 2 / 3,
      perClass,
      confusion: [],
      topK: { k: 2, accuracy: 1 },
      macroF1: 0.625,
      calibration: { bins, expectedCalibrationError: (0.4 + 2 * 0.3) / 3 },
    } as const;
    const page = await renderReport([{ ...one, state: { ...one.state, final } }]);
    expect(page).toContain('<td>62.5 %</td>');
    expect(page).not.toContain('top 2');
    expect(page).toContain('It is 73.3 % sure on average, and right in 66.7 % of 3 pictures.');
    expect(page).toContain('(expected calibration error): 33.3 %');
    expect(page.match(/class="column few"/g)).toHaveLength(2);
  });

  it('keeps a source as it is, lines and spaces included', async () => {
    const source = 'const a = 1;\n\n    // four spaces, `ticks` and ${dollars}\n';
    expect(await renderReport([snapshot(source, 'plain')])).toContain(source);
  });

  it("puts the learner's analysis in, without markup or addresses of its own", async () => {
    const analysis = [
      '# Mine',
      '## Why? <img src=x onerror=alert(1)>',
      'It **learns** [this](https://example.com) ![and](https://example.com/a.png) that.',
      '<!-- not shown --><script>alert(3)</script>',
      '> asked',
    ].join('\n\n');
    const page = await renderReport([snapshot('', 'one')], { title: 'Exercise <1>', analysis });
    expect(page).toContain('<h1>Exercise &lt;1&gt;</h1>');
    expect(page).toContain('<h2>Mine</h2>');
    expect(page).toContain('<h3>Why? &lt;img src=x onerror=alert(1)&gt;</h3>');
    expect(page).toContain('<strong>learns</strong>');
    expect(page).toContain('<blockquote>');
    expect(page).not.toContain('not shown');
    expect(page).not.toContain('<script');
    expect(page.replaceAll(/<(title|style)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/(?:src|href)="(?!data:)/);
  });

  it('refuses to be made of nothing', async () => {
    await expect(renderReport([])).rejects.toThrow('at least one run');
  });
});

describe('the report of a folder', () => {
  const finished = (experiment: string, createdAt: string, strategy?: string): RunSnapshot => {
    const one = snapshot('', experiment);
    const final = { split: 'test', loss: 1, accuracy: 1, perClass: [], confusion: [] } as const;
    const run = { ...one.run, createdAt, ...(strategy === undefined ? {} : { strategy }) };
    return { ...one, run, state: { ...one.state, final } };
  };

  it('takes the newest finished run of each experiment and strategy', () => {
    const runs = [
      finished('a', '2026-01-03T00:00:00Z'),
      finished('b', '2026-01-02T00:00:00Z'),
      finished('a', '2026-01-01T00:00:00Z'),
      finished('a', '2026-01-04T00:00:00Z', 'last-stage'),
      snapshot('', 'never finished'),
    ];
    expect(newestOfEach(runs).map(({ run }) => [run.experiment, run.strategy, run.createdAt])).toEqual([
      ['a', undefined, '2026-01-03T00:00:00Z'],
      ['b', undefined, '2026-01-02T00:00:00Z'],
      ['a', 'last-stage', '2026-01-04T00:00:00Z'],
    ]);
  });

  it('says what is missing where nothing has finished', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-report-'));
    try {
      await expect(writeFolderReport(folder, 'Mine')).rejects.toThrow('no finished run');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

it('a run on texts shows its worst mistakes as text, the largest loss first, and speaks of no pictures', async () => {
  const one = snapshot('', 'reviews');
  const mistake = (text: string, loss: number) => ({
    file: `/data/reviews.csv:${loss}`,
    text,
    label: 0,
    predicted: 1,
    probability: 0.9,
    loss,
  });
  const data = {
    name: 'reviews.csv',
    items: 'texts',
    classNames: ['negative', 'positive'],
    counts: { train: 9, val: 4, test: 0 },
    skipped: [],
  } as const;
  const state = {
    ...one.state,
    data,
    rows: { lengths: 2, paddingShare: 0.125 },
    predictions: [mistake('Not bad', 1), mistake('<b>Hardly</b> bad', 3)],
  };
  const page = await renderReport([{ ...one, state }]);
  expect(page).toMatch(/&lt;b&gt;Hardly[\s\S]*reviews\.csv:3[\s\S]*Not bad/);
  expect(page).toMatch(/12\.5 % of\s+their\s+tokens\s+are\s+padding/);
  expect(page.replaceAll(/<style>[\s\S]*?<\/style>/g, '')).not.toMatch(/picture/i);
  expect(page).not.toContain('<img');
});
