import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { normalizeAnswer, scoreAnswer, scoreAnswers } from './question-answering';
import squad from './squad.json';
import { entitiesOf, scoreTagging, tokenAccuracy } from './tagging';

interface Counted {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly true: number;
}

// See test/oracle/README.md: computed by hand-written rules that agree with scikit-learn and with seqeval 1.2.2.
const { tagging } = JSON.parse(
  readFileSync(new URL('../../../test/oracle/losses.json', import.meta.url), 'utf8'),
) as {
  tagging: {
    truth: string[][];
    predicted: string[][];
    token: { accuracy: number; perLabel: Record<string, Counted> };
    entity: {
      trueEntities: [number, string, number, number][];
      predictedEntities: [number, string, number, number][];
      micro: Counted;
      perType: Record<string, Counted>;
      macro: number;
    };
  };
};

const close = ({ precision, recall, f1 }: Counted): Record<string, number> => ({
  precision: expect.closeTo(precision, 8) as number,
  recall: expect.closeTo(recall, 8) as number,
  f1: expect.closeTo(f1, 8) as number,
});

describe('scores of tags', () => {
  const found = scoreTagging(tagging.truth, tagging.predicted);

  it('of tokens are the reference’s', () => {
    expect(found.tokenAccuracy).toBeCloseTo(tagging.token.accuracy, 8);
    expect(found.perTag).toEqual(
      Object.entries(tagging.token.perLabel).map(([className, of]) => ({
        className,
        ...close(of),
        support: of.true,
      })),
    );
  });

  it.each(['truth', 'predicted'] as const)('find the reference’s entities in the %s', (side) => {
    const all = tagging[side].flatMap((tags, sentence) =>
      entitiesOf(tags).map(({ type, first, last }) => [sentence, type, first, last]),
    );
    expect(all.sort()).toEqual(
      (side === 'truth' ? tagging.entity.trueEntities : tagging.entity.predictedEntities).sort(),
    );
  });

  it('of entities are the reference’s: an I- that continues nothing begins one', () => {
    expect(found.entities).toEqual(close(tagging.entity.micro));
    expect(found.macroEntityF1).toBeCloseTo(tagging.entity.macro, 8);
    expect(found.perType).toEqual(
      Object.entries(tagging.entity.perType).map(([className, of]) => ({
        className,
        ...close(of),
        support: of.true,
      })),
    );
  });

  it('tell what always answering O is worth: many words, no entity', () => {
    const truth = [['B-NAME', ...new Array<string>(19).fill('O')]];
    const scores = scoreTagging(truth, [new Array<string>(20).fill('O')]);
    expect([scores.tokenAccuracy, scores.entities.f1]).toEqual([0.95, 0]);
    expect(scoreTagging([], [])).toMatchObject({ tokenAccuracy: 0, entities: { f1: 0 }, macroEntityF1: 0 });
    expect(() => scoreTagging(truth, [['O']])).toThrow('Sentence 0 has 20 tags, but 1 were predicted');
  });

  it('do not count tokens with the label -100', () => {
    expect(tokenAccuracy([5, 1, 2, 0], [-100, 1, 1, -100])).toBe(0.5);
    expect(tokenAccuracy([1], [-100])).toBe(0);
  });
});

describe('answers', () => {
  // torchmetrics' values: tools/text/squad_reference.py.
  it.each(squad.rows)('$predicted for $answers scores as in torchmetrics', (row) => {
    expect(normalizeAnswer(row.predicted)).toBe(row.normalized);
    const { exactMatch, f1 } = scoreAnswer(row.predicted, row.answers);
    expect(exactMatch).toBe(row.exactMatch);
    expect(f1).toBeCloseTo(row.f1, 6);
  });

  it('to a question that has none are right where they are empty', () => {
    expect(scoreAnswer('', [])).toEqual({ exactMatch: 1, f1: 1 });
    expect(scoreAnswer('something', [])).toEqual({ exactMatch: 0, f1: 0 });
  });

  it('are averaged over questions', () => {
    // F1 of "in 1998" for "1998": precision 1/2, recall 1, so 2/3.
    const rows = [
      { predicted: 'Denver', answers: ['denver'] },
      { predicted: 'in 1998', answers: ['1998'] },
    ];
    expect(scoreAnswers(rows)).toEqual({
      exactMatch: 0.5,
      f1: expect.closeTo((1 + 2 / 3) / 2, 12) as number,
    });
    expect(scoreAnswers([])).toEqual({ exactMatch: 0, f1: 0 });
  });
});
