/** Chart colours of the theme (`--vscode-charts-…`), in the order in which runs take them. */
export const COLOURS = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'] as const;

/** Dashes in CSS pixels: line, gap, …. Each differs from the others without colour. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [9, 4],
  [2, 3],
  [12, 3, 2, 3],
  [5, 2],
  [2, 2, 2, 6],
];

export interface LineStyle {
  readonly colour: number;
  readonly dash: number;
}

/**
 * A style for each run. A run that had one keeps it, so adding or hiding a run changes no other line.
 * The first 36 runs differ in colour or dash, the first six in both.
 */
export function assignStyles(
  runIds: readonly string[],
  previous: ReadonlyMap<string, LineStyle>,
): Map<string, LineStyle> {
  const kept = new Map(runIds.flatMap((id) => entry(id, previous.get(id))));
  const taken = new Set([...kept.values()].map(keyOf));
  const free = allStyles().filter((style) => !taken.has(keyOf(style)));
  let next = 0;
  return new Map(
    runIds.map((id) => [id, kept.get(id) ?? free[next++ % free.length] ?? { colour: 0, dash: 0 }]),
  );
}

function entry(id: string, style: LineStyle | undefined): [string, LineStyle][] {
  return style ? [[id, style]] : [];
}

function allStyles(): LineStyle[] {
  return DASHES.flatMap((_, shift) =>
    COLOURS.map((_colour, colour) => ({ colour, dash: (colour + shift) % DASHES.length })),
  );
}

const keyOf = ({ colour, dash }: LineStyle): string => `${colour}/${dash}`;
