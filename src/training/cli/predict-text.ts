import { resolve } from 'node:path';
import { percent } from '../../protocol/percent';
import type { TriedText } from '../../protocol/try-text';
import { createEngine } from '../engine/engine';
import { TextPredictor } from '../prediction/text-predictor';
import type { Answer, CommonOptions } from './run-commands';
import { paint, say, table } from './terminal';

/** What the best network of a run says of one text, and what pushed it there. */
export async function predictText(run: string, text: string, { json }: CommonOptions): Promise<Answer> {
  await createEngine();
  const predictor = await TextPredictor.open(resolve(run));
  try {
    const tried = predictor.predict(text);
    if (json !== true) tell(predictor.run.experiment, tried);
    return { ...tried };
  } finally {
    predictor.dispose();
  }
}

function tell(experiment: string, tried: TriedText): void {
  const { text, classes, numClasses, words, cut, maxTokens } = tried;
  say(paint('bold', `What the best weights of ${experiment} say:`));
  const answers = classes.map(({ name, probability }) => [name, percent(probability)]);
  say(`\n${table(['class', 'probability'], answers)}`);
  if (numClasses > classes.length) say(`The surest ${classes.length} of ${numClasses} classes.`);
  if (cut > 0) say(`\nOnly the first ${maxTokens} tokens were read; ${cut} more were cut off.`);
  const [first] = classes;
  if (!first) return;
  const rows = words.map(({ start, end, pushes }) => [text.slice(start, end), signed(pushes[0] ?? 0)]);
  say(`\n${table(['word', `for ${first.name}`], [...rows, ['(special tokens)', signed(first.special)]])}`);
  say(
    `\nGradient times input at the embeddings: how the score of ${first.name} answers to a tiny change of a word, times the word; ` +
      `not what would happen without it. Together ${signed(first.sum)}, where the score is ${signed(first.logit)}: ` +
      'the two would differ by a bias alone if the network were linear.',
  );
}

const signed = (value: number): string => (value < 0 ? '−' : '+') + Math.abs(value).toFixed(3);
