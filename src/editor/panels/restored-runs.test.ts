import { describe, expect, it } from 'vitest';
import { restoredRuns } from './restored-runs';

const begun = (runId: string, createdAt: string) => ({ runId, createdAt });
const saved = (iso: string) => ({ runIds: ['old'], savedAtMs: Date.parse(iso) });

describe('restoredRuns', () => {
  it('shows again what the view showed', () => {
    expect(restoredRuns({ runIds: ['a', 'b'], savedAtMs: 0 }, [])).toEqual(['a', 'b']);
  });

  it('shows the living run that began after the view was last kept', () => {
    const living = [begun('new', '2026-11-24T10:00:05.000Z')];
    expect(restoredRuns(saved('2026-11-24T10:00:00.000Z'), living)).toEqual(['new']);
  });

  it('leaves the learner’s own choice while another run goes on', () => {
    const living = [begun('new', '2026-11-24T10:00:05.000Z')];
    expect(restoredRuns(saved('2026-11-24T10:00:09.000Z'), living)).toEqual(['old']);
  });

  it.each([undefined, null, 'text', { runIds: 'a' }, { runIds: [1, null] }])(
    'takes %j as no state',
    (state) => {
      expect(restoredRuns(state, [])).toEqual([]);
    },
  );
});
