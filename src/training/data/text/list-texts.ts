import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LearnerError } from '../../../protocol/errors';
import { readDataFile, type TextEncoding } from '../data-file';
import type { SplitName } from '../dataset';
import { LABEL_COLUMNS, sortClasses, splitNamed } from '../delimited';
import { inParallel } from '../in-parallel';
import { listFolder, type FileKind } from '../list-folder';
import type { Skip } from '../listing';
import type { Labelled } from '../split';
import { readTable, tableError, type Table } from './table';
import { hasHtml, sameText, tidyText } from './tidy';

const TEXT_FILES: FileKind = { extensions: new Set(['.txt']), noun: 'a text file', call: 'the path' };
const MAX_TEXT_BYTES = 16 * 1024 * 1024;
const TEXT_COLUMNS = ['text', 'sentence', 'sentence1', 'review', 'comment', 'content'];

/** Names of columns. */
export interface TextColumns {
  readonly text?: string | undefined;
  /** The second text of a pair: a question's passage, a premise's hypothesis. */
  readonly pair?: string | undefined;
  readonly label?: string | undefined;
  /** train, val or test; a column `split` is taken without being named. */
  readonly split?: string | undefined;
  /** What stays together when a validation set is drawn: a document, an author, a day. */
  readonly block?: string | undefined;
}

export interface TextSource {
  /**
   * Absolute: a CSV, TSV or JSON Lines file; or a folder, with one of these for each split (train.csv, val.csv, test.csv), or
   * with a folder of .txt files per class.
   */
  readonly path: string;
  readonly columns?: TextColumns;
  readonly delimiter?: string;
}

/** `file` is FILE:LINE where a file has many texts. */
export interface TextItem extends Labelled {
  readonly text: string;
  readonly pair?: string;
  readonly split?: SplitName;
  readonly block?: string;
}

export interface TextListing {
  readonly root: string;
  readonly classNames: readonly string[];
  /** In the order of the file. */
  readonly items: readonly TextItem[];
  /** Rows and files that cannot be used. */
  readonly skipped: readonly Skip[];
  /** More than one only in a folder. */
  readonly encodings: readonly TextEncoding[];
  /** Texts with control characters or broken ones, which became spaces. */
  readonly tidied: number;
  /** Texts with tags or entities of HTML, which stay. */
  readonly withHtml: number;
}

interface Raw extends Omit<TextItem, 'label' | 'hash'> {
  readonly className: string;
}

interface Listed {
  readonly raw: readonly Raw[];
  readonly skipped: readonly Skip[];
  readonly encodings: readonly TextEncoding[];
}

/**
 * The texts of a data set. What cannot be used is left out by row and reason.
 * @throws {LearnerError} if it cannot be read, lacks a column, or has fewer than two classes
 */
export async function listTexts(source: TextSource): Promise<TextListing> {
  const isFolder = await stat(source.path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const parts = isFolder ? await splitFiles(source.path) : [];
  const listed = !isFolder
    ? fromTable(await readTable(source.path, source.delimiter), source)
    : parts.length > 0
      ? await fromSplitFiles(parts, source)
      : await fromFolder(source.path);
  const { skipped, encodings } = listed;
  const classNames = sortClasses(new Set(listed.raw.map(({ className }) => className)));
  checkClasses(source.path, classNames, skipped);
  const labels = new Map(classNames.map((name, label) => [name, label]));
  let tidied = 0;
  let withHtml = 0;
  const items = listed.raw.map(({ className, ...rest }): TextItem => {
    const text = tidyText(rest.text);
    const pair = rest.pair === undefined ? undefined : tidyText(rest.pair);
    if (text !== rest.text || pair !== rest.pair) tidied++;
    if (hasHtml(text) || (pair !== undefined && hasHtml(pair))) withHtml++;
    const hash = createHash('sha256')
      .update(`${sameText(text)}\n${sameText(pair ?? '')}`)
      .digest('hex');
    return {
      ...rest,
      text,
      ...(pair === undefined ? {} : { pair }),
      label: labels.get(className) ?? 0,
      hash,
    };
  });
  return { root: source.path, classNames, items, skipped, encodings, tidied, withHtml };
}

interface SplitFile {
  readonly path: string;
  readonly split: SplitName;
}

/** train.jsonl, val.csv, test.tsv … of a folder. */
export async function splitFiles(root: string): Promise<SplitFile[]> {
  const names = (await readdir(root)).sort();
  return names.flatMap((name) => {
    const [, stem = ''] = /^(.+)\.(csv|tsv|jsonl)$/i.exec(name) ?? [];
    const split = splitNamed(stem);
    return split ? [{ path: join(root, name), split }] : [];
  });
}

async function fromSplitFiles(parts: readonly SplitFile[], source: TextSource): Promise<Listed> {
  const listed = await Promise.all(
    parts.map(async ({ path, split }) => {
      const { raw, ...rest } = fromTable(await readTable(path, source.delimiter), { ...source, path });
      return { raw: raw.map((item) => ({ ...item, split })), ...rest };
    }),
  );
  return {
    raw: listed.flatMap(({ raw }) => raw),
    skipped: listed.flatMap(({ skipped }) => skipped),
    encodings: [...new Set(listed.flatMap(({ encodings }) => encodings))].sort(),
  };
}

async function fromFolder(root: string): Promise<Listed> {
  const { classNames, found, skipped: left } = await listFolder(root, TEXT_FILES);
  const skipped = [...left];
  const encodings = new Set<TextEncoding>();
  const raw = await inParallel(found, async ({ file, label, split }): Promise<Raw | undefined> => {
    const skip = (reason: string): undefined => void skipped.push({ file, reason });
    try {
      const { text, encoding } = await readDataFile(file, {
        what: 'The text file',
        code: 'data-file',
        remedy: 'Put it back, or read the folder again.',
        maxBytes: MAX_TEXT_BYTES,
      });
      if (text.trim() === '') return skip('no text');
      encodings.add(encoding);
      return { file, text, className: classNames[label] ?? '', ...(split ? { split } : {}) };
    } catch (error) {
      if (error instanceof LearnerError) return skip(error.message);
      throw error;
    }
  });
  skipped.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { raw, skipped, encodings: [...encodings].sort() };
}

function fromTable(table: Table, { path, columns = {} }: TextSource): Listed {
  if (table.rows.length === 0) throw noRows(path, table.skipped);
  const textColumn = columnOf(table, path, columns.text, TEXT_COLUMNS, 'texts');
  const labelColumn = columnOf(table, path, columns.label, LABEL_COLUMNS, 'labels');
  const pairColumn =
    columns.pair === undefined ? undefined : columnOf(table, path, columns.pair, [], 'second texts');
  const blockColumn =
    columns.block === undefined ? undefined : columnOf(table, path, columns.block, [], 'blocks');
  const splitColumn =
    columns.split === undefined
      ? table.columns.find((name) => name.toLowerCase() === 'split')
      : columnOf(table, path, columns.split, [], 'splits');

  const skipped: Skip[] = [...table.skipped];
  const raw = table.rows.flatMap(({ line, cells }): Raw[] => {
    const skip = (reason: string): [] => {
      skipped.push({ file: path, reason: `row ${line}: ${reason}` });
      return [];
    };
    const text = cells.get(textColumn);
    const pair = pairColumn === undefined ? undefined : cells.get(pairColumn);
    const className = wordOf(cells.get(labelColumn));
    const block = blockColumn === undefined ? undefined : wordOf(cells.get(blockColumn));
    if (text !== undefined && text !== null && typeof text !== 'string')
      return skip(`a text that is ${kindOf(text)}`);
    if (typeof text !== 'string' || text.trim() === '') return skip('no text');
    if (pairColumn !== undefined && (typeof pair !== 'string' || pair.trim() === ''))
      return skip('no second text');
    if (className === undefined) return skip(`a label that is ${kindOf(cells.get(labelColumn))}`);
    if (className === '') return skip('no label');
    if (blockColumn !== undefined && !block) return skip(`no ${blockColumn}`);
    const written = splitColumn === undefined ? undefined : (wordOf(cells.get(splitColumn)) ?? '');
    const split = written === undefined ? undefined : splitNamed(written);
    if (written !== undefined && !split) return skip(`split "${written}" is none of train, val, test`);
    return [
      {
        file: `${path}:${line}`,
        text,
        className,
        ...(typeof pair === 'string' ? { pair } : {}),
        ...(split ? { split } : {}),
        ...(block ? { block } : {}),
      },
    ];
  });
  return { raw, skipped, encodings: [table.encoding] };
}

/** As a word: 1 and "1" are the same class. Undefined for lists and objects; empty where nothing is given. */
function wordOf(cell: unknown): string | undefined {
  if (cell === undefined || cell === null) return '';
  if (typeof cell === 'string') return tidyText(cell).trim();
  return typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : undefined;
}

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;

/** @param usual names that are taken without being named, the first that is there */
function columnOf(
  { columns, otherDelimiter }: Table,
  path: string,
  wanted: string | undefined,
  usual: readonly string[],
  what: string,
): string {
  const found =
    wanted === undefined
      ? usual
          .map((name) => columns.find((column) => column.toLowerCase() === name))
          .find((column) => column !== undefined)
      : columns.find((name) => name === wanted);
  if (found !== undefined) return found;
  const hint =
    otherDelimiter === undefined
      ? ''
      : ` Its first line has ${JSON.stringify(otherDelimiter)} between the names: is that the delimiter?`;
  throw tableError(
    path,
    `has no column ${wanted === undefined ? usual.join(' or ') : `"${wanted}"`} for the ${what}. Its columns: ${columns.join(', ')}`,
    `Name the column that has the ${what}.${hint}`,
  );
}

function noRows(path: string, skipped: readonly Skip[]): LearnerError {
  const [first] = skipped;
  const left = first ? ` (${skipped.length} left out, first ${basename(first.file)}: ${first.reason})` : '';
  return new LearnerError({
    code: 'data-empty',
    message: `${path} has no rows with a text and a label${left}.`,
    remedy:
      'Give it a first row with the names text and label and a row for each text, or a folder of .txt files per class.',
  });
}

function checkClasses(path: string, classNames: readonly string[], skipped: readonly Skip[]): void {
  if (classNames.length >= 2) return;
  if (classNames.length === 0) throw noRows(path, skipped);
  throw new LearnerError({
    code: 'data-one-class',
    message: `${path} has one class only: ${classNames[0] ?? ''}.`,
    remedy: 'Add texts of a second class: a network learns to tell classes apart.',
  });
}
