/**
 * A few real steps of an experiment, in a process of its own: its model, batch size and phases, its optimizer, loss and
 * augmentation, on some of its pictures. Nothing of it is kept.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { RunEvent } from '../../protocol/events';
import type { Augmenter } from '../data/augmentation/augmenter';
import { sizeOf } from '../engine/onnx/values';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import type { Experiment } from '../experiment';
import { peakMemory } from '../peak-memory';
import { batchAt, EVALUATION_BATCH, openPhase, type OpenPhase } from '../phase';
import { factorsOf, trainedPart } from '../phase-program';
import { planPhases, type PlannedPhase } from '../planned-phases';
import { requireBatch } from '../items-and-network';
import { augmenterOf, prepare, type Prepared } from '../preparation';
import type { RunContext } from '../run-context';
import { encodeTensors } from '../runs/checkpoint';
import { copyTensors, START, takeSnapshot } from '../training-state';
import { checkpointHere } from '../weights/checkpoint-here';
import { median, type Counts, type PhaseTimes } from './arithmetic';
import { probeData } from './probe-data';
import { settingsKey } from './settings';

/** What a probe of one batch size found. */
export interface ProbeResult {
  readonly settings: string;
  readonly device: string;
  readonly batchSize: number;
  readonly counts: Counts;
  /** Bytes of one prepared picture. */
  readonly pictureBytes: number;
  /** Starting, weights, and reading all pictures. */
  readonly startSeconds: number;
  readonly phases: readonly PhaseTimes[];
  readonly peakBytes: number;
  /** Bytes of weights, gradients and what the optimizer keeps: less is not possible. */
  readonly leastBytes: number;
}

export interface ProbeOptions {
  /** In place of the experiment's own. */
  readonly batchSize: number;
  /** Steps of a phase end after so long, once there are enough of them. */
  readonly seconds?: number;
  readonly createEngine?: () => Promise<Engine>;
}

/** Of the frozen layers, as the run has it. */
const PREFIX_BATCH = 32;
const FEWEST_STEPS = 2;
const MOST_STEPS = 12;
/** The first step of a network prepares its memory. Where it takes this long, that no longer matters, and it counts. */
const LONG_STEP_SECONDS = 5;

/** @throws {LearnerError} for all that a learner can mend before a run */
export async function probeRun(
  experiment: Experiment,
  directory: string,
  { batchSize, seconds = 1.5, createEngine: create = () => createEngine() }: ProbeOptions,
): Promise<ProbeResult> {
  const folder = await mkdtemp(join(tmpdir(), 'transfer-lab-probe-'));
  const engine = await create();
  try {
    return await new Probe(experiment, { directory, folder, batchSize, seconds }, engine).run();
  } finally {
    engine.dispose();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Settings extends Required<Pick<ProbeOptions, 'batchSize' | 'seconds'>> {
  /** Of the learner's file. */
  readonly directory: string;
  /** Temporary: what the phases keep goes there. */
  readonly folder: string;
}

class Probe {
  private heard: { readonly event: RunEvent; readonly at: number }[] = [];

  constructor(
    private readonly experiment: Experiment,
    private readonly settings: Settings,
    private readonly engine: Engine,
  ) {}

  async run(): Promise<ProbeResult> {
    const { experiment, engine } = this;
    const { batchSize, directory, folder } = this.settings;
    const tried = await this.tried();
    let counts: Counts = { train: 0, val: 0, test: 0 };
    let readSeconds = 0;
    let loading = 0;
    const prepared = await prepare(tried, this.context(directory), async (data, _, preprocessing) => {
      const began = performance.now();
      const found = await probeData(data, directory, preprocessing, ({ val }) => ({
        train: Math.max(batchSize, PREFIX_BATCH),
        val: Math.max(1, Math.min(EVALUATION_BATCH, val)),
      }));
      ({ counts, readSeconds } = found);
      requireBatch(experiment.batchSize, counts.train, found.dataset.info.name, 'pictures');
      loading = (performance.now() - began) / 1000;
      return found.dataset;
    });
    try {
      // The process began with this.
      const startSeconds = performance.now() / 1000 - loading + readSeconds;
      const { model, dataset } = prepared;
      const planned = planPhases(prepared.phases);
      const parts = planned.map(({ phase }) => trainedPart(model, phase, tried.strategy.settings.batchNorm));
      engine.adopt([...new Set(parts.flatMap(({ parameters }) => parameters))]);
      // A run keeps the first and the best weights.
      const copies = [copyTensors(engine, model), copyTensors(engine, model)];
      const phases: PhaseTimes[] = [];
      for (const phase of planned)
        phases.push(await this.phase(phase, tried, prepared, this.context(folder)));
      const weights = [...(copies[0]?.values() ?? [])].reduce((sum, { byteLength }) => sum + byteLength, 0);
      const trained = Math.max(
        ...parts.map(({ parameters }) => parameters.reduce((sum, { size }) => sum + 4 * size, 0)),
      );
      return {
        settings: settingsKey(experiment, prepared.phases),
        device: engine.device.text,
        batchSize,
        counts,
        pictureBytes: dataset.kind === 'pictures' ? 4 * sizeOf(dataset.itemShape) : 0,
        startSeconds,
        phases,
        peakBytes: peakMemory(),
        leastBytes: weights + 2 * trained,
      };
    } finally {
      prepared.model.dispose();
    }
  }

  /** The experiment at this batch size. Weights that are not here are drawn: they cost the same. */
  private async tried(): Promise<Experiment> {
    const { batchSize, directory } = this.settings;
    const tried: { -readonly [Key in keyof Experiment]: Experiment[Key] } = { ...this.experiment, batchSize };
    // A few pictures do not say how many each class has.
    delete tried.classWeights;
    if ((await checkpointHere(tried.model, directory)) === 'elsewhere')
      tried.model = { ...tried.model, weights: null };
    return tried;
  }

  private async phase(
    planned: PlannedPhase,
    experiment: Experiment,
    prepared: Prepared,
    context: RunContext,
  ): Promise<PhaseTimes> {
    this.heard = [];
    const began = performance.now();
    const augmenter = oneVariant(augmenterOf(experiment, prepared.dataset));
    const open = await openPhase(planned, experiment, context, prepared, augmenter?.one, 1);
    try {
      const opened = performance.now();
      const { prefixSeconds, batchSeconds } = this.prefix(began);
      const compiling = this.heard.find(
        ({ event }) => event.type === 'preparing' && event.phase === 'compiling',
      );
      const stepSeconds = this.steps(open, experiment);
      const { dataset, model } = prepared;
      const evaluate = (): number => timed(() => open.evaluator.run('val', open.data, dataset.info));
      const first = evaluate();
      const evaluationSeconds = first > LONG_STEP_SECONDS ? first : evaluate();
      this.checkpoint(open, prepared);
      const { itemBytes } = open.data;
      return {
        name: planned.phase.name,
        epochs: planned.phase.epochs,
        compileSeconds: (opened - (compiling?.at ?? began)) / 1000 + prefixSeconds,
        stepSeconds,
        evaluationSeconds,
        evaluationBatch: Math.min(EVALUATION_BATCH, open.data.splits.val.count),
        ...(open.part.from > 0 && model.layerGroups.length > 0
          ? { prefix: { batchSeconds, batch: PREFIX_BATCH, variants: augmenter?.variants ?? 1, itemBytes } }
          : {}),
      };
    } finally {
      open.dispose();
    }
  }

  /** Batches of the frozen layers tell when they are done: the first waits for compiling, the others do not. */
  private prefix(began: number): { prefixSeconds: number; batchSeconds: number } {
    const times = this.heard
      .filter(({ event }) => event.type === 'preparing' && event.phase === 'cachingFeatures')
      .map(({ at }) => at);
    const [first, ...more] = times;
    if (first === undefined) return { prefixSeconds: 0, batchSeconds: 0 };
    const between = more.map((at, index) => (at - (times[index] ?? first)) / 1000);
    const whole = (first - began) / 1000;
    const batchSeconds = between.length > 0 ? median(between) : whole;
    return { batchSeconds, prefixSeconds: Math.max(0, whole - batchSeconds) };
  }

  private steps(open: OpenPhase, { seed }: Experiment): number[] {
    const { optimizer, part } = open;
    const one = (index: number): number =>
      timed(() => {
        const position = { step: index, epoch: 0, stepOfEpoch: 0 };
        const { step, inputs } = batchAt(open, seed, position);
        const { gradients } = step.run(inputs);
        optimizer.apply(gradients, factorsOf(part, 1e-6)); // The weights stay near where they are.
      });
    const first = one(0);
    const measured = first > LONG_STEP_SECONDS ? [first] : [];
    let spent = 0;
    while (
      measured.length < MOST_STEPS &&
      (measured.length < FEWEST_STEPS || spent < this.settings.seconds)
    ) {
      if (first > LONG_STEP_SECONDS) break;
      const took = one(measured.length + 1);
      measured.push(took);
      spent += took;
    }
    return measured;
  }

  /** What a run writes now and then stands in memory first. */
  private checkpoint({ optimizer }: OpenPhase, { model }: Prepared): void {
    const fingerprint = { data: '', experiment: '', provider: '' };
    encodeTensors(takeSnapshot(this.engine, model, optimizer, { ...START }, undefined, fingerprint).tensors);
  }

  private context(experimentDirectory: string): RunContext {
    return {
      engine: this.engine,
      runDirectory: this.settings.folder,
      experimentDirectory,
      signal: new AbortController().signal,
      emit: (event) => this.heard.push({ event, at: performance.now() }),
      saveCheckpoint: () => Promise.resolve(),
      saveBest: () => Promise.resolve(),
      breathe: () => setImmediate(),
    };
  }
}

/** One random version of each picture is enough to see what one takes. */
function oneVariant(augmenter: Augmenter | undefined): { one: Augmenter; variants: number } | undefined {
  return (
    augmenter && { one: { ...augmenter, variants: 1, variantIn: () => 0 }, variants: augmenter.variants }
  );
}

function timed(work: () => unknown): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}
