import { relative, resolve } from 'node:path';
import { stdout } from 'node:process';
import {
  checkExercise,
  findExercise,
  openExerciseFolder,
  openSolution,
  resetExercise,
  restoreAttempt,
  scaffold,
  showHint,
} from '../../course';
import { LearnerError } from '../../protocol/errors';
import type { CheckKind, CheckReport, CheckResult, ExerciseFile } from '../../protocol/exercise';
import { assetsRoot } from '../assets';
import { DOWNLOAD_ALLOWED } from '../weights/hub/allowed';
import type { Answer, CommonOptions } from './run-commands';
import { paint, say } from './terminal';

export async function newCommand(id: string, folder: string, options: CommonOptions): Promise<Answer> {
  const root = assetsRoot();
  const exercise = await findExercise(root, id);
  const made = await scaffold(root, exercise, resolve(folder));
  if (!options.json) {
    say(`Exercise ${exercise.number}, ${exercise.title}, is in ${made.folder}.`);
    say(`Read ${made.readme}, then edit ${made.entry}.`);
  }
  return { ...made };
}

export async function checkCommand(
  folder: string,
  options: CommonOptions & { readonly only?: string },
): Promise<Answer> {
  const root = assetsRoot();
  const path = resolve(folder);
  const { exercise } = await openExerciseFolder(root, path);
  const kinds = options.only === undefined ? undefined : kindsIn(options.only);
  const display = new CheckDisplay(exercise, options.json === true);
  // The checking process inherits it.
  if (options.download === true) process.env[DOWNLOAD_ALLOWED] = '1';
  const report = await checkExercise(root, path, {
    ...(kinds ? { kinds } : {}),
    onStart: (title) => display.progress(title),
    onProgress: (text) => display.progress(text),
    onResult: (result) => display.result(result),
  });
  display.summary(report, folder, kinds !== undefined);
  return { ...report };
}

export async function hintCommand(
  folder: string,
  task: string | undefined,
  options: CommonOptions,
): Promise<Answer> {
  const root = assetsRoot();
  const hint = await showHint(root, resolve(folder), task);
  const { exercise } = await openExerciseFolder(root, resolve(folder));
  const title = exercise.tasks.find(({ id }) => id === hint.task)?.title ?? hint.task;
  if (!options.json) say(`${title}, hint ${hint.number} of ${hint.of}:\n${hint.text}`);
  return { ...hint };
}

export async function solutionCommand(folder: string, options: CommonOptions): Promise<Answer> {
  const files = await openSolution(assetsRoot(), resolve(folder));
  if (!options.json) {
    say(`Solution: ${files.solution}\nYours:    ${files.attempt}`);
    say(`See what differs with: git diff --no-index "${files.attempt}" "${files.solution}"`);
  }
  return { ...files };
}

export async function resetCommand(folder: string, options: CommonOptions): Promise<Answer> {
  const root = assetsRoot();
  const path = resolve(folder);
  const { exercise } = await openExerciseFolder(root, path);
  const attempt = await resetExercise(root, exercise, path);
  if (!options.json) {
    say(`The starter files are back. What was there is kept in ${attempt.folder}.`);
    say(`Bring it back with: transfer-lab restore ${folder}`);
  }
  return { attempt };
}

export async function restoreCommand(folder: string, options: CommonOptions): Promise<Answer> {
  const path = resolve(folder);
  await openExerciseFolder(assetsRoot(), path);
  const { restored, saved } = await restoreAttempt(path);
  if (!options.json) {
    say(`Back are the files of ${new Date(restored.savedAt).toLocaleString()}.`);
    say(`What was there before is kept in ${saved.folder}.`);
  }
  return { restored, saved };
}

function kindsIn(text: string): CheckKind[] {
  const all: readonly CheckKind[] = ['code', 'behaviour', 'outcome'];
  const names = text.split(',').map((name) => name.trim());
  const kinds = all.filter((kind) => names.includes(kind));
  if (kinds.length === names.length) return kinds;
  throw new LearnerError({
    code: 'unknown-check-kind',
    message: `--only ${text} names a kind of check that there is not.`,
    remedy: `Use one or more of ${all.join(', ')}, with commas between them.`,
  });
}

const MARKS = {
  passed: ['green', '✓'],
  wrong: ['red', '✗'],
  notAttempted: ['yellow', '○'],
  notRun: ['gray', '·'],
} as const;

/** A line per result; on a terminal, below it, what is being done. */
class CheckDisplay {
  private readonly titles: ReadonlyMap<string, string>;
  private kind: CheckKind | undefined;
  private waiting = 0;

  constructor(
    private readonly exercise: ExerciseFile,
    private readonly quiet: boolean,
  ) {
    this.titles = new Map(exercise.tasks.map(({ id, title }, index) => [id, `Task ${index + 1}: ${title}`]));
  }

  progress(text: string): void {
    if (this.quiet) say(JSON.stringify({ progress: text }));
    else if (stdout.isTTY) stdout.write(`\r${paint('gray', `… ${text}`)}\x1b[K`);
  }

  result(result: CheckResult): void {
    if (this.quiet) return;
    const { kind, status, title, message, mistake, location } = result;
    const [color, mark] = MARKS[status];
    if (status === 'notRun') {
      this.waiting++;
      return;
    }
    this.clear();
    if (kind !== this.kind) say(paint('bold', HEADINGS[kind]));
    this.kind = kind;
    say(`  ${paint(color, mark)} ${title}`);
    if (message === undefined) return;
    if (status === 'passed') return say(paint('gray', `    ${message}`));
    say(`    ${message}`);
    const place = location ? `${nearest(location.file)}:${location.line}` : '';
    say(paint('gray', `    ${[place, mistake].filter(Boolean).join('  ')}`));
  }

  /** @param partly some kinds of checks were left out, so that nothing can be called done */
  summary({ results, passed, seconds }: CheckReport, folder: string, partly: boolean): void {
    if (this.quiet) return;
    this.clear();
    if (this.waiting > 0) say(paint('gray', `  · ${this.waiting} more wait for what is missing above`));
    const count = results.filter(({ status }) => status === 'passed').length;
    say('');
    for (const [id, title] of this.titles) {
      const own = results.filter(({ task }) => task === id);
      const state = stateOf(own);
      say(
        `${paint(MARKS[state][0], MARKS[state][1])} ${title}: ${partly && state === 'passed' ? 'right so far' : WORDS[state]}`,
      );
    }
    say(`${count} of ${results.length} checks passed in ${seconds.toFixed(0)} s.`);
    if (passed && partly) say(`Everything else is looked at by: transfer-lab check ${folder}`);
    else if (passed) say(paint('green', `Exercise ${this.exercise.number} is done.`));
    else say(`A hint: transfer-lab hint ${folder}    What a word like "rate-too-high" means: README.md`);
  }

  private clear(): void {
    if (stdout.isTTY) stdout.write('\r\x1b[K');
  }
}

/** The shorter way to name a file from here. */
function nearest(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('..') ? file : path;
}

const HEADINGS: Readonly<Record<CheckKind, string>> = {
  code: 'What the code says',
  behaviour: 'What a few steps of training do',
  outcome: 'What comes out of training',
};
const WORDS = { passed: 'done', wrong: 'not yet right', notAttempted: 'not begun', notRun: 'not looked at' };

function stateOf(results: readonly CheckResult[]): CheckResult['status'] {
  const has = (wanted: CheckResult['status']): boolean => results.some(({ status }) => status === wanted);
  return has('wrong') ? 'wrong' : has('notAttempted') ? 'notAttempted' : has('notRun') ? 'notRun' : 'passed';
}
