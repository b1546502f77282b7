import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import type { ImageCsv } from '../experiment';
import { readDataFile } from './data-file';
import type { SplitName } from './dataset';
import {
  CsvError,
  LABEL_COLUMNS,
  parseDelimited,
  reasonOf,
  sortClasses,
  splitNamed,
  type DelimitedRow,
} from './delimited';
import type { Found, Listing, Skip } from './listing';

const MAX_CSV_BYTES = 256 * 1024 * 1024;
/** No path or label is longer; a quote that is never closed would swallow the rest of the file. */
const MAX_RECORD_BYTES = 64 * 1024;
const PATHS = ['path', 'file', 'filename', 'file_name', 'image', 'image_path'];

/**
 * The pictures that a CSV file names: a header, then a path and a label in each row. Paths start from the file's folder;
 * they may lead out of it or be absolute, since a list often lies elsewhere than its pictures. Addresses (http://…) are
 * not fetched. Rows that cannot be used are left out by number and reason.
 * @throws {LearnerError} if the file cannot be read, is no CSV, or lacks a column
 */
export async function listCsv(source: ImageCsv, file: string): Promise<Listing> {
  const rows = parseRows(await readText(file), file);
  const [header, ...body] = rows;
  if (!header) throw csvError(file, 'is empty', 'Give it a header, path,label, and a row for each picture.');
  const names = header.record.map((name) => name.trim());
  const column = (wanted: string | undefined, usual: readonly string[], option: string): number => {
    const index = names.findIndex((name) =>
      wanted === undefined ? usual.includes(name.toLowerCase()) : name === wanted,
    );
    if (index >= 0) return index;
    throw csvError(
      file,
      `has no column ${wanted === undefined ? usual.join(' or ') : `"${wanted}"`}. Its columns: ${names.join(', ')}`,
      `Name the column: imageCsv(…, { ${option}: '${names[0] ?? 'path'}' }). The first row must hold the names.`,
    );
  };
  const pathColumn = column(source.pathColumn, PATHS, 'pathColumn');
  const labelColumn = column(source.labelColumn, LABEL_COLUMNS, 'labelColumn');
  const splitColumn =
    source.splitColumn === undefined
      ? names.findIndex((name) => name.toLowerCase() === 'split')
      : column(source.splitColumn, [], 'splitColumn');

  const skipped: Skip[] = [];
  const taken = new Map<string, { label: string; split?: SplitName }>();
  for (const { record, line } of body) {
    const skip = (reason: string, at = file): unknown =>
      skipped.push({ file: at, reason: `row ${line}: ${reason}` });
    const path = record[pathColumn]?.trim() ?? '';
    const label = record[labelColumn]?.trim() ?? '';
    const written = splitColumn < 0 ? '' : (record[splitColumn]?.trim().toLowerCase() ?? '');
    if (record.length !== names.length) skip(`${record.length} fields instead of ${names.length}`);
    else if (path === '') skip('no path');
    else if (path.includes('\0')) skip('a path with a NUL character');
    else if (/^[a-z][a-z\d+.-]*:\/\//i.test(path)) skip(`an address, not a file: ${path}`);
    else if (label === '') skip('no label', resolve(dirname(file), path));
    else if (splitColumn >= 0 && !splitNamed(written)) skip(`split "${written}" is none of train, val, test`);
    else {
      const at = await locate(dirname(file), path);
      const before = taken.get(at);
      if (before && before.label !== label)
        skip(`is "${label}" here, but "${before.label}" in an earlier row`, at);
      else if (before) skip('named a second time', at);
      else taken.set(at, { label, ...(splitColumn < 0 ? {} : { split: splitNamed(written) ?? 'train' }) });
    }
  }
  const classNames = sortClasses(new Set([...taken.values()].map(({ label }) => label)));
  const places = new Map(classNames.map((name, index) => [name, index]));
  const found = [...taken].map(([at, { label, split }]): Found => ({
    file: at,
    label: places.get(label) ?? 0,
    ...(split ? { split } : {}),
  }));
  return { root: file, classNames, found, skipped };
}

/** On Linux and macOS also a path that was written with Windows' separators. */
async function locate(folder: string, path: string): Promise<string> {
  const at = resolve(folder, path);
  if (process.platform === 'win32' || !path.includes('\\')) return at;
  const there = await stat(at).then(
    () => true,
    () => false,
  );
  return there ? at : resolve(folder, path.replaceAll('\\', '/'));
}

async function readText(file: string): Promise<string> {
  const { text, encoding } = await readDataFile(file, {
    what: 'The CSV file',
    code: 'data-csv',
    remedy: 'Correct the path in imageCsv(…); it starts from the folder of the experiment file.',
    maxBytes: MAX_CSV_BYTES,
  });
  // Paths in another encoding would name files that are not there.
  if (encoding === 'windows-1252') throw csvError(file, 'is not written in UTF-8', 'Save it as "CSV UTF-8".');
  return text;
}

function parseRows(text: string, file: string): DelimitedRow[] {
  try {
    return parseDelimited(text, { maxRecordBytes: MAX_RECORD_BYTES });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw csvError(
      file,
      `cannot be read: ${reasonOf(error)}`,
      'Correct that row; a quote inside quotes is written twice.',
      error,
    );
  }
}

function csvError(file: string, what: string, remedy: string, cause?: unknown): LearnerError {
  const message = `The CSV file ${file} ${what}.`;
  return new LearnerError(
    { code: 'data-csv-invalid', message, remedy },
    cause === undefined ? {} : { cause },
  );
}
