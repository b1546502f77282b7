import { join } from 'node:path';
import { notAttempted, passed, wrong, type Check } from '../check';
import type { ExerciseContext } from '../exercise-context';

/** Shorter answers say that something was, not why. */
const WORDS = 20;

export interface Question {
  readonly title: string;
  /** Line of its heading, from 1. */
  readonly line: number;
  /** Words of the answer, without quoted text and comments. */
  readonly words: number;
}

/** The second-level headings of a Markdown text, with what is written below each. Lines that begin with `>` are the question itself. */
export function questionsIn(markdown: string): Question[] {
  const lines = markdown
    .replaceAll(/<!--[\s\S]*?-->/g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .split(/\r?\n/);
  const questions: (Question & { words: number })[] = [];
  for (const [index, text] of lines.entries()) {
    const title = /^##\s+(.+?)\s*$/.exec(text)?.[1];
    const last = questions.at(-1);
    if (title !== undefined) questions.push({ title, line: index + 1, words: 0 });
    else if (last && !text.startsWith('>')) last.words += text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  }
  return questions;
}

/**
 * Every question of the analysis has an answer. Whether it is a good one, only a reader can say.
 * @param file Markdown in the learner's folder, with a heading for each question
 */
export const analysisIsWritten = (task: string, file: string): Check<ExerciseContext> => ({
  id: `${task}/written`,
  kind: 'code',
  task,
  title: `${file} answers every question`,
  async run(context) {
    const text = await context.text(file);
    const path = join(context.folder, file);
    if (text === undefined)
      return notAttempted(`Write ${file}: it is gone. "Reset exercise" brings its questions back.`);
    const questions = questionsIn(text);
    const open = questions.filter(({ words }) => words === 0);
    const [first] = open;
    if (questions.length === 0 || open.length === questions.length)
      return notAttempted(`Write your answers below the headings of ${file}.`, {
        file: path,
        line: first?.line ?? 1,
      });
    if (first)
      return wrong('analysis-incomplete', `Answer "${first.title}" as well: there is nothing below it.`, {
        file: path,
        line: first.line,
      });
    const short = questions.find(({ words }) => words < WORDS);
    if (short)
      return wrong(
        'analysis-short',
        `Say more below "${short.title}": ${short.words} words are there. What did you see, and what makes you think so?`,
        { file: path, line: short.line },
      );
    return passed(
      `${questions.length} questions, ${questions.reduce((sum, { words }) => sum + words, 0)} words`,
    );
  },
});
