import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as lab from '../../lab';
import type { Answer, CheckingFunctions, CheckingListener, ExperimentFacts } from '../../protocol/checking';
import { LearnerError, toProblem, type SourceLocation } from '../../protocol/errors';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { isExperiment, type Experiment } from '../experiment';
import { findArchitecture } from '../models';
import { lineOfExperiment } from '../runs';
import { loadExperimentFile, problemAt, type LoadedFile } from '../runs/load-experiment';
import { factsOf } from './facts';
import { outcomeOf } from './outcome';
import { probe } from './probe';
import { checkTypes } from './types';
import { parseRepository } from '../weights/hub';
import { openCheckpoint } from '../weights/load';

interface Known {
  readonly experiment: Experiment;
  readonly facts: ExperimentFacts;
}

/** Answers what checks ask about one learner's file. Whatever goes wrong in it comes back as a problem, at its line. */
export class Workshop implements CheckingFunctions {
  private engine: Promise<Engine> | undefined;
  private loaded: LoadedFile | undefined;
  private readonly known = new Map<string, Known>();
  private folder = '';

  constructor(private readonly listener: CheckingListener) {}

  ready: CheckingFunctions['ready'] = async () => void (await this.useEngine());

  types: CheckingFunctions['types'] = (file) => this.answer(() => Promise.resolve(checkTypes(file)));

  load: CheckingFunctions['load'] = (file) =>
    this.answer(async () => {
      this.folder = dirname(file);
      this.known.clear();
      const source = await readFile(file, 'utf8');
      const loaded = await loadExperimentFile(file, {
        modules: { 'transfer-lab': lab, '@tensorflow/tfjs': tf },
      });
      this.loaded = loaded;
      for (const [name, experiment] of Object.entries(loaded.exports)) {
        if (!isExperiment(experiment)) continue;
        const location = { file, line: lineOfExperiment(source, name) };
        const facts = await factsOf(name, location, experiment, this.folder, (error) => loaded.locate(error));
        this.known.set(name, { experiment, facts });
      }
      return [...this.known.values()].map(({ facts }) => facts);
    });

  probe: CheckingFunctions['probe'] = (name, steps) =>
    this.answerAbout(name, async ({ experiment, facts }, engine) => {
      this.listener.progress(`${name}: a few steps of training`);
      return probe(engine, experiment, facts.phases, this.folder, steps);
    });

  outcome: CheckingFunctions['outcome'] = ({ experiment: name, seed }) =>
    this.answerAbout(name, async ({ experiment, facts }, engine) => {
      const what = `${name}, seed ${seed}`;
      this.listener.progress(what);
      return outcomeOf(engine, { ...experiment, seed }, facts.phases, this.folder, (done) =>
        this.listener.progress(`${what}: epoch ${done}/${facts.epochs}`),
      );
    });

  private useEngine(): Promise<Engine> {
    return (this.engine ??= createEngine());
  }

  private answerAbout<Value>(
    name: string,
    work: (known: Known, engine: Engine) => Promise<Value>,
  ): Promise<Answer<Value>> {
    const known = this.known.get(name);
    return this.answer(async () => {
      if (!known) throw new Error(`No experiment "${name}" was loaded.`);
      await this.fetchWeights(known.experiment);
      return work(known, await this.useEngine());
    }, known?.facts.location);
  }

  /** Says how far it is, where something is fetched: a check that says nothing for long is taken for hanging. */
  private async fetchWeights({ model }: Experiment): Promise<void> {
    if (model.weights === null || !parseRepository(model.weights)) return;
    let toldMs = -Infinity;
    const tell = (text: string): void => {
      if (performance.now() - toldMs < 250) return;
      toldMs = performance.now();
      this.listener.progress(text);
    };
    await openCheckpoint(model.weights, findArchitecture(model.architecture), this.folder, {
      onDownload: (done, total) =>
        tell(`downloading the weights, ${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`),
      onWait: (seconds, reason) =>
        tell(
          `downloading the weights: ${reason}${seconds > 0 ? `, next attempt in ${Math.ceil(seconds)} s` : ''}`,
        ),
    });
  }

  /** @param fallback where the problem is, if its stack does not lead into the learner's file */
  private async answer<Value>(work: () => Promise<Value>, fallback?: SourceLocation): Promise<Answer<Value>> {
    try {
      return { value: await work() };
    } catch (error) {
      const thrownAt = this.loaded?.locate(error);
      const problem = toProblem(error);
      if (error instanceof LearnerError || !thrownAt)
        return { problem: problemAt(problem, thrownAt ?? fallback) };
      return {
        problem: {
          code: 'experiment-threw',
          message: `The experiment's own code stopped with: ${problem.message}`,
          remedy: 'Correct the line.',
          location: thrownAt,
        },
      };
    }
  }
}
