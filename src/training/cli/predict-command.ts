import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LearnerError } from '../../protocol/errors';
import type { TriedPicture } from '../../protocol/try-picture';
import { percent } from '../../protocol/percent';
import { createEngine } from '../engine/engine';
import { heatPicture } from '../prediction/heat-picture';
import { Predictor } from '../prediction/predictor';
import { predictText } from './predict-text';
import type { Answer, CommonOptions } from './run-commands';
import { paint, say, table } from './terminal';

export interface PredictOptions extends CommonOptions {
  /** Where the picture with its heat map is written. */
  readonly heatMap?: string;
  readonly layer?: string;
  readonly text?: string;
}

const OPACITY = 0.5;

/** What the best network of a run says of one picture, or of one text. */
export async function predictCommand(run: string, picture: string, options: PredictOptions): Promise<Answer> {
  if (options.text !== undefined) return predictText(run, options.text, options);
  if (picture === '') {
    throw new LearnerError({
      code: 'nothing-to-predict',
      message: 'Neither a picture nor a text was given.',
      remedy: 'Name the file of a picture, or give --text "…" for a run that was trained on texts.',
    });
  }
  const predictor = await Predictor.open(resolve(run), await createEngine());
  try {
    const { layer, heatMap, json } = options;
    const file = resolve(picture);
    const { address, ...tried } = await predictor.predict({
      file,
      ...(layer === undefined ? {} : { layer }),
    });
    const written =
      heatMap === undefined ? undefined : await writeHeatMap(resolve(heatMap), { address, ...tried });
    if (json !== true) tell(predictor.run.experiment, tried, written);
    return { picture: file, ...tried, ...(written === undefined ? {} : { heatMap: written }) };
  } finally {
    predictor.dispose();
  }
}

function tell(experiment: string, tried: Omit<TriedPicture, 'address'>, written: string | undefined): void {
  const { classes, numClasses, prepared, layer } = tried;
  say(paint('bold', `What the best weights of ${experiment} say:`));
  say(
    `\n${table(
      ['class', 'probability'],
      classes.map(({ name, probability }) => [name, percent(probability)]),
    )}`,
  );
  if (numClasses > classes.length) say(`The surest ${classes.length} of ${numClasses} classes.`);
  say(`\n${prepared.join(' ')}`);
  if (written === undefined) return;
  say(`\nHeat map: ${written}`);
  say(
    `Bright: where the network found what speaks for "${classes[0]?.name ?? ''}" (Grad-CAM, Selvaraju et al., 2017), read at ` +
      `${layer.name}, a grid of ${layer.rows} x ${layer.columns} cells drawn smoothly.`,
  );
}

async function writeHeatMap(target: string, tried: TriedPicture): Promise<string> {
  const { address, side, classes, layer } = tried;
  const png = Buffer.from(address.slice(address.indexOf(',') + 1), 'base64');
  const grid = { rows: layer.rows, columns: layer.columns, values: classes[0]?.heat ?? [] };
  const bytes = await heatPicture(png, side, grid, OPACITY);
  try {
    await writeFile(target, bytes);
  } catch (error) {
    throw new LearnerError(
      {
        code: 'heat-map-not-written',
        message: `${target} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
        remedy: `Give a file in a folder that exists and can be written to; ${dirname(target)} may not.`,
      },
      { cause: error },
    );
  }
  return target;
}
