import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import exercise from '../../../exercises/01-fine-tune-an-image-classifier/exercise.json';
import { eventually, runAndEscape, until, workspaceFolder } from './help';

suite('an exercise', () => {
  let folder: string;
  let file: vscode.Uri;
  const findings = (): vscode.Diagnostic[] =>
    vscode.languages.getDiagnostics(file).filter(({ source }) => source === 'Transfer Lab check');

  suiteSetup(async () => {
    folder = join(workspaceFolder(), exercise.folder);
    file = vscode.Uri.file(join(folder, exercise.entry));
    // A double click, which is no question whether there shall be two.
    const click = () => vscode.commands.executeCommand('transferLab.startExercise', { exercise });
    await Promise.all([click(), click()]);
  });

  test('is made once, though it was clicked twice', async () => {
    const made = (await readdir(workspaceFolder())).filter((name) => name.startsWith(exercise.folder));
    assert.deepEqual(made, [exercise.folder]);
  });

  test('opens its code, with its instructions beside it', async () => {
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath ?? file.fsPath, file.fsPath);
    await until(() =>
      vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label === 'Instructions')),
    );
  });

  test('shows its hints one after the other and remembers how many', async () => {
    const taskId = exercise.tasks[0]?.id;
    const first = await runAndEscape('transferLab.hint', { folder, taskId });
    const second = await runAndEscape('transferLab.hint', { folder, taskId });
    assert.ok(first[0]?.text.includes('hint 1 of 3'), first[0]?.text);
    assert.ok(second[0]?.text.includes('hint 2 of 3'), second[0]?.text);
    const progress = await readFile(join(folder, '.transfer-lab', 'progress.json'), 'utf8');
    assert.equal(
      (JSON.parse(progress) as { hintsShown: Record<string, number> }).hintsShown[taskId ?? ''],
      2,
    );
  });

  test('checked as it was given, says at the TODO lines that nothing is attempted', async () => {
    const [told] = await runAndEscape('transferLab.check', { folder });
    assert.match(told?.text ?? '', /checks passed\. Next: /);
    const document = await vscode.workspace.openTextDocument(file);
    const marked = findings().map(({ range }) => document.lineAt(range.start.line).text.slice(0, 14));
    assert.ok(marked.includes('// TODO task 1') && marked.includes('// TODO task 2'), marked.join());
    assert.ok(findings().every(({ severity }) => severity === vscode.DiagnosticSeverity.Information));
  });

  test('has no report to hand in before anything has run, and says so', async () => {
    const [told] = await runAndEscape('transferLab.handIn', { folder });
    assert.match(told?.text ?? '', /no finished run yet\. .*Fine-tune an experiment first/);
  });

  test('names a mistake at its line when the file is saved, offers a hint for it, and forgets it on an edit', async () => {
    const document = await vscode.workspace.openTextDocument(file);
    const editor = await vscode.window.showTextDocument(document);
    const own = `
export const featureExtraction = experiment({
  data, model: resnet18({ weights: 'embedded' }), epochs: 12, batchSize: 16, seed: 1,
  strategy: strategies.wholeModel({ learningRate: 3e-3 }),
});
`;
    const end = document.lineAt(document.lineCount - 1).range.end;
    await editor.edit((edit) => edit.insert(end, own));
    await document.save();
    const found = await eventually(() =>
      findings().find(({ code }) => typeof code === 'object' && code.value === 'everything-trains'),
    );
    assert.match(document.lineAt(found.range.start.line).text, /strategies\.wholeModel/);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      file,
      found.range,
    );
    assert.ok(actions.some(({ title }) => title === 'Show next hint'));
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '\n'));
    await until(() => findings().length === 0);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });
});
