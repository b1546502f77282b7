import type { TriedClass, TriedPicture, TryContent } from '../../protocol/try-picture';
import { isolate, percent } from '../shared/text';

/** What goes on, in a sentence: announced to screen readers. */
export function statusSentence({ opening, busy, problem, result }: TryContent): string {
  if (busy !== undefined) return `Looking at ${isolate(busy)} …`;
  if (opening) return 'Loading the network. You can choose a picture meanwhile.';
  if (problem) return 'That did not work. What happened and what to do stands below.';
  if (!result) return 'Show the network a picture that it has never seen.';
  const [first, second] = result.picture.classes;
  if (!first) return '';
  const rest = second ? `; then ${isolate(second.name)}, ${percent(second.probability)}` : '';
  return `${isolate(result.name)}: ${isolate(first.name)}, ${percent(first.probability)}${rest}.`;
}

/** That a network must answer with one of its classes is the first thing to know about its answer. */
export function choiceSentence({ numClasses }: Pick<TriedPicture, 'numClasses'>): string {
  return `The network knows ${numClasses} classes and must choose among them: a picture of anything else gets one of them, too, and often a sure one.`;
}

/** Where the map is brightest, for whoever does not see it. */
export function heatWords({ name, heat }: TriedClass, { layer }: Pick<TriedPicture, 'layer'>): string {
  const { rows, columns } = layer;
  const highest = heat.reduce((best, value, index) => (value > (heat[best] ?? 0) ? index : best), 0);
  if ((heat[highest] ?? 0) === 0)
    return `Nothing at ${layer.name} speaks for ${isolate(name)}: the map is dark.`;
  if (rows * columns === 1)
    return `The map of ${layer.name} has one cell, so it cannot tell places apart. Choose an earlier layer.`;
  const spread = heat.filter((value) => value >= 0.5).length / heat.length;
  const place = placeWords(Math.floor(highest / columns), highest % columns, rows, columns);
  return `For ${isolate(name)} the map is brightest ${place}; ${percent(spread)} of its cells have at least half of that.`;
}

/** "at the upper left", "in the middle". */
export function placeWords(row: number, column: number, rows: number, columns: number): string {
  const third = (index: number, count: number): -1 | 0 | 1 => {
    const middle = (index + 0.5) / count;
    return middle < 0.4 ? -1 : middle > 0.6 ? 1 : 0;
  };
  const down = { '-1': 'upper', '0': '', '1': 'lower' }[third(row, rows)];
  const across = { '-1': 'left', '0': '', '1': 'right' }[third(column, columns)];
  if (down === '' && across === '') return 'in the middle';
  if (across === '') return down === 'upper' ? 'at the top' : 'at the bottom';
  return down === '' ? `at the ${across}` : `at the ${down} ${across}`;
}
