import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../protocol/events';
import { stateOf } from '../runs';
import type { RunSnapshot } from '../runs';
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

  it('keeps a source as it is, lines and spaces included', async () => {
    const source = 'const a = 1;\n\n    // four spaces, `ticks` and ${dollars}\n';
    expect(await renderReport([snapshot(source, 'plain')])).toContain(source);
  });

  it('refuses to be made of nothing', async () => {
    await expect(renderReport([])).rejects.toThrow('at least one run');
  });
});
