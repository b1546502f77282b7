import { describe, expect, it } from 'vitest';
import { assignStyles, COLOURS, DASHES } from './palette';

const ids = (count: number) => Array.from({ length: count }, (_, index) => `run-${index}`);
const looks = (runIds: string[]) => [...assignStyles(runIds, new Map()).values()];

describe('assignStyles', () => {
  it('gives the first six runs six colours and six dashes, so that none is told by colour alone', () => {
    const styles = looks(ids(6));
    expect(new Set(styles.map(({ colour }) => colour)).size).toBe(COLOURS.length);
    expect(new Set(styles.map(({ dash }) => dash)).size).toBe(DASHES.length);
  });
  it('gives 36 runs 36 looks', () => {
    expect(new Set(looks(ids(36)).map(({ colour, dash }) => `${colour}/${dash}`)).size).toBe(36);
  });
  it('leaves a run its look when others come and go', () => {
    const before = assignStyles(['a', 'b', 'c'], new Map());
    const after = assignStyles(['c', 'd'], before);
    expect(after.get('c')).toEqual(before.get('c'));
    expect(after.get('d')).not.toEqual(after.get('c'));
  });
  it('has a look for every run, however many', () => {
    expect(looks(ids(40)).every((style) => COLOURS[style.colour] && DASHES[style.dash])).toBe(true);
  });
});
