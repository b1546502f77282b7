import { percent } from '../../protocol/percent';
import type { TriedText } from '../../protocol/try-text';

/** What a network says of a text, and what pushed it there, as a page of plain text. */
export function triedText(title: string, tried: TriedText): string {
  const { text, classes, numClasses, words, cut, maxTokens } = tried;
  const [first] = classes;
  if (!first) return '';
  const wide = Math.max(0, ...classes.map(({ name }) => name.length));
  const most = Math.max(0, ...words.map(({ pushes }) => Math.abs(pushes[0] ?? 0)));
  const lines = words.map(({ start, end, pushes }) => {
    const push = pushes[0] ?? 0;
    const bar = (push < 0 ? '░' : '█').repeat(most === 0 ? 0 : Math.round((20 * Math.abs(push)) / most));
    return `${signed(push)}  ${text.slice(start, end)}  ${bar}`;
  });
  return [
    `${title}`,
    '',
    ...classes.map(({ name, probability }) => `${name.padEnd(wide)}  ${percent(probability)}`),
    ...(numClasses > classes.length ? [`The surest ${classes.length} of ${numClasses} classes.`] : []),
    ...(cut > 0 ? [`Only the first ${maxTokens} tokens were read; ${cut} more were cut off.`] : []),
    '',
    `What pushed it to (█) or away from (░) ${first.name}:`,
    ...lines,
    `${signed(first.special)}  (the special tokens around the text)`,
    '',
    'This is gradient times input at the embeddings, summed over the pieces of a word: how the score of the class answers to',
    'a tiny change of the word, times the word. It does not say what the network would answer without the word: leave it out,',
    'and try again.',
    `All together ${signed(first.sum)}, where the score is ${signed(first.logit)}; for a linear network the two would differ by a bias alone.`,
    '',
  ].join('\n');
}

const signed = (value: number): string => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(3);
