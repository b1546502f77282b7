/** Of one answer, or the mean of many; each 0..1. */
export interface AnswerScore {
  readonly exactMatch: number;
  readonly f1: number;
}

/** Python's string.punctuation. */
const PUNCTUATION = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g;
/** A word boundary as Python's `\b` sees it: letters of all alphabets are letters. JavaScript's knows those of English. */
const ARTICLES = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
/** Python's white space: JavaScript's without U+FEFF, and with U+0085 and the four separators of ASCII. */
const SEPARATORS = String.fromCharCode(0x1c, 0x1d, 0x1e, 0x1f, 0x85);
const SPACES = new RegExp(`(?:(?!\\uFEFF)\\s|[${SEPARATORS}])+`, 'g');

/** As SQuAD's evaluation does: small letters, no punctuation, no English articles, single spaces. */
export function normalizeAnswer(text: string): string {
  return text
    .toLowerCase()
    .replace(PUNCTUATION, '')
    .replace(ARTICLES, ' ')
    .replace(SPACES, ' ')
    .replace(/^ | $/g, '');
}

/**
 * The best score over several right answers, for each measure by itself (Rajpurkar et al., 2016 and 2018). Without a right answer
 * the question has none, and only an empty answer is right. So it is where normalizing leaves nothing of one side.
 */
export function scoreAnswer(predicted: string, answers: readonly string[]): AnswerScore {
  const given = normalizeAnswer(predicted);
  const right = answers.length === 0 ? [''] : answers.map(normalizeAnswer);
  return {
    exactMatch: right.includes(given) ? 1 : 0,
    f1: Math.max(...right.map((answer) => wordF1(given, answer))),
  };
}

/** F1 of the words that both have, each as often as both have it. */
function wordF1(predicted: string, answer: string): number {
  const given = predicted === '' ? [] : predicted.split(' ');
  const right = answer === '' ? [] : answer.split(' ');
  if (given.length === 0 || right.length === 0) return given.length === right.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const word of right) left.set(word, (left.get(word) ?? 0) + 1);
  let both = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    both++;
  }
  return (2 * both) / (given.length + right.length);
}

export function scoreAnswers(
  rows: readonly { readonly predicted: string; readonly answers: readonly string[] }[],
): AnswerScore {
  const scores = rows.map(({ predicted, answers }) => scoreAnswer(predicted, answers));
  const mean = (pick: keyof AnswerScore): number =>
    scores.reduce((sum, score) => sum + score[pick], 0) / Math.max(1, scores.length);
  return { exactMatch: mean('exactMatch'), f1: mean('f1') };
}
