import * as tf from '@tensorflow/tfjs';
import { LearnerError } from '../../protocol/errors';
import { SHOWN_CLASSES } from '../../protocol/try-picture';
import { MOST_TEXT_UNITS, type TriedText, type TriedWord } from '../../protocol/try-text';
import { tidyText } from '../data/text/tidy';
import { forwardGroups } from '../models/model';
import type { Encoding } from '../tokenizing/tokenizer';
import { gradientTimesInput } from './gradient-times-input';
import { softmax, surest } from './predictor';
import { openSavedTextNetwork, type SavedTextNetwork } from './saved-text-network';

/** The best network of a run, ready to read texts. */
export class TextPredictor {
  private constructor(private readonly network: SavedTextNetwork) {}

  /** @throws {LearnerError} see `openSavedTextNetwork` */
  static async open(directory: string): Promise<TextPredictor> {
    return new TextPredictor(await openSavedTextNetwork(directory));
  }

  get run(): SavedTextNetwork['run'] {
    return this.network.run;
  }

  /** @throws {LearnerError} 'text-empty' or 'text-too-large' */
  predict(given: string): TriedText {
    const { model, classNames, tokenizer, maxTokens } = this.network;
    const text = readable(given);
    const encoding = tokenizer.encode(text, { maxLength: maxTokens });
    const { ids, cut } = encoding;
    const to = model.layerGroups.length;
    const rest = (embedded: tf.Tensor): tf.Tensor => forwardGroups(model, embedded, { from: 1, to }, false);
    const input = tf.tensor2d([...ids], [1, ids.length], 'int32');
    const embedded = tf.tidy(() => forwardGroups(model, input, { from: 0, to: 1 }, false) as tf.Tensor3D);
    try {
      const logits = Array.from(tf.tidy(() => rest(embedded).dataSync<'float32'>()));
      const probabilities = softmax(logits);
      const shown = surest(probabilities.slice(0, classNames.length), SHOWN_CLASSES);
      const pushes = gradientTimesInput(rest, embedded, shown, model.numClasses);
      const words = wordsOf(encoding, pushes);
      return {
        text: cut === 0 ? text : text.slice(0, words.at(-1)?.end ?? 0),
        numClasses: classNames.length,
        classes: shown.map((index, place) => ({
          name: classNames[index] ?? '',
          logit: logits[index] ?? 0,
          probability: probabilities[index] ?? 0,
          special: sum(pushes[place]?.filter((_, token) => encoding.wordIds[token] === null) ?? []),
          sum: sum(pushes[place] ?? []),
        })),
        words,
        tokens: ids.length,
        cut,
        maxTokens,
      };
    } finally {
      tf.dispose([input, embedded]);
    }
  }

  dispose(): void {
    this.network.model.dispose();
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function readable(given: string): string {
  const { length } = given;
  if (length > MOST_TEXT_UNITS) {
    throw new LearnerError({
      code: 'text-too-large',
      message: `The text has ${length.toLocaleString('en')} characters; at most ${MOST_TEXT_UNITS.toLocaleString('en')} are taken.`,
      remedy: 'Give a sentence or a few: the network reads only the beginning anyway.',
    });
  }
  const text = tidyText(given);
  if (text.trim() !== '') return text;
  throw new LearnerError({
    code: 'text-empty',
    message: 'There is no text to read.',
    remedy: 'Type a sentence.',
  });
}

/** Pieces of a word stand together. @param pushes by class, then token */
function wordsOf({ wordIds, offsets }: Encoding, pushes: readonly (readonly number[])[]): TriedWord[] {
  const words = new Map<number, TriedWord>();
  for (const [token, word] of wordIds.entries()) {
    if (word === null) continue;
    const [start, end] = offsets[token] ?? [0, 0];
    const before = words.get(word);
    words.set(word, {
      start: before?.start ?? start,
      end,
      pieces: (before?.pieces ?? 0) + 1,
      pushes: pushes.map((own, place) => (before?.pushes[place] ?? 0) + (own[token] ?? 0)),
    });
  }
  return [...words.values()];
}
