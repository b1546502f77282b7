import { relative } from 'node:path';
import { stderr, stdout } from 'node:process';
import { styleText } from 'node:util';
import { LearnerError, toProblem } from '../../protocol/errors';
import type { Problem } from '../../protocol/errors';

type Style = Parameters<typeof styleText>[0];

export const usesColor = (stream: NodeJS.WriteStream, env = process.env): boolean =>
  stream.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';

export function paint(style: Style, text: string, stream: NodeJS.WriteStream = stdout): string {
  return usesColor(stream) ? styleText(style, text) : text;
}

/** Message, place, remedy: to standard error. */
export function tellProblem(problem: Problem): void {
  const { location, message, remedy } = problem;
  stderr.write(`${paint('red', message, stderr)}\n`);
  if (location) {
    const column = location.column === undefined ? '' : `:${location.column}`;
    stderr.write(
      `  at ${relative(process.cwd(), location.file) || location.file}:${location.line}${column}\n`,
    );
  }
  stderr.write(`${remedy}\n`);
}

export function tellError(error: unknown): void {
  tellProblem(toProblem(error));
  if (!(error instanceof LearnerError) && error instanceof Error && error.stack)
    stderr.write(`${error.stack}\n`);
}

export const say = (text: string): void => {
  stdout.write(`${text}\n`);
};

/** Columns as wide as their widest cell; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return [paint('bold', line(header)), ...rows.map(line)].join('\n');
}

export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
