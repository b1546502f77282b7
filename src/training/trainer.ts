/**
 * The training loop. Nothing in it knows a network, a strategy or an exercise by name; what happens is told by events.
 */
import type { Evaluation, Prediction } from '../protocol/events';
import type { Augmenter } from './data/augmentation/augmenter';
import { stepsPerEpoch, type AnyDataset } from './data/dataset';
import { distances, movement, notFinite, type GroupMovement } from './diagnosis';
import { countEpoch, earlyStopAt, isBetter, isOutOfPatience, PATIENT } from './early-stopping';
import type { Experiment } from './experiment';
import { keptEstimate } from './estimate/kept';
import { settingsKey } from './estimate/settings';
import { finalScore } from './final-score';
import { groupInfos } from './freeze-map';
import { countBatch, partsOf, type Network } from './models/model';
import { peakMemory } from './peak-memory';
import { batchAt, openPhase, type OpenPhase } from './phase';
import { factorsOf, trainedPart, type TrainedPart } from './phase-program';
import { phaseInHand, planPhases, type PlannedPhase } from './planned-phases';
import {
  augmenterOf,
  experimentFingerprint,
  prepare,
  preparedEvent,
  variantsWarning,
  type Prepared,
} from './preparation';
import type { RunContext } from './run-context';
import { savedConfig } from './saved-config';
import { countCorrect } from './tasks/image-classification';
import {
  copyTensors,
  putTensors,
  restoreSnapshot,
  START,
  takeSnapshot,
  type Best,
  type Fingerprint,
  type Position,
  type Restored,
} from './training-state';
import { exportTensors } from './weights/load';

export interface TrainResult {
  readonly reason: 'finished' | 'stopped';
  readonly steps: number;
  /** From 1; 0 if not one epoch was finished. */
  readonly bestEpoch: number;
  /** Of the best weights; on the test split where there is one, else on validation. */
  readonly final: Evaluation;
  /** Of the items that `final` scores. */
  readonly predictions: readonly Prediction[];
  readonly seconds: number;
  readonly trainableParameters: number;
  readonly movement: readonly GroupMovement[];
}

/** Between checkpoints in the middle of an epoch, and the least between those at epochs' ends. */
const CHECKPOINT_SECONDS = 15;
const EPOCH_CHECKPOINT_SECONDS = 3;
/** Of the time, at most this share goes into checkpoints, however slow the disk. */
const CHECKPOINT_SHARE = 0.04;

/**
 * Trains an experiment from start or snapshot to its end, or until `context.signal` asks to stop.
 * @throws {LearnerError} for everything the learner can mend: data, settings, a loss that is no number
 */
export async function train(experiment: Experiment, context: RunContext): Promise<TrainResult> {
  context.emit({ type: 'preparing', phase: 'loadingData' });
  const prepared = await prepare(experiment, context);
  const run = new Training(experiment, context, prepared);
  try {
    return await run.run();
  } finally {
    run.dispose();
  }
}

class Training {
  private readonly model: Network;
  private readonly dataset: AnyDataset;
  private readonly planned: readonly PlannedPhase[];
  private readonly perEpoch: number;
  private readonly fingerprint: Fingerprint;
  private readonly started = performance.now();
  private readonly augmenter: Augmenter | undefined;
  private readonly initial: ReadonlyMap<string, Float32Array>;
  private position: Position = { ...START };
  private best: Best | undefined;
  private restored: Restored | undefined;
  private open: OpenPhase | undefined;
  private lastCheckpoint = performance.now();
  private checkpointMs = 0;

  constructor(
    private readonly experiment: Experiment,
    private readonly context: RunContext,
    private readonly prepared: Prepared,
  ) {
    this.model = prepared.model;
    this.dataset = prepared.dataset;
    this.planned = planPhases(prepared.phases);
    this.perEpoch = stepsPerEpoch(this.dataset.splits.train.count, experiment.batchSize);
    this.fingerprint = {
      data: this.dataset.fingerprint,
      experiment: experimentFingerprint(experiment, prepared.phases),
      provider: context.engine.device.text,
    };
    this.augmenter = augmenterOf(experiment, this.dataset);
    this.initial = copyTensors(context.engine, this.model);
  }

  async run(): Promise<TrainResult> {
    const { context } = this;
    const { engine, resume, signal } = context;
    if (resume) {
      this.restored = restoreSnapshot(engine, this.model, resume, this.fingerprint);
      this.position = { ...this.restored.position };
      this.best = this.restored.best;
    }
    const parts = this.planned.map((planned) => this.partOf(planned));
    engine.adopt([...new Set(parts.flatMap(({ parameters }) => parameters))]);
    context.emit(preparedEvent(this.experiment, this.prepared, engine, this.perEpoch));
    const settings = settingsKey(this.experiment, this.prepared.phases);
    const estimate = await keptEstimate(context.experimentDirectory, settings);
    if (estimate) context.emit({ type: 'estimate', estimate });
    const warning = parts.some(({ from }) => from > 0) ? variantsWarning(this.experiment) : undefined;
    if (warning) context.emit(warning);
    for (const planned of this.planned) {
      const { endEpoch } = planned;
      if (this.position.epoch >= endEpoch || signal.aborted) continue;
      await this.beginPhase(planned);
      while (this.position.epoch < endEpoch && !signal.aborted && !this.outOfPatience())
        await this.runEpoch();
      if (this.position.epoch >= endEpoch && endEpoch < this.experiment.epochs) this.endPhase();
    }
    return this.finish();
  }

  dispose(): void {
    this.endPhase();
    this.model.dispose();
  }

  private async beginPhase(planned: PlannedPhase): Promise<void> {
    const { context, experiment, model, prepared, perEpoch, position } = this;
    const open = await openPhase(planned, experiment, context, prepared, this.augmenter, perEpoch);
    // A checkpoint at the end of a phase belongs to the optimizer of the phase before.
    if (this.restored && position.step > open.firstStep) this.restored.restoreOptimizer(open.optimizer);
    this.restored = undefined;
    // What trains has changed: the new part gets the whole patience.
    if (position.step === open.firstStep) position.patience = undefined;
    this.open = open;
    const { phase } = planned;
    const { layouts, paddingShare } = open.data;
    context.emit({
      type: 'phaseStart',
      name: phase.name,
      epoch: position.epoch + 1,
      layerGroups: groupInfos(partsOf(model), open.part.states),
      schedule: experiment.strategy.settings.schedule,
      ...(paddingShare === undefined ? {} : { rows: { lengths: layouts.length, paddingShare } }),
    });
  }

  private partOf({ phase }: PlannedPhase): TrainedPart {
    return trainedPart(this.model, phase, this.experiment.strategy.settings.batchNorm);
  }

  private endPhase(): void {
    this.open?.dispose();
    this.open = undefined;
  }

  private async runEpoch(): Promise<void> {
    const { context, position, perEpoch } = this;
    const epochStarted = performance.now();
    while (position.stepOfEpoch < perEpoch) {
      this.runStep();
      await context.breathe();
      if (context.signal.aborted) return;
      if (position.stepOfEpoch < perEpoch) await this.checkpointAfter(CHECKPOINT_SECONDS);
    }
    this.endEpoch((performance.now() - epochStarted) / 1000);
    await this.checkpointAfter(EPOCH_CHECKPOINT_SECONDS);
  }

  private runStep(): void {
    const { experiment, position, model, context } = this;
    const open = this.inPhase();
    const { optimizer, schedule, phase, part, firstStep } = open;
    const stepStarted = performance.now();
    const { step, inputs, classes, counted } = batchAt(open, experiment.seed, position);
    const { loss, outputs, gradients } = step.run(inputs);
    const factor = schedule(position.step - firstStep);
    if (!Number.isFinite(loss)) throw notFinite(loss, factor, phase, position, experiment);
    const { gradientNorm } = optimizer.apply(gradients, factorsOf(part, factor));
    if (!Number.isFinite(gradientNorm)) throw notFinite(gradientNorm, factor, phase, position, experiment);
    countBatch(model, part.batchNorm);
    const correct = countCorrect(outputs['logits'] ?? [], classes, model.numClasses);
    position.step++;
    position.stepOfEpoch++;
    position.lossSum += loss * counted;
    position.correctSum += correct;
    position.itemSum += counted;
    context.emit({
      type: 'stepEnd',
      step: position.step,
      epoch: position.epoch + 1,
      trainLoss: loss,
      trainAccuracy: correct / counted,
      learningRate: factor * Math.max(...Object.values(phase.learningRates)),
      gradientNorm,
      stepMs: performance.now() - stepStarted,
    });
  }

  private endEpoch(seconds: number): void {
    const { position, context, model } = this;
    const { evaluator, data } = this.inPhase();
    const { evaluation, predictions } = evaluator.run('val', data, this.dataset.info);
    position.epoch++;
    position.stepOfEpoch = 0;
    const { accuracy, loss } = evaluation;
    const { earlyStopping } = this.experiment;
    if (earlyStopping)
      position.patience = countEpoch(earlyStopping, position.patience ?? PATIENT, evaluation);
    const isBest = isBetter(evaluation, this.best, data.splits.val.count, earlyStopping);
    if (isBest) {
      const tensors = copyTensors(context.engine, model);
      const counters = Object.fromEntries(model.store.counters);
      this.best = { epoch: position.epoch, accuracy, loss, tensors, counters };
    }
    context.emit({
      type: 'epochEnd',
      epoch: position.epoch,
      step: position.step,
      trainLoss: position.lossSum / position.itemSum,
      trainAccuracy: position.correctSum / position.itemSum,
      val: evaluation,
      seconds,
      best: isBest,
    });
    if (isBest) context.emit({ type: 'predictions', epoch: position.epoch, items: predictions });
    this.tellMovement();
    position.lossSum = position.correctSum = position.itemSum = 0;
  }

  /** Groups that no phase has trained yet are where they began, so they are not looked at. */
  private tellMovement(): void {
    const { context, model, position, initial } = this;
    const begun = this.planned.filter(({ firstEpoch }) => firstEpoch < position.epoch);
    const trained = begun
      .flatMap((planned) => this.partOf(planned).states)
      .filter(({ trains }) => trains.size);
    const groups = distances(context.engine, model, initial, new Set(trained.map(({ name }) => name)));
    context.emit({ type: 'layersMoved', epoch: position.epoch, groups });
  }

  /** In the last phase only: a phase before it ends as planned, so that the layers after get their turn. */
  private outOfPatience(): boolean {
    return (
      isOutOfPatience(this.experiment.earlyStopping, this.position.patience) &&
      this.open?.phase === this.planned.at(-1)?.phase
    );
  }

  private async checkpointAfter(seconds: number): Promise<void> {
    const least = Math.max(seconds * 1000, this.checkpointMs / CHECKPOINT_SHARE);
    if (performance.now() - this.lastCheckpoint < least) return;
    await this.checkpoint();
  }

  private async checkpoint(): Promise<void> {
    const { context, model, position, best, fingerprint } = this;
    const timed = { ...position, seconds: this.seconds() };
    const { optimizer } = this.inPhase();
    const started = performance.now();
    await context.saveCheckpoint(takeSnapshot(context.engine, model, optimizer, timed, best, fingerprint));
    this.lastCheckpoint = performance.now();
    this.checkpointMs = this.lastCheckpoint - started;
  }

  private async finish(): Promise<TrainResult> {
    const { context, model, position } = this;
    const { engine, signal } = context;
    const { earlyStopping, epochs } = this.experiment;
    const early =
      earlyStopping && position.epoch < epochs && this.outOfPatience()
        ? earlyStopAt(position.epoch, earlyStopping)
        : undefined;
    const reason = signal.aborted && !early && position.epoch < epochs ? 'stopped' : 'finished';
    // Stopped before anything was compiled, or resumed after the last step.
    if (!this.open) await this.beginPhase(phaseInHand(this.planned, position.epoch));
    if (reason === 'stopped') await this.checkpoint();
    if (this.best) putTensors(engine, model, this.best.tensors, this.best.counters);
    const { evaluation: final, predictions } = finalScore(
      context,
      this.prepared,
      this.experiment.strategy.settings.batchNorm,
      this.inPhase(),
    );
    const config = {
      ...savedConfig(this.prepared, this.experiment),
      accuracy: final.accuracy,
      split: final.split,
      fingerprint: { ...this.fingerprint },
    };
    await context.saveBest(
      exportTensors(model, ({ variable }) => engine.data(variable)),
      config,
      this.prepared.files,
    );
    const seconds = this.seconds();
    const bestEpoch = this.best?.epoch ?? 0;
    if (early) {
      const { epoch, monitor, patience } = early;
      context.emit({
        type: 'log',
        text: `Stopped after epoch ${epoch}: ${monitor} had not improved for ${patience} epochs. The weights of epoch ${bestEpoch} are kept.`,
      });
    }
    context.emit({
      type: 'done',
      reason,
      steps: position.step,
      bestEpoch,
      final,
      seconds,
      ...(context.shared ? {} : { peakMemory: peakMemory() }),
      ...(early ? { earlyStop: early } : {}),
    });
    return {
      reason,
      steps: position.step,
      bestEpoch,
      final,
      predictions,
      seconds,
      trainableParameters: this.prepared.modelInfo.trainableParameters,
      movement: movement(engine, model, this.initial),
    };
  }

  private seconds(): number {
    return this.position.seconds + (performance.now() - this.started) / 1000;
  }

  private inPhase(): OpenPhase {
    if (!this.open) throw new Error('No phase is running.');
    return this.open;
  }
}
