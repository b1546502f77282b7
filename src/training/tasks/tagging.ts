import type { ClassScore, Evaluation, Prediction } from '../../protocol/events';
import type { TaggedText } from '../data/dataset';
import { IGNORED_LABEL } from '../tokenizing/token-labels';
import { classScores, macroF1, scoreOf, type Score } from './class-scores';

/** A run of words with one type: first and last are places in the sentence. */
export interface Entity {
  readonly type: string;
  readonly first: number;
  readonly last: number;
}

export interface TaggingScores {
  /** Share of words with the right tag. Where nearly all are O, always answering O scores high: look at the entities. */
  readonly tokenAccuracy: number;
  /** Per tag; with `tags` in their order. */
  readonly perTag: readonly ClassScore[];
  /** Over all entities: right = same sentence, type, first and last word. */
  readonly entities: Score;
  readonly perType: readonly ClassScore[];
  /** Mean F1 of the types. */
  readonly macroEntityF1: number;
}

/**
 * Entities of IOB2 tags, by the rule of seqeval's default mode: one starts at `B-X`, or at an `I-X` that does not continue an
 * entity of type X, and goes on over `I-X` of the same type. A network does write such an I-X; to drop it would hide a find.
 */
export function entitiesOf(tags: readonly string[]): Entity[] {
  const found: { type: string; first: number; last: number }[] = [];
  let open: (typeof found)[number] | undefined;
  for (const [place, tag] of tags.entries()) {
    const [, mark, type] = /^([BI])-(.*)$/s.exec(tag) ?? [];
    if (mark === undefined || type === undefined) open = undefined;
    else if (mark === 'I' && open?.type === type) open.last = place;
    else {
      open = { type, first: place, last: place };
      found.push(open);
    }
  }
  return found;
}

/**
 * @param truth tags of each sentence's words
 * @param predicted as many for each
 * @param tags all there are, in the order of the classes; without it those that occur, sorted
 */
export function scoreTagging(
  truth: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
  tags: readonly string[] = [...new Set([...truth, ...predicted].flat())].sort(),
): TaggingScores {
  const places = new Map(tags.map((tag, index) => [tag, index]));
  const confusion = tags.map(() => new Array<number>(tags.length).fill(0));
  const counts = new Map<string, { hits: number; predicted: number; true: number }>();
  const countsOf = (type: string): { hits: number; predicted: number; true: number } => {
    const known = counts.get(type) ?? { hits: 0, predicted: 0, true: 0 };
    counts.set(type, known);
    return known;
  };
  let right = 0;
  let words = 0;
  for (const [index, sentence] of truth.entries()) {
    const answer = predicted[index] ?? [];
    if (answer.length !== sentence.length)
      throw new RangeError(
        `Sentence ${index} has ${sentence.length} tags, but ${answer.length} were predicted`,
      );
    for (const [place, tag] of sentence.entries()) {
      words++;
      if (tag === answer[place]) right++;
      const row = confusion[places.get(tag) ?? -1];
      const column = places.get(answer[place] ?? '');
      if (row && column !== undefined) row[column] = (row[column] ?? 0) + 1;
    }
    const key = ({ type, first, last }: Entity): string => `${first} ${last} ${type}`;
    const there = entitiesOf(sentence);
    const keys = new Set(there.map(key));
    for (const { type } of there) countsOf(type).true++;
    for (const entity of entitiesOf(answer)) {
      countsOf(entity.type).predicted++;
      if (keys.has(key(entity))) countsOf(entity.type).hits++;
    }
  }
  const perType = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([className, of]) => ({ className, ...scoreOf(of.hits, of.predicted, of.true), support: of.true }));
  const sum = (pick: 'hits' | 'predicted' | 'true'): number =>
    [...counts.values()].reduce((total, of) => total + of[pick], 0);
  return {
    tokenAccuracy: words === 0 ? 0 : right / words,
    perTag: classScores(confusion, tags),
    entities: scoreOf(sum('hits'), sum('predicted'), sum('true')),
    perType,
    macroEntityF1: macroF1(perType),
  };
}

/** Share of the tokens that count whose label was predicted. @param labels -100 = does not count */
export function tokenAccuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  let right = 0;
  let counted = 0;
  for (let place = 0; place < labels.length; place++) {
    if (labels[place] === IGNORED_LABEL) continue;
    counted++;
    if (predicted[place] === labels[place]) right++;
  }
  return counted === 0 ? 0 : right / counted;
}

const MOST_MISTAKES = 500;

/**
 * Scores of words, and of the entities that they make where tags are IOB2. Of the predictions the worst mistakes are kept: a
 * split has thousands of words. Words that were cut off count as answered with `O`.
 * @param scores with a prediction for each word that was asked for, text after text
 */
export function withEntities(
  { evaluation, predictions }: { evaluation: Evaluation; predictions: Prediction[] },
  tagged: readonly TaggedText[],
  classNames: readonly string[],
): { evaluation: Evaluation; predictions: Prediction[] } {
  const mistakes = predictions
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.loss - a.loss)
    .slice(0, MOST_MISTAKES);
  if (!classNames.some((name) => name.startsWith('B-'))) return { evaluation, predictions: mistakes };
  let next = 0;
  const answers = tagged.map(({ tags, asked }) => {
    const answer = tags.map(() => 'O');
    for (const word of asked) answer[word] = classNames[predictions[next++]?.predicted ?? -1] ?? 'O';
    return answer;
  });
  const { entities, perType } = scoreTagging(
    tagged.map(({ tags }) => tags),
    answers,
    classNames,
  );
  const { precision, recall, f1 } = entities;
  return {
    evaluation: { ...evaluation, entities: { precision, recall, f1, perType } },
    predictions: mistakes,
  };
}
