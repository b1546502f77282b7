import { createHash } from 'node:crypto';
import { basename, isAbsolute, resolve } from 'node:path';
import type { Problem } from '../../../protocol/errors';
import { LearnerError } from '../../../protocol/errors';
import { permutation, randomStream } from '../../random';
import { countCut } from '../../tokenizing/pad-batch';
import type { BertTokenizer } from '../../tokenizing/tokenizer';
import type { TextDataset, TextSplit } from '../dataset';
import type { Labelled } from '../split';
import { listTexts, type TextItem, type TextListing } from './list-texts';
import { neighbourLabels, splitTexts, type TextSplits } from './split-texts';
import type { TextData } from './text-source';

export interface LoadedTexts {
  readonly dataset: TextDataset;
  /** What a learner should know of the data; training goes on. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads, splits and tokenizes the texts of a file or folder.
 * @param directory that a relative path starts from
 * @throws {LearnerError} if there is nothing to learn from, or `maxTokens` is more than the network reads
 */
export async function loadTexts(
  source: TextData,
  directory: string,
  tokenizer: BertTokenizer,
): Promise<LoadedTexts> {
  const { maxTokens, valFraction, seed, blockSize, trainCount } = source;
  const listing = await listTextData(source, directory);
  const { classNames, root, skipped } = listing;
  const split = splitTexts(listing, {
    valFraction,
    seed,
    ...(blockSize === undefined ? {} : { blockSize }),
  });
  const { val, test } = split.splits;
  const train = drawTexts(split.splits.train, trainCount, classNames.length, seed);
  const encode = (items: readonly TextItem[]): TextSplit => ({
    count: items.length,
    labels: Int32Array.from(items, ({ label }) => label),
    files: items.map(({ file }) => file),
    texts: items.map(({ text, pair }) => (pair === undefined ? text : `${text}\n${pair}`)),
    encodings: items.map(({ text, pair }) =>
      tokenizer.encode(text, { maxLength: maxTokens, ...(pair === undefined ? {} : { pair }) }),
    ),
  });
  const splits = { train: encode(train), val: encode(val), test: encode(test) };
  const counts = { train: splits.train.count, val: splits.val.count, test: splits.test.count };
  const dataset: TextDataset = {
    kind: 'texts',
    info: { name: basename(root), items: 'texts', classNames, counts, skipped },
    classNames,
    splits,
    padId: tokenizer.padId,
    maxTokens,
    told: toldOf(splits, tokenizer, maxTokens),
    fingerprint: fingerprint(splits, classNames),
  };
  return { dataset, warnings: warningsOf(listing, split) };
}

/** How texts became tokens, in words. */
export function toldOf(splits: TextDataset['splits'], tokenizer: BertTokenizer, maxTokens: number): string {
  const encodings = Object.values(splits).flatMap((split) => split.encodings);
  const cut = countCut(encodings);
  return (
    `Texts became tokens of a vocabulary of ${tokenizer.vocabularySize.toLocaleString('en')}, special tokens included; ` +
    (cut.texts === 0
      ? `none is longer than ${maxTokens}.`
      : `${cut.texts} of ${encodings.length} were cut to ${maxTokens}.`)
  );
}

export const pathOf = (path: string, directory: string): string =>
  isAbsolute(path) ? path : resolve(directory, path);

/** The texts of a source; a relative path starts from `directory`. @throws {LearnerError} if it cannot be read */
export function listTextData(source: TextData, directory: string): Promise<TextListing> {
  const { path, textColumn, pairColumn, labelColumn, splitColumn, blockColumn } = source;
  return listTexts({
    path: pathOf(path, directory),
    columns: {
      text: textColumn,
      pair: pairColumn,
      label: labelColumn,
      split: splitColumn,
      block: blockColumn,
    },
  });
}

/**
 * Some of the texts, as many of each class as can be, drawn with `seed`; in their order.
 * @throws {LearnerError} 'train-count' if there are not so many, or fewer than classes
 */
export function drawTexts<Item extends Labelled>(
  items: readonly Item[],
  count: number | undefined,
  numClasses: number,
  seed: number,
): readonly Item[] {
  if (count === undefined || count === items.length) return items;
  if (count > items.length || count < numClasses) {
    throw new LearnerError({
      code: 'train-count',
      message: `trainCount is ${count}, but there are ${items.length} training texts in ${numClasses} classes.`,
      remedy: `Give a number from ${numClasses} to ${items.length}, or leave trainCount out.`,
    });
  }
  const order = [...permutation(randomStream(seed, 'training texts'), items.length)];
  const waiting = Array.from({ length: numClasses }, (_, label) =>
    order.filter((index) => items[index]?.label === label),
  );
  const drawn: number[] = [];
  for (let round = 0; drawn.length < count; round++)
    for (const line of waiting) {
      const index = line[round];
      if (index !== undefined && drawn.length < count) drawn.push(index);
    }
  return drawn.sort((a, b) => a - b).flatMap((index) => items[index] ?? []);
}

function warningsOf({ root, items, encodings, tidied }: TextListing, split: TextSplits): Problem[] {
  const warnings: Problem[] = [];
  const name = basename(root);
  const odd = encodings.filter((encoding) => encoding !== 'utf-8');
  if (odd.length > 0)
    warnings.push({
      code: 'text-encoding',
      message: `${name} is read as ${odd.join(' and ')}, as its bytes are no UTF-8.`,
      remedy: 'If letters look wrong, save it as UTF-8.',
    });
  if (tidied > 0)
    warnings.push({
      code: 'text-tidied',
      message: `${tidied} ${tidied === 1 ? 'text of' : 'texts of'} ${name} had control characters or broken ones; they became spaces.`,
      remedy: 'Look at how the file was made, if this was not expected.',
    });
  if (split.conflicts.length > 0)
    warnings.push({
      code: 'text-conflicts',
      message: `${split.conflicts.length} ${split.conflicts.length === 1 ? 'text stands' : 'texts stand'} in ${name} under two classes, first ${split.conflicts[0]?.item.file ?? ''}.`,
      remedy: 'Decide which class is right: each was kept once, where it measures.',
    });
  const { related, same, expected } = neighbourLabels(items.map(({ label }) => label));
  if (split.by === 'texts' && related)
    warnings.push({
      code: 'text-neighbours',
      message: `In ${name}, ${Math.round(100 * same)} % of neighbours have the same class, where chance gives ${Math.round(100 * expected)} %: neighbours seem to belong together, and a split text by text puts parts of one whole on both sides.`,
      remedy: 'Give blockColumn (a document, an author), or blockSize: so many neighbours stay together.',
    });
  return warnings;
}

function fingerprint(splits: TextDataset['splits'], classNames: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(classNames));
  for (const part of ['train', 'val', 'test'] as const) {
    const { encodings, labels } = splits[part];
    for (const [index, { ids, typeIds }] of encodings.entries())
      hash.update(`${part} ${labels[index] ?? 0} ${ids.join()} ${typeIds.join()}\n`);
  }
  return hash.digest('hex');
}
