import { CsvError, parse, type Info } from 'csv-parse/sync';
import type { SplitName } from './dataset';

export interface DelimitedRow {
  readonly record: readonly string[];
  /** Of its end, from 1. */
  readonly line: number;
}

export interface DelimitedOptions {
  /** Without it the one of comma, semicolon and tab that the first line has most of. */
  readonly delimiter?: string | undefined;
  /** A quote that is never closed would swallow the rest of the file. */
  readonly maxRecordBytes: number;
  /** Quotes inside a field that does not begin with one are text. */
  readonly relaxQuotes?: boolean;
}

/** @throws {CsvError} where quotes do not fit, or a record is too long */
export function parseDelimited(text: string, options: DelimitedOptions): DelimitedRow[] {
  const rows = parse(text, {
    delimiter: options.delimiter ?? guessDelimiter(text),
    info: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: options.relaxQuotes ?? false,
    max_record_size: options.maxRecordBytes,
  }) as unknown as { record: readonly string[]; info: Info }[];
  return rows.map(({ record, info }) => ({ record, line: info.lines }));
}

export function guessDelimiter(text: string): string {
  const firstLine = (/^[^\r\n]*/.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const count = (mark: string): number => firstLine.split(mark).length;
  return [',', ';', '\t'].sort((a, b) => count(b) - count(a))[0] ?? ',';
}

/** 2 before 10 where all labels are numbers. */
export function sortClasses(labels: ReadonlySet<string>): string[] {
  const names = [...labels].sort();
  return names.every((name) => /^-?\d+(\.\d+)?$/.test(name))
    ? names.sort((a, b) => Number(a) - Number(b))
    : names;
}

const SPLITS: ReadonlyMap<string, SplitName> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
]);

/** What a cell of the column `split` means; undefined for what is none of train, val, test. */
export const splitNamed = (written: string): SplitName | undefined =>
  SPLITS.get(written.trim().toLowerCase());

export const LABEL_COLUMNS = ['label', 'class', 'category', 'target'];

/** What is wrong, and where the record begins: the line in the parser's words is where it gave up. */
export const reasonOf = ({ message, records }: CsvError): string =>
  typeof records === 'number' ? `${message}, in a record that begins after ${records} others` : message;

export { CsvError };
