import { describe, expect, it } from 'vitest';
import { questionsIn } from './analysis';

describe('questionsIn', () => {
  it('counts the words of each answer, without the question, comments and other headings', () => {
    const text = [
      '# Analysis',
      'Before the first question nothing counts.',
      '',
      '## What did you compare?',
      '',
      '> Name what differs.',
      '<!-- not',
      'this -->',
      '',
      'Two heads, one after the other.',
      '',
      '### More',
      '- 0.9 against 0.87',
      '## And why?',
      '',
      '> Say what makes you think so.',
    ].join('\r\n');
    expect(questionsIn(text)).toEqual([
      // "Two heads, one after the other" is six words, "More" one, "0.9 against 0.87" five: numbers part at the dot.
      { title: 'What did you compare?', line: 4, words: 12 },
      { title: 'And why?', line: 14, words: 0 },
    ]);
  });

  it('finds no question in an empty text', () => {
    expect(questionsIn('')).toEqual([]);
  });
});
