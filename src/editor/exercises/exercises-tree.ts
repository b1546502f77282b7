import * as path from 'node:path';
import * as vscode from 'vscode';
import type { ExerciseFile, ExerciseProgress, ExerciseTask } from '../../protocol/exercise';

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

const STATES = {
  new: ['circle-large-outline', 'new'],
  started: ['edit', 'started'],
  wrong: ['warning', 'not yet right'],
  passed: ['pass-filled', 'passed'],
  passedWithHelp: ['pass', 'passed with help'],
} as const;

/** Exercises with their state in this workspace; below each, its tasks. */
export class ExercisesTree implements vscode.TreeDataProvider<ExerciseNode | TaskNode> {
  constructor(
    private readonly root: string,
    readonly onDidChangeTreeData: vscode.Event<void>,
  ) {}

  async getChildren(node?: ExerciseNode | TaskNode): Promise<(ExerciseNode | TaskNode)[]> {
    if (!node) return this.exercises();
    return 'task' in node ? [] : node.exercise.tasks.map((task) => ({ parent: node, task }));
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

  getTreeItem(node: ExerciseNode | TaskNode): vscode.TreeItem {
    if ('task' in node) {
      const { task, parent } = node;
      const results = parent.progress?.lastReport?.results.filter((result) => result.task === task.id) ?? [];
      const done = results.length > 0 && results.every(({ status }) => status === 'passed');
      const failed = results.find(({ status }) => status === 'wrong' || status === 'notAttempted');
      const item = new vscode.TreeItem(task.title);
      item.iconPath = new vscode.ThemeIcon(done ? 'pass' : failed ? 'warning' : 'circle-outline');
      item.description = `hints ${parent.progress?.hintsShown[task.id] ?? 0}/${task.hints.length}`;
      item.tooltip = failed?.message ?? task.title;
      item.contextValue = parent.folder === undefined ? 'task.new' : 'task';
      return item;
    }
    const { exercise, folder, progress } = node;
    const [icon, words] = STATES[progress?.state ?? 'new'];
    const expand = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(
      `${exercise.number}. ${exercise.title}`,
      folder === undefined ? expand.Collapsed : expand.Expanded,
    );
    item.id = exercise.id;
    item.description = folder === undefined ? `${exercise.minutes} min` : words;
    item.tooltip = exercise.summary;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.contextValue = folder === undefined ? 'exercise.new' : 'exercise.started';
    item.command = {
      command: folder === undefined ? 'transferLab.startExercise' : 'transferLab.openExercise',
      title: folder === undefined ? 'Start exercise' : 'Open exercise',
      arguments: [node],
    };
    return item;
  }
}
