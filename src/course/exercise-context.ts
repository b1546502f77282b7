import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExperimentFacts, Outcome, OutcomeRequest, Probe, TypeProblem } from '../protocol/checking';
import type { ExerciseFile } from '../protocol/exercise';
import type { CheckingProcess } from './checking-process';
import { readReference, type Reference } from './reference';

/** What the checks of an exercise look at. Whatever costs time happens once, when it is first asked for. */
export class ExerciseContext {
  private readonly known = new Map<string, Promise<unknown>>();

  constructor(
    private readonly root: string,
    readonly exercise: ExerciseFile,
    /** The learner's file, absolute. */
    readonly file: string,
    private readonly checking: CheckingProcess,
  ) {}

  source(): Promise<string> {
    return this.once('source', () => readFile(this.file, 'utf8'));
  }

  /** The learner's folder, absolute. */
  get folder(): string {
    return dirname(this.file);
  }

  /** Another file of the folder; undefined if it is not there. */
  text(name: string): Promise<string | undefined> {
    return this.once(`text ${name}`, async () => {
      try {
        return await readFile(join(this.folder, name), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  types(): Promise<readonly TypeProblem[]> {
    return this.once('types', () => this.checking.types(this.file));
  }

  /** All exported experiments. @throws {LearnerError} if the file cannot be loaded */
  experiments(): Promise<readonly ExperimentFacts[]> {
    return this.once('load', () => this.checking.load(this.file));
  }

  async experiment(name: string): Promise<ExperimentFacts | undefined> {
    return (await this.experiments()).find((facts) => facts.name === name);
  }

  probe(name: string, steps: number): Promise<Probe> {
    return this.once(`probe ${name} ${steps}`, () => this.checking.probe(name, steps));
  }

  outcome(request: OutcomeRequest): Promise<Outcome> {
    return this.once(JSON.stringify(request), () => this.checking.outcome(request));
  }

  /** The recorded runs that the bounds of this exercise come from. */
  reference(): Promise<Reference> {
    const file = join(this.root, 'exercises', this.exercise.id, 'reference', 'runs.json');
    return this.once('reference', () => readReference(file));
  }

  private once<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const known = this.known.get(key) ?? work();
    this.known.set(key, known);
    return known as Promise<Value>;
  }
}
