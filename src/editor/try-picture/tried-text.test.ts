import { expect, it } from 'vitest';
import { triedText } from './tried-text';

it('shows each class, each word with its push, and what was cut', () => {
  const page = triedText('reviews', {
    text: 'So sad',
    numClasses: 2,
    classes: [
      { name: 'bad', logit: 1, probability: 0.75, special: 0.1, sum: 0.8 },
      { name: 'good', logit: -0.1, probability: 0.25, special: 0, sum: 0 },
    ],
    words: [
      { start: 0, end: 2, pieces: 1, pushes: [-0.1, 0] },
      { start: 3, end: 6, pieces: 1, pushes: [0.8, 0] },
    ],
    tokens: 4,
    cut: 3,
    maxTokens: 4,
  });
  expect(page).toContain('bad   75.0 %\ngood  25.0 %');
  // 20 blocks for the largest push: 0.8; an eighth of that is 2.5, rounded to 3.
  expect(page).toContain(`−0.100  So  ░░░\n+0.800  sad  ${'█'.repeat(20)}\n+0.100  (the special`);
  expect(page).toContain('Only the first 4 tokens were read; 3 more were cut off.');
  expect(page).toContain('All together +0.800, where the score is +1.000');
});
