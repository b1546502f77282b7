import { readdir, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import * as z from 'zod';
import { imageCsv, imageFolder } from '../../lab';
import type { Conversions, DataReport } from '../../protocol/data-report';
import type { DataLook } from '../../protocol/data-view';
import { LearnerError } from '../../protocol/errors';
import { lookAtData } from '../data-look';
import { inspectData } from '../data/load-images';
import { thumbnails } from '../data/thumbnails';
import { withExperiment, type ExperimentOptions } from './experiment-at';
import type { Answer } from './run-commands';
import { EXPERIMENT_NAMES } from './target';
import { say } from './terminal';

export interface DataOptions extends ExperimentOptions {
  readonly unless?: string;
  readonly thumbnails?: boolean;
}

const THUMBNAIL_PIXELS = 96;

/** What an experiment's data, or a folder or CSV file of pictures, holds, and what to mend before training on it. */
export async function inspectDataCommand(path: string, options: DataOptions): Promise<Answer> {
  if (options.thumbnails) {
    const files = z.array(z.string()).parse(JSON.parse(await readAll(process.stdin)));
    return { thumbnails: Object.fromEntries(await thumbnails(files, { size: THUMBNAIL_PIXELS })) };
  }
  const at = resolve(path);
  const found = await stat(at).catch(() => undefined);
  if (!found) {
    throw new LearnerError({
      code: 'data-folder-missing',
      message: `There is no ${at}.`,
      remedy:
        'Give the file of an experiment, a folder with a folder per class, or a CSV file with the columns path and label.',
    });
  }
  if (await holdsExperiment(at, found.isDirectory())) return lookCommand(at, options);
  const { report } = await inspectData(found.isDirectory() ? imageFolder(at) : imageCsv(at), process.cwd());
  if (!options.json) say(describeReport(report));
  return { report };
}

async function holdsExperiment(path: string, isFolder: boolean): Promise<boolean> {
  if (!isFolder) return /\.[cm]?[jt]s$/.test(path);
  return (await readdir(path)).some((name) => EXPERIMENT_NAMES.includes(name));
}

async function lookCommand(path: string, options: DataOptions): Promise<Answer> {
  const { unless, json } = options;
  let told = performance.now();
  const onProgress = (done: number, total: number): void => {
    const now = performance.now();
    if (json !== true || (now - told < 250 && done < total)) return;
    told = now;
    say(JSON.stringify({ done, total }));
  };
  const look = await withExperiment(path, options, ({ name, experiment, directory }) =>
    lookAtData(name, experiment, directory, { onProgress, ...(unless === undefined ? {} : { unless }) }),
  );
  if (json !== true && look) say(describeLook(look));
  return look ? { look } : { unchanged: true };
}

function describeLook({ report, preparation, draw, assumptions }: DataLook): string {
  const { imageSize, resizedTo, interpolation, mean, std, source } = preparation;
  const drawn =
    report.split === 'drawn'
      ? [`Drawn     ${draw.valFraction * 100} % of each class for validation, with seed ${draw.seed}`]
      : [];
  return [
    describeReport(report),
    '',
    ...drawn,
    `Resized   shorter side ${resizedTo} px (${interpolation}), middle ${imageSize} x ${imageSize} kept`,
    `Colours   mean ${mean.join(', ')}, deviation ${std.join(', ')}, from ${source}`,
    ...assumptions.map((text) => `\n${text}`),
  ].join('\n');
}

export function describeReport(report: DataReport): string {
  const { classes, sizes, formats, skipped, warnings, nearDuplicates } = report;
  const short = (file: string): string => relative(report.root, file) || file;
  const sum = (split: 'train' | 'val' | 'test'): number =>
    classes.reduce((total, row) => total + row[split], 0);
  const size = ([width, height]: readonly [number, number]): string => `${width} x ${height}`;
  const kinds = Object.entries(formats).map(([name, count]) => `${count} ${name}`);
  const prepared = conversions(report.conversions);
  const drawn = report.split === 'drawn' ? ' (validation drawn from all pictures)' : '';
  return [
    `${report.name}: ${sum('train')} pictures to train on, ${sum('val')} to validate, ${sum('test')} to test${drawn}`,
    '',
    ...table([
      ['class', 'train', 'val', 'test'],
      ...classes.map(({ className, train, val, test }) => [className, `${train}`, `${val}`, `${test}`]),
    ]),
    '',
    ...(sizes
      ? [`Sizes     ${size(sizes.smallest)} to ${size(sizes.largest)}, in the middle ${size(sizes.median)}`]
      : []),
    ...(kinds.length > 0 ? [`Formats   ${kinds.join(', ')}`] : []),
    ...(prepared ? [`Prepared  ${prepared}`] : []),
    ...(skipped.count > 0 ? [`Left out  ${skipped.count}`] : []),
    ...skipped.files.slice(0, 10).map(({ file, reason }) => `          ${short(file)}: ${reason}`),
    ...(skipped.count > 10 ? [`          and ${skipped.count - 10} more`] : []),
    ...(nearDuplicates.count > 0 ? [`Alike     ${nearDuplicates.count} across the split`] : []),
    ...nearDuplicates.pairs
      .slice(0, 10)
      .map(
        ({ file, split, other, otherSplit }) =>
          `          ${short(file)} (${split}), ${short(other)} (${otherSplit})`,
      ),
    ...warnings.flatMap(({ message, remedy }) => ['', `! ${message}`, `  ${remedy}`]),
    ...(warnings.length === 0 ? ['', 'Nothing to mend.'] : []),
  ].join('\n');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return rows.map(([name = '', ...numbers]) =>
    [name.padEnd(width), ...numbers.map((number) => number.padStart(7))].join(''),
  );
}

function conversions({ greyscale, cmyk, sixteenBit, alpha, animated, rotated }: Conversions): string {
  const parts: [number, string][] = [
    [greyscale, 'greyscale, tripled to RGB'],
    [cmyk, 'CMYK, turned into RGB'],
    [sixteenBit, 'with 16 bits, brought to 8'],
    [alpha, 'with transparency, dropped'],
    [animated, 'animated, first frame'],
    [rotated, 'turned upright (EXIF)'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join('; ');
}
