import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ManagedRun } from '../../../src/editor/runs/run-manager';
import { RUN_FILES, type ControlFile } from '../../../src/protocol/run-files';
import { readRun } from '../../../src/training/runs';
import type { Api } from '../../../src/extension';
import { api, eventually, lensesOf, runAndEscape, show, until, workspaceFolder } from './help';

suite('a run started from the editor', () => {
  let file: string;
  let lab: Api;

  suiteSetup(async () => {
    lab = await api();
    file = join(workspaceFolder(), 'experiment.ts');
  });

  /** What a test that failed has left would be in the way of all tests after it. */
  teardown(async () => {
    for (const run of lab.manager.live) await vscode.commands.executeCommand('transferLab.stop', run);
    await until(() => lab.manager.live.length === 0);
  });

  async function start(experiment: string): Promise<ManagedRun> {
    const before = new Set(lab.manager.runs);
    await vscode.commands.executeCommand('transferLab.fineTune', { file, experiment });
    return eventually(() => lab.manager.runs.find((run) => !before.has(run)));
  }

  async function when(run: ManagedRun, wanted: (run: ManagedRun) => boolean): Promise<ManagedRun> {
    await until(() => {
      assert.notEqual(run.state.status, 'failed', JSON.stringify(run.state.problem));
      return wanted(run);
    });
    return run;
  }

  const inlineTexts = (editor: vscode.TextEditor): Map<number, string> =>
    new Map(lab.views.inline.textsOf(editor.document).map(({ line, text }) => [line, text]));

  test('trains the experiment at the cursor to its end, and leaves its best weights', async () => {
    const editor = await show(file);
    editor.selection = new vscode.Selection(4, 0, 4, 0); // inside of headOnly
    await vscode.commands.executeCommand('transferLab.fineTune');
    const run = await eventually(() => lab.manager.runs[0]);
    assert.equal(run.run.experiment, 'headOnly');
    await when(run, ({ state }) => state.status === 'finished');
    assert.equal(run.state.epochPoints.length, 3);
    assert.ok((await readFile(join(run.directory, RUN_FILES.best, 'model.safetensors'))).length > 0);
    assert.match(inlineTexts(editor).get(3) ?? '', /^finished, best accuracy \d+\.\d %$/);
  });

  test('shows at its line, which moves with the text, in the status bar and in the tree; Stop keeps the best weights', async () => {
    const editor = await show(file);
    const run = await start('long');
    await when(run, ({ state }) => state.epochPoints.length > 0);
    await until(() =>
      /^epoch \d+\/500, loss .+, accuracy .+ %, .+ left$/.test(inlineTexts(editor).get(12) ?? ''),
    );

    await editor.edit((edit) => edit.insert(new vscode.Position(1, 0), '\n\n'));
    await until(() => /^epoch/.test(inlineTexts(editor).get(14) ?? '') && !inlineTexts(editor).has(12));
    await editor.edit((edit) => edit.delete(new vscode.Range(1, 0, 3, 0)));

    const { item } = lab.views.status;
    await until(() => /loading~spin\) long: epoch/.test(item.text));
    await until(() =>
      /^Transfer Lab, long: epoch \d+\/500, loss/.test(item.accessibilityInformation?.label ?? ''),
    );
    await until(() => {
      const { contextValue, description } = lab.views.tree.getTreeItem(run);
      return contextValue === 'run.live' && String(description).startsWith('epoch');
    });
    const stops = await eventually(async () => {
      const found = (await lensesOf(file)).filter(({ title }) => title === 'Stop');
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(stops, [{ line: 12, title: 'Stop' }]);
    // Something else may be told meanwhile: a run before has ended, a file was checked as it was saved.
    const told = async (words: RegExp, ...command: readonly [string, ...unknown[]]): Promise<void> => {
      const texts = (await runAndEscape(...command)).map(({ text }) => text);
      assert.ok(
        texts.some((text) => words.test(text)),
        `${String(words)} was not told, but: ${texts.join(' | ')}`,
      );
    };
    // A run before may still be letting go of its directory.
    await until(() => lab.manager.live.length === 1);
    await told(/^long: epoch/, 'transferLab.say');
    await told(/^long is training already: epoch/, 'transferLab.fineTune', { file, experiment: 'long' });
    assert.deepEqual(lab.manager.live, [run]);
    await told(/^long is still running/, 'transferLab.deleteRun', run);

    const asked = run.state.steps.at(-1)?.step ?? 0;
    await vscode.commands.executeCommand('transferLab.stop', run);
    await when(run, ({ state }) => state.status === 'stopped');
    const stepsPerPoll = 50; // what a fast computer trains before this window reads the journal again
    assert.ok((run.state.steps.at(-1)?.step ?? 0) <= asked + stepsPerPoll);
    assert.ok((await readFile(join(run.directory, RUN_FILES.best, 'model.safetensors'))).length > 0);
    await until(
      () =>
        lab.manager.live.length === 0 &&
        !lab.views.inline.textsOf(editor.document).some(({ text }) => text.startsWith('epoch')),
    );
  });

  test('is one, however often Fine-tune is clicked while its process starts', async () => {
    const before = new Set(lab.manager.runs);
    const click = () => vscode.commands.executeCommand('transferLab.fineTune', { file, experiment: 'long' });
    await Promise.all([click(), click(), click()]);
    const [run, ...others] = lab.manager.runs.filter((one) => !before.has(one));
    assert.ok(run);
    assert.deepEqual(others, []);
    await when(run, ({ state }) => state.steps.length > 0);
    await vscode.commands.executeCommand('transferLab.stop', run);
    await when(run, ({ ended }) => ended);
  });

  test('shows as interrupted when its process was killed, and resumes from its checkpoint', async () => {
    const run = await start('long');
    await when(run, ({ state }) => state.epochPoints.length > 1);
    const control = JSON.parse(await readFile(join(run.directory, RUN_FILES.control), 'utf8')) as ControlFile;
    process.kill(control.pid, 'SIGKILL');
    await when(run, ({ state }) => state.status === 'interrupted');
    const before = run.state.steps.at(-1)?.step ?? 0;

    await vscode.commands.executeCommand('transferLab.resume', run);
    const resumed = await eventually(() => {
      const now = lab.manager.byId(run.run.runId);
      return now === run ? undefined : now;
    });
    await when(resumed, ({ state }) => (state.steps.at(-1)?.step ?? 0) > before + 2);
    const steps = resumed.state.steps.map(({ step }) => step);
    assert.deepEqual(
      steps,
      [...new Set(steps)].sort((a, b) => a - b),
      'each step is there once, in order',
    );
    await vscode.commands.executeCommand('transferLab.stop', resumed);
    await when(resumed, ({ state }) => state.status === 'stopped');
    assert.equal((await readRun(run.directory)).state.status, 'stopped');
  });
});
