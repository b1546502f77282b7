/** Recommended tolerances for float32, by kind of value: measured on several implementations (test/oracle/README.md). */
const TABLE = {
  evalLogits: 1e-4,
  featureMean: 2e-5,
  featureStd: 2e-5,
  featureFirst: 1e-4,
  featureDot: 2e-5,
  loss: 2e-5,
  trainLogits: 1e-4,
  gradientTotalNorm: 1e-4,
  gradientNorm: 1e-4,
  gradientDot: 5e-4,
  batchNormNorm: 1e-5,
  batchNormDot: 1e-5,
} as const;

const RUN_TABLE = {
  loss: 1e-3,
  gradientNorm: 2e-2,
  changeNorm: 2e-2,
  changeDot: 5e-2,
  batchNormNorm: 1e-3,
  batchNormDot: 1e-3,
} as const;

/** The worst difference of one kind of value. */
export interface Row {
  readonly what: string;
  count: number;
  worst: number;
  where: string;
  readonly tolerance: number;
}

/** Gathers differences; a row is over where its worst difference exceeds its tolerance or is no number. */
export class Comparison {
  readonly rows = new Map<string, Row>();

  /** @param deviations of float32 from float64, as the file has them: ten times that is allowed where it is more */
  constructor(private readonly deviations: Readonly<Record<string, unknown>>) {}

  add(kind: keyof typeof TABLE, difference: number, where: string): void {
    this.put(kind, Math.max(TABLE[kind], 10 * numberOr0(this.deviations[kind])), difference, where);
  }

  addRun(run: string, kind: keyof typeof RUN_TABLE, difference: number, where: string): void {
    const runs = this.deviations['runs'] as Record<string, Record<string, number>> | undefined;
    const tolerance = Math.max(RUN_TABLE[kind], 10 * numberOr0(runs?.[run]?.[kind]));
    this.put(`${run}: ${kind}`, tolerance, difference, where);
  }

  /** For what must agree exactly: tolerance 0. */
  addExact(what: string, differences: number, where: string): void {
    this.put(what, 0, differences, where);
  }

  get over(): Row[] {
    return [...this.rows.values()].filter(isOver);
  }

  private put(what: string, tolerance: number, difference: number, where: string): void {
    const row = this.rows.get(what) ?? { what, count: 0, worst: 0, where, tolerance };
    row.count++;
    if (!(difference <= row.worst)) Object.assign(row, { worst: difference, where });
    this.rows.set(what, row);
  }
}

export function isOver({ worst, tolerance }: Row): boolean {
  return !(worst <= tolerance);
}

/** One line per row, the worst difference beside what is allowed. */
export function formatRows(rows: Iterable<Row>): string {
  return [...rows]
    .map((row) => {
      const mark = isOver(row) ? 'OVER' : 'ok  ';
      const numbers = `${row.worst.toExponential(1).padStart(8)} of ${row.tolerance.toExponential(1).padStart(8)}`;
      return `${mark} ${row.what.padEnd(44)} ${numbers}  ${String(row.count).padStart(5)} values, worst at ${row.where}`;
    })
    .join('\n');
}

function numberOr0(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
