import type { DataLook } from '../../protocol/data-view';

/** Every file that a look at the data names: what its view may ask for and open. */
export function namedFiles({ report, samples }: DataLook): ReadonlySet<string> {
  return new Set([
    ...samples.flat().map(({ file }) => file),
    ...report.warnings.flatMap(({ files = [] }) => files),
    ...report.skipped.files.map(({ file }) => file),
    ...report.nearDuplicates.pairs.flatMap(({ file, other }) => [file, other]),
  ]);
}

/** A line of progress of `transfer-lab data`; undefined for any other. */
export function parseProgress(line: string): { done: number; total: number } | undefined {
  const found = /^\{"done":(\d+),"total":(\d+)\}$/.exec(line);
  return found ? { done: Number(found[1]), total: Number(found[2]) } : undefined;
}
