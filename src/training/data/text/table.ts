import { extname } from 'node:path';
import { LearnerError } from '../../../protocol/errors';
import { readDataFile, type TextEncoding } from '../data-file';
import { CsvError, guessDelimiter, parseDelimited, reasonOf } from '../delimited';
import { parseJsonLines } from '../json-lines';
import type { Skip } from '../listing';

const MAX_BYTES = 256 * 1024 * 1024;
/** A text may have a megabyte, in four bytes a character. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;

export interface TableRow {
  readonly line: number;
  /** By column. A map: a column may be called __proto__. */
  readonly cells: ReadonlyMap<string, unknown>;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly skipped: readonly Skip[];
  readonly encoding: TextEncoding;
  /** Another delimiter that the first line has, where there is one column only. */
  readonly otherDelimiter?: string | undefined;
}

export const tableError = (file: string, what: string, remedy: string, line?: number): LearnerError =>
  new LearnerError({
    code: 'data-file-invalid',
    message: `The data file ${file} ${what}.`,
    remedy,
    ...(line === undefined ? {} : { location: { file, line } }),
  });

/**
 * CSV, TSV or JSON Lines, by the file's name; a file with another name is JSON Lines where it begins with a brace.
 * @param delimiter of CSV; without it, it is guessed from the first line
 * @throws {LearnerError} where the file cannot be read, or a line is no JSON, or quotes do not fit
 */
export async function readTable(file: string, delimiter?: string): Promise<Table> {
  const { text, encoding } = await readDataFile(file, {
    what: 'The data file',
    code: 'data-file',
    remedy: 'Correct the path; it starts from the folder of the experiment file.',
    maxBytes: MAX_BYTES,
  });
  const kind = extname(file).toLowerCase();
  const isJson = ['.jsonl', '.ndjson', '.json'].includes(kind) || (kind !== '.csv' && /^\s*\{/.test(text));
  const table = isJson
    ? jsonTable(text, file)
    : delimitedTable(text, file, delimiter ?? (kind === '.tsv' ? '\t' : undefined));
  return { ...table, encoding };
}

function jsonTable(text: string, file: string): Omit<Table, 'encoding'> {
  const columns = new Set<string>();
  const rows = parseJsonLines(text).map(({ value, line }): TableRow => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw tableError(
        file,
        `is no JSON Lines: line ${line} is no object`,
        'Put one object on each line: {"text": "…", "label": "…"}.',
        line,
      );
    const cells = new Map<string, unknown>(Object.entries(value));
    for (const name of cells.keys()) columns.add(name);
    return { line, cells };
  });
  return { columns: [...columns], rows, skipped: [] };
}

function delimitedTable(text: string, file: string, delimiter?: string): Omit<Table, 'encoding'> {
  let rows;
  try {
    rows = parseDelimited(text, { delimiter, maxRecordBytes: MAX_RECORD_BYTES, relaxQuotes: true });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw tableError(
      file,
      `cannot be read: ${reasonOf(error)}`,
      'Correct that row: a field that begins with a quote must end with one, and a quote inside is written twice.',
    );
  }
  const [header, ...body] = rows;
  if (!header) return { columns: [], rows: [], skipped: [] };
  const columns = header.record.map((name) => name.trim());
  const twice = columns.find((name, index) => columns.indexOf(name) < index);
  if (twice !== undefined)
    throw tableError(
      file,
      `has two columns "${twice}"`,
      'Give each column its own name in the first row.',
      1,
    );
  const skipped: Skip[] = [];
  const kept = body.flatMap(({ record, line }): TableRow[] => {
    if (record.length === columns.length)
      return [{ line, cells: new Map(columns.map((name, index) => [name, record[index]])) }];
    skipped.push({ file, reason: `row ${line}: ${record.length} fields instead of ${columns.length}` });
    return [];
  });
  const guess = guessDelimiter(text);
  const other = columns.length === 1 && columns[0]?.includes(guess) === true ? guess : undefined;
  return { columns, rows: kept, skipped, otherDelimiter: other };
}
