/**
 * The training loop. Nothing in it knows a network, a strategy or an exercise by name; what happens is told by events.
 */
import type { Evaluation } from '../protocol/events';
import { batchIndices, stepsPerEpoch, type Dataset } from './data/dataset';
import type { Experiment } from './experiment';
import { countBatch, type TransferModel } from './models/model';
import { phaseData, type PhaseData } from './phase-data';
import {
  compileEvaluator,
  compileTrainingStep,
  createOptimizer,
  describeGroups,
  factorsOf,
  trainedPart,
  type Evaluator,
} from './phase-program';
import { experimentFingerprint, prepare, type Prepared } from './preparation';
import { randomStream } from './random';
import type { RunContext } from './run-context';
import { createSchedule, type Schedule } from './schedules';
import type { Phase } from './strategies/strategy';
import { movement, notFinite, type GroupMovement } from './diagnosis';
import { countCorrect, oneHot } from './tasks/image-classification';
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
import type { Optimizer, TrainingStep } from './engine/types';
import { exportTensors } from './weights/load';

export interface TrainResult {
  readonly reason: 'finished' | 'stopped';
  readonly steps: number;
  /** From 1; 0 if not one epoch was finished. */
  readonly bestEpoch: number;
  /** Of the best weights; on the test split where there is one, else on validation. */
  readonly final: Evaluation;
  readonly seconds: number;
  readonly trainableParameters: number;
  readonly movement: readonly GroupMovement[];
}

/** Between checkpoints in the middle of an epoch, and the least between those at epochs' ends. */
const CHECKPOINT_SECONDS = 15;
const EPOCH_CHECKPOINT_SECONDS = 3;
const EVALUATION_BATCH = 50;

interface Compiled {
  readonly phase: Phase;
  readonly data: PhaseData;
  readonly step: TrainingStep;
  readonly evaluator: Evaluator;
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
  /** Steps of the whole run before this phase. */
  readonly firstStep: number;
}

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
  private readonly model: TransferModel;
  private readonly dataset: Dataset;
  private readonly phases: readonly Phase[];
  private readonly perEpoch: number;
  private readonly fingerprint: Fingerprint;
  private readonly started = performance.now();
  private readonly initial: ReadonlyMap<string, Float32Array>;
  private position: Position = { ...START };
  private best: Best | undefined;
  private restored: Restored | undefined;
  private compiled: Compiled | undefined;
  private lastCheckpoint = performance.now();

  constructor(
    private readonly experiment: Experiment,
    private readonly context: RunContext,
    private readonly prepared: Prepared,
  ) {
    this.model = prepared.model;
    this.dataset = prepared.dataset;
    this.phases = prepared.phases;
    this.perEpoch = stepsPerEpoch(this.dataset.splits.train.count, experiment.batchSize);
    this.fingerprint = {
      data: this.dataset.fingerprint,
      experiment: experimentFingerprint(experiment, this.phases),
      provider: context.engine.device.text,
    };
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
    const parts = this.phases.map((phase) => trainedPart(this.model, phase));
    engine.adopt([...new Set(parts.flatMap(({ parameters }) => parameters))]);
    context.emit({
      type: 'prepared',
      model: this.prepared.modelInfo,
      data: this.dataset.info,
      device: engine.device.text,
      epochs: this.experiment.epochs,
      stepsPerEpoch: this.perEpoch,
    });
    let epochsBefore = 0;
    for (const phase of this.phases) {
      const end = epochsBefore + phase.epochs;
      if (this.position.epoch < end && !signal.aborted) {
        await this.beginPhase(phase, epochsBefore);
        while (this.position.epoch < end && !signal.aborted) await this.runEpoch();
        if (this.position.epoch >= end && end < this.experiment.epochs) this.endPhase();
      }
      epochsBefore = end;
    }
    return this.finish();
  }

  dispose(): void {
    this.endPhase();
    this.model.dispose();
  }

  private async beginPhase(phase: Phase, epochsBefore: number): Promise<void> {
    const { context, experiment, model } = this;
    const { engine } = context;
    const part = trainedPart(model, phase);
    const mirroring = experiment.augmentation?.horizontalFlip === true;
    const data = await phaseData(context, model, this.dataset, part, mirroring);
    context.emit({ type: 'preparing', phase: 'compiling' });
    await context.breathe();
    const { settings } = experiment.strategy;
    const step = compileTrainingStep(engine, model, part, phase.name, {
      batchSize: experiment.batchSize,
      itemShape: data.itemShape,
      ...(experiment.loss ? { loss: experiment.loss } : {}),
    });
    const evaluator = compileEvaluator(engine, model, part, {
      batchSize: Math.min(EVALUATION_BATCH, data.splits.val.count),
      itemShape: data.itemShape,
    });
    const optimizer = createOptimizer(engine, model, phase, settings);
    const steps = phase.epochs * this.perEpoch;
    // A checkpoint at the end of a phase belongs to the optimizer of the phase before.
    const { step: stepsDone } = this.position;
    if (this.restored && stepsDone > epochsBefore * this.perEpoch) this.restored.restoreOptimizer(optimizer);
    this.restored = undefined;
    this.compiled = {
      phase,
      data,
      step,
      evaluator,
      optimizer,
      schedule: createSchedule(settings.schedule, steps, settings.warmupSteps ?? Math.round(steps / 12)),
      firstStep: epochsBefore * this.perEpoch,
    };
    const layerGroups = describeGroups(model, phase);
    context.emit({ type: 'phaseStart', name: phase.name, epoch: this.position.epoch + 1, layerGroups });
  }

  private endPhase(): void {
    this.compiled?.step.dispose();
    this.compiled?.evaluator.dispose();
    this.compiled?.optimizer.dispose();
    this.compiled = undefined;
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
    const { data, step, optimizer, schedule, phase, firstStep } = this.inPhase();
    const stepStarted = performance.now();
    const { batchSize, seed } = experiment;
    const { train } = data.splits;
    const { indices, counted } = batchIndices(
      train.count,
      batchSize,
      seed,
      position.epoch,
      position.stepOfEpoch,
    );
    const items = new Float32Array(batchSize * data.itemShape.reduce((product, size) => product * size, 1));
    data.gather(indices, this.flips(indices), items);
    const labels = indices.map((index) => train.labels[index] ?? 0);
    const mask = Float32Array.from({ length: batchSize }, (_, row) => (row < counted ? 1 : 0));
    const { loss, outputs, gradients } = step.run({
      items,
      labels: oneHot(labels, batchSize, model.numClasses),
      mask,
    });
    const factor = schedule(position.step - firstStep);
    if (!Number.isFinite(loss)) throw notFinite(loss, factor, phase, position, experiment);
    const { gradientNorm } = optimizer.apply(gradients, factorsOf(phase, factor));
    if (!Number.isFinite(gradientNorm)) throw notFinite(gradientNorm, factor, phase, position, experiment);
    countBatch(model, new Set(Object.keys(phase.learningRates)));
    const correct = countCorrect(outputs['logits'] ?? [], labels.subarray(0, counted), model.numClasses);
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

  private flips(indices: Int32Array): boolean[] {
    if (!this.experiment.augmentation?.horizontalFlip) return [];
    const stream = randomStream(this.experiment.seed, `flip/${this.position.epoch}`);
    return [...indices].map((index) => stream.uniform(index) < 0.5);
  }

  private endEpoch(seconds: number): void {
    const { position, context, model } = this;
    const { evaluator, data } = this.inPhase();
    const { evaluation, predictions } = evaluator.run('val', data.splits.val, this.dataset.info);
    position.epoch++;
    position.stepOfEpoch = 0;
    const { accuracy, loss } = evaluation;
    const { best } = this;
    const isBest = !best || accuracy > best.accuracy || (accuracy === best.accuracy && loss < best.loss);
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
    position.lossSum = position.correctSum = position.itemSum = 0;
  }

  private async checkpointAfter(seconds: number): Promise<void> {
    if (performance.now() - this.lastCheckpoint < seconds * 1000) return;
    await this.checkpoint();
  }

  private async checkpoint(): Promise<void> {
    const { context, model, position, best, fingerprint } = this;
    const timed = { ...position, seconds: this.seconds() };
    const { optimizer } = this.inPhase();
    await context.saveCheckpoint(takeSnapshot(context.engine, model, optimizer, timed, best, fingerprint));
    this.lastCheckpoint = performance.now();
  }

  private async finish(): Promise<TrainResult> {
    const { context, model, position, dataset } = this;
    const { engine, signal } = context;
    const reason = signal.aborted && position.epoch < this.experiment.epochs ? 'stopped' : 'finished';
    if (!this.compiled) await this.beginLastPhase();
    if (reason === 'stopped') await this.checkpoint();
    if (this.best) putTensors(engine, model, this.best.tensors, this.best.counters);
    const final = this.evaluateFinal();
    const config = {
      ...model.config,
      classNames: [...dataset.classNames],
      imageSize: this.experiment.data.imageSize,
      accuracy: final.accuracy,
      split: final.split,
    };
    await context.saveBest(
      exportTensors(model, ({ variable }) => engine.data(variable)),
      config,
    );
    const seconds = this.seconds();
    const bestEpoch = this.best?.epoch ?? 0;
    context.emit({ type: 'done', reason, steps: position.step, bestEpoch, final, seconds });
    return {
      reason,
      steps: position.step,
      bestEpoch,
      final,
      seconds,
      trainableParameters: this.prepared.modelInfo.trainableParameters,
      movement: movement(engine, model, this.initial),
    };
  }

  /** Stopped before anything was compiled, or resumed after the last step: the last phase's programs evaluate. */
  private async beginLastPhase(): Promise<void> {
    let before = 0;
    let found = this.phases[0];
    let foundBefore = 0;
    for (const phase of this.phases) {
      if (before < this.position.epoch || before === 0) {
        found = phase;
        foundBefore = before;
      }
      before += phase.epochs;
    }
    if (!found) throw new Error('The strategy planned no phase.');
    await this.beginPhase(found, foundBefore);
  }

  /** With the weights in the model. Everything that any phase trains counts as changed. */
  private evaluateFinal(): Evaluation {
    const { dataset, model, context } = this;
    const split = dataset.splits.test.count > 0 ? 'test' : 'val';
    const { data, evaluator, phase } = this.inPhase();
    const everTrained = this.phases.flatMap(({ learningRates }) => Object.keys(learningRates));
    if (everTrained.every((name) => name in phase.learningRates))
      return evaluator.run(split, data.splits[split], dataset.info).evaluation;
    const whole = compileEvaluator(
      context.engine,
      model,
      { ...trainedPart(model, { learningRates: {} }), from: 0 },
      { batchSize: Math.min(EVALUATION_BATCH, dataset.splits[split].count), itemShape: dataset.itemShape },
    );
    try {
      return whole.run(split, dataset.splits[split], dataset.info).evaluation;
    } finally {
      whole.dispose();
    }
  }

  private seconds(): number {
    return this.position.seconds + (performance.now() - this.started) / 1000;
  }

  private inPhase(): Compiled {
    if (!this.compiled) throw new Error('No phase is running.');
    return this.compiled;
  }
}
