import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { IGNORED_LABEL, labelFirstPieces } from '../../tokenizing/token-labels';
import type { BertTokenizer } from '../../tokenizing/tokenizer';
import type { SplitName, TaggedText, TextDataset, TextSplit } from '../dataset';
import { sortClasses, splitNamed } from '../delimited';
import type { Skip } from '../listing';
import { blockSplit, withoutDuplicates } from '../split';
import { splitFiles } from './list-texts';
import { drawTexts, pathOf, toldOf, type LoadedTexts } from './load-texts';
import { readTable, tableError, type TableRow } from './table';
import type { TaggedData } from './text-source';
import { tidyText } from './tidy';

interface Item {
  readonly file: string;
  readonly words: readonly string[];
  readonly tags: readonly string[];
  readonly split?: SplitName;
  readonly block: string;
  readonly hash: string;
  /** All alike: texts have no class of their own. */
  readonly label: 0;
}

/**
 * Reads texts whose words have tags, from JSON Lines: `{"words": ["He", "left"], "tags": ["O", "O"]}`.
 * A word's tag is asked for at its first token; -100 elsewhere.
 * @param directory that a relative path starts from
 * @throws {LearnerError} if a field is missing, or there is nothing to learn from
 */
export async function loadTagged(
  source: TaggedData,
  directory: string,
  tokenizer: BertTokenizer,
): Promise<LoadedTexts> {
  const { maxTokens, valFraction, seed, trainCount } = source;
  const root = pathOf(source.path, directory);
  const skipped: Skip[] = [];
  const items = await listTagged(root, source, skipped);
  const given = (name?: SplitName): Item[] => items.filter(({ split }) => split === name);
  const { kept } = withoutDuplicates([given('test'), given('val'), [...given('train'), ...given()]]);
  const [test = [], val = [], rest = []] = kept;
  const parts =
    val.length > 0 ? { train: rest, val } : blockSplit(rest, ({ block }) => block, valFraction, seed);
  const train = drawTexts(parts.train, trainCount, 1, seed);
  const classNames = sortClasses(new Set(train.flatMap(({ tags }) => tags)));
  if (classNames.length < 2)
    throw tableError(root, `has one tag only: ${classNames.join()}`, 'A network learns to tell tags apart.');
  if (parts.val.length === 0)
    throw tableError(root, 'has too few texts to set some aside', 'Give it at least two blocks of texts.');
  const split = (some: readonly Item[]): TextSplit => encoded(some, classNames, maxTokens, tokenizer);
  const splits = { train: split(train), val: split(parts.val), test: split(test) };
  const counts = { train: splits.train.count, val: splits.val.count, test: splits.test.count };
  const hash = createHash('sha256').update(JSON.stringify(classNames));
  for (const [name, { encodings, tagged = [] }] of Object.entries(splits))
    for (const [index, { ids }] of encodings.entries())
      hash.update(`${name} ${ids.join()} ${tagged[index]?.tokenLabels.join() ?? ''}\n`);
  return {
    dataset: {
      kind: 'texts',
      info: { name: basename(root), classNames, counts, skipped },
      classNames,
      splits,
      padId: tokenizer.padId,
      maxTokens,
      told: toldOf(splits, tokenizer, maxTokens),
      fingerprint: hash.digest('hex'),
    } satisfies TextDataset,
    warnings: [],
  };
}

async function listTagged(root: string, source: TaggedData, skipped: Skip[]): Promise<Item[]> {
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const files = isFolder ? await splitFiles(root) : [{ path: root, split: undefined }];
  if (files.length === 0)
    throw tableError(
      root,
      'has no file train.jsonl',
      'Give a JSON Lines file, or a folder with one for each split.',
    );
  const items: Item[] = [];
  for (const { path, split } of files) {
    const { rows, columns } = await readTable(path);
    for (const name of [source.wordsColumn, source.tagsColumn])
      if (!columns.includes(name))
        throw tableError(
          path,
          `has no field "${name}". Its fields: ${columns.join(', ')}`,
          'Name the fields with wordsColumn and tagsColumn.',
        );
    for (const row of rows) {
      const item = itemOf(row, path, split, source);
      if (typeof item === 'string') skipped.push({ file: path, reason: `row ${row.line}: ${item}` });
      else items.push(item);
    }
  }
  return items;
}

/** @returns why a row cannot be used, where it cannot */
function itemOf(
  { line, cells }: TableRow,
  path: string,
  given: SplitName | undefined,
  { wordsColumn, tagsColumn, splitColumn = 'split', blockColumn }: TaggedData,
): Item | string {
  const words = stringsOf(cells.get(wordsColumn))?.map(tidyText);
  const tags = stringsOf(cells.get(tagsColumn));
  if (!words) return `"${wordsColumn}" is no list of words`;
  if (!tags) return `"${tagsColumn}" is no list of tags`;
  if (words.length === 0) return 'no words';
  if (words.length !== tags.length) return `${words.length} words, but ${tags.length} tags`;
  const written = cells.get(splitColumn);
  const split = given ?? (typeof written === 'string' ? splitNamed(written) : undefined);
  const block = blockColumn === undefined ? undefined : cells.get(blockColumn);
  const file = `${path}:${line}`;
  const hash = createHash('sha256').update(words.join(' ').toLowerCase()).digest('hex');
  return {
    file,
    words,
    tags,
    ...(split ? { split } : {}),
    block: typeof block === 'string' ? block : file,
    hash,
    label: 0,
  };
}

function stringsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
}

function encoded(
  items: readonly Item[],
  classNames: readonly string[],
  maxTokens: number,
  tokenizer: BertTokenizer,
): TextSplit {
  const classes = new Map(classNames.map((name, index) => [name, index]));
  const encodings = items.map(({ words }) => tokenizer.encodeWords(words, { maxLength: maxTokens }));
  const tagged = items.map(({ tags }, index): TaggedText => {
    const wordIds = encodings[index]?.wordIds ?? [];
    // A tag that training has not seen cannot be answered.
    const labels = tags.map((tag) => classes.get(tag) ?? IGNORED_LABEL);
    const tokenLabels = labelFirstPieces(wordIds, labels);
    const asked = tokenLabels.flatMap((label, place) =>
      label === IGNORED_LABEL ? [] : [wordIds[place] ?? 0],
    );
    return { tags, asked, tokenLabels };
  });
  const each = <T>(make: (item: Item, word: number) => T): T[] =>
    items.flatMap((item, index) => (tagged[index]?.asked ?? []).map((word) => make(item, word)));
  return {
    count: items.length,
    encodings,
    tagged,
    labels: Int32Array.from(each(({ tags }, word) => classes.get(tags[word] ?? '') ?? 0)),
    files: each(({ file }) => file),
    texts: each(({ words }, word) => `${words[word] ?? ''} – ${words.join(' ')}`),
  };
}
