import { describe, expect, it } from 'vitest';
import { pickSamples } from './samples';

const pictures = (count: number, label: number, name: string) =>
  Array.from({ length: count }, (_, index) => ({ file: `${name}${index}`, label }));

describe('samples of a class', () => {
  it('are a dozen at most, evenly spread over training, with some that measure', () => {
    const [cats = [], dogs = []] = pickSamples(['cat', 'dog'], {
      train: [...pictures(80, 0, 'cat'), ...pictures(3, 1, 'dog')],
      val: [...pictures(20, 0, 'valcat'), ...pictures(1, 1, 'valdog')],
      test: pictures(5, 0, 'testcat'),
    });
    // 80 pictures in eight equal steps; 20 and 5 in two.
    expect(cats.map(({ file }) => file)).toEqual([
      ...[0, 10, 20, 30, 40, 50, 60, 70].map((index) => `cat${index}`),
      'valcat0',
      'valcat10',
      'testcat0',
      'testcat2',
    ]);
    expect(dogs).toEqual([
      ...['dog0', 'dog1', 'dog2'].map((file) => ({ file, split: 'train' })),
      { file: 'valdog0', split: 'val' },
    ]);
  });

  it('are all from training where nothing else is there, and none where nothing is', () => {
    const [cats, none] = pickSamples(['cat', 'none'], { train: pictures(24, 0, 'cat'), val: [], test: [] });
    expect(cats).toHaveLength(12);
    expect(none).toEqual([]);
  });
});
