import * as z from 'zod';
import { LearnerError } from '../../protocol/errors';
import { readDataFile } from './data-file';
import { parseJsonLines } from './json-lines';

const MAX_BYTES = 256 * 1024 * 1024;

const textRow = z.looseObject({ text: z.string().min(1), label: z.string().min(1) });
const taggedRow = textRow
  .extend({ words: z.array(z.string()).min(1), names: z.array(z.string()), pos: z.array(z.string()) })
  .refine(({ words, names, pos }) => names.length === words.length && pos.length === words.length, {
    message: '`names` and `pos` need one tag for each of `words`',
  });

/** A text and its class; other fields stay. */
export type TextRow = z.infer<typeof textRow>;
/** Also its words, with a name tag (IOB2) and a part of speech for each. */
export type TaggedRow = z.infer<typeof taggedRow>;

/**
 * Rows of a JSON Lines file: one object with `text` and `label` a line.
 * @throws {LearnerError} 'data-file-missing', 'data-file-unreadable', 'data-empty', or 'data-row-wrong' with the line
 */
export const readTextRows = (file: string): Promise<TextRow[]> => readRows(file, textRow);

/** As `readTextRows`, each line also with `words`, `names` and `pos` of equal length. */
export const readTaggedRows = (file: string): Promise<TaggedRow[]> => readRows(file, taggedRow);

async function readRows<Row>(file: string, schema: z.ZodType<Row>): Promise<Row[]> {
  const { text } = await readDataFile(file, {
    what: 'The data file',
    code: 'data-file',
    remedy: 'Give the path of a file with one JSON object a line.',
    maxBytes: MAX_BYTES,
  });
  const rows = parseJsonLines(text).map(({ value, line }) => readRow(value, schema, file, line));
  if (rows.length > 0) return rows;
  throw new LearnerError({
    code: 'data-empty',
    message: `${file} has no rows.`,
    remedy: 'Put one JSON object on each line, such as {"text": "I liked it.", "label": "positive"}.',
  });
}

function readRow<Row>(value: unknown, schema: z.ZodType<Row>, file: string, line: number): Row {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue && issue.path.length > 0 ? `, field "${issue.path.join('.')}"` : '';
  throw new LearnerError({
    code: 'data-row-wrong',
    message: `Line ${line} of ${file}${place}: ${issue?.message ?? 'not as expected'}.`,
    remedy: 'Write it like {"text": "I liked it.", "label": "positive"}.',
    location: { file, line },
  });
}
