import * as path from 'node:path';
import * as vscode from 'vscode';
import type {
  CheckResult,
  CheckStatus,
  ExerciseFile,
  ExerciseProgress,
  ExerciseTask,
} from '../../protocol/exercise';
import type { TaskState } from '../../protocol/instructions';
import { findingsOf, resultsOf, shownHints, taskState } from './task-status';

const { t } = vscode.l10n;

export interface ExerciseNode {
  readonly exercise: ExerciseFile;
  /** Absent until it is scaffolded in this workspace. */
  readonly folder?: string;
  readonly progress?: ExerciseProgress;
}
export interface TaskNode {
  readonly parent: ExerciseNode;
  readonly task: ExerciseTask;
}
/** What the last check found, or a hint that was shown: a line below its task. */
interface LineNode {
  readonly item: vscode.TreeItem;
}
type Node = ExerciseNode | TaskNode | LineNode;

/** Never by colour alone: each has an icon and a word. */
type Look = readonly [icon: string, words: string];

const exerciseLook = (state: ExerciseProgress['state']): Look =>
  (
    ({
      new: ['circle-large-outline', t('new')],
      started: ['edit', t('started')],
      wrong: ['warning', t('not yet right')],
      passed: ['pass-filled', t('passed')],
      passedWithHelp: ['pass', t('passed with help')],
    }) as const
  )[state];

const resultLook = (status: CheckStatus): Look =>
  (
    ({
      passed: ['pass', t('passed')],
      wrong: ['warning', t('not yet right')],
      notAttempted: ['circle-outline', t('not attempted')],
      notRun: ['circle-slash', t('waits')],
    }) as const
  )[status];

const taskLook = (state: TaskState): Look =>
  (
    ({
      done: resultLook('passed'),
      wrong: resultLook('wrong'),
      notAttempted: resultLook('notAttempted'),
      waits: resultLook('notRun'),
      notChecked: ['circle-outline', t('not checked')],
    }) as const
  )[state];

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** Exercises with their state in this workspace; below each, its tasks; below each task, what the last check found and the hints. */
export class ExercisesTree implements vscode.TreeDataProvider<Node> {
  constructor(
    private readonly root: string,
    readonly onDidChangeTreeData: vscode.Event<void>,
  ) {}

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.exercises();
    if ('item' in node) return [];
    if ('exercise' in node) {
      const ofFile = resultsOf(node.progress, undefined).filter(({ status }) => status !== 'passed');
      return [
        ...ofFile.map((result) => ({ item: resultItem(result) })),
        ...node.exercise.tasks.map((task) => ({ parent: node, task })),
      ];
    }
    const { progress } = node.parent;
    return [
      ...resultsOf(progress, node.task.id).map((result) => ({ item: resultItem(result) })),
      ...shownHints(progress, node.task).map((hint, index) => ({ item: hintItem(hint, index + 1) })),
    ];
  }

  async exercises(): Promise<ExerciseNode[]> {
    const { listExercises, readProgress } = await import('../../course');
    const [exercises, files] = await Promise.all([
      listExercises(this.root),
      vscode.workspace.findFiles('**/.transfer-lab/progress.json', '**/node_modules/**', 200),
    ]);
    const scaffolded = await Promise.all(
      files.map(async ({ fsPath }) => {
        const folder = path.dirname(path.dirname(fsPath));
        return { folder, progress: await readProgress(folder) };
      }),
    );
    return exercises.map((exercise) => {
      const own = scaffolded.find(({ progress }) => progress?.exercise === exercise.id);
      return own?.progress ? { exercise, folder: own.folder, progress: own.progress } : { exercise };
    });
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ('item' in node) return node.item;
    return 'task' in node ? taskItem(node) : exerciseItem(node);
  }
}

function exerciseItem(node: ExerciseNode): vscode.TreeItem {
  const { exercise, folder, progress } = node;
  const [icon, words] = exerciseLook(progress?.state ?? 'new');
  const item = new vscode.TreeItem(
    `${exercise.number}. ${exercise.title}`,
    folder === undefined ? Collapsed : Expanded,
  );
  // Another id once it is started: VS Code would keep it closed as it was.
  item.id = folder === undefined ? exercise.id : `${exercise.id}#started`;
  item.description = folder === undefined ? t('{0} min', exercise.minutes) : words;
  item.tooltip = exercise.summary;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.contextValue = folder === undefined ? 'exercise.new' : 'exercise.started';
  item.command = {
    command: folder === undefined ? 'transferLab.startExercise' : 'transferLab.openExercise',
    title: folder === undefined ? t('Start exercise') : t('Open exercise'),
    arguments: [node],
  };
  return item;
}

function taskItem({ parent, task }: TaskNode): vscode.TreeItem {
  const { progress } = parent;
  const hints = shownHints(progress, task).length;
  const [icon, words] = taskLook(taskState(progress, task.id));
  const lines = resultsOf(progress, task.id).length + hints;
  const item = new vscode.TreeItem(task.title, lines > 0 ? Collapsed : None);
  item.id = `${parent.exercise.id}/${task.id}`;
  item.iconPath = new vscode.ThemeIcon(icon);
  item.description = t('{0}, hints {1}/{2}', words, hints, task.hints.length);
  item.tooltip = findingsOf(progress, task.id)[0]?.message ?? task.title;
  item.contextValue = parent.folder === undefined ? 'task.new' : 'task';
  return item;
}

function resultItem({ title, status, message, location }: CheckResult): vscode.TreeItem {
  const [icon, words] = resultLook(status);
  const item = new vscode.TreeItem(title);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.description = status === 'passed' ? (message ?? '') : words;
  item.tooltip = message ?? title;
  item.accessibilityInformation = { label: `${title}: ${words}. ${message ?? ''}` };
  if (location) {
    const line = location.line - 1;
    const selection = new vscode.Range(line, 0, line, 0);
    const target = [vscode.Uri.file(location.file), { selection }];
    item.command = { command: 'vscode.open', title: t('Go to the line'), arguments: target };
  }
  return item;
}

function hintItem(hint: string, number: number): vscode.TreeItem {
  const item = new vscode.TreeItem(t('Hint {0}: {1}', number, hint));
  item.iconPath = new vscode.ThemeIcon('lightbulb');
  item.tooltip = hint;
  return item;
}
