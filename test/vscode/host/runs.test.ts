import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { RUN_FILES, type ControlFile } from '../../../src/protocol/run-files';
import { listRuns, type RunSnapshot } from '../../../src/training/runs';

/** Waits for what another process does; the suite's own limit ends it. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(100);
  }
}

suite('a run started from the editor', () => {
  let folder: string;
  let file: string;

  suiteSetup(() => {
    const opened = vscode.workspace.workspaceFolders?.[0];
    assert.ok(opened);
    folder = opened.uri.fsPath;
    file = join(folder, 'experiment.ts');
  });

  async function start(experiment: string): Promise<string> {
    const before = new Set((await listRuns(folder)).map(({ directory }) => directory));
    await vscode.commands.executeCommand('transferLab.fineTune', { file, experiment });
    const run = await eventually(async () =>
      (await listRuns(folder)).find(({ directory }) => !before.has(directory)),
    );
    return run.directory;
  }

  const when = (directory: string, wanted: (run: RunSnapshot) => boolean): Promise<RunSnapshot> =>
    eventually(async () => {
      const run = (await listRuns(folder)).find((one) => one.directory === directory);
      assert.ok(run, `${directory} is gone`);
      assert.notEqual(run.state.status, 'failed', JSON.stringify(run.state.problem));
      return wanted(run) ? run : undefined;
    });

  test('trains to its end and leaves its best weights', async () => {
    const directory = await start('headOnly');
    const { state } = await when(directory, (run) => run.state.status === 'finished');
    assert.equal(state.epochPoints.length, 3);
    assert.ok(state.final);
    assert.ok((await readFile(join(directory, RUN_FILES.best, 'model.safetensors'))).length > 0);
  });

  test('stops when asked', async () => {
    const directory = await start('long');
    const { run } = await when(directory, ({ state }) => state.steps.length > 0);
    await vscode.commands.executeCommand('transferLab.stop', { directory, run, state: {} });
    await when(directory, ({ state }) => state.status === 'stopped');
  });

  test('shows as interrupted when its process was killed, and resumes from its checkpoint', async () => {
    const directory = await start('long');
    await when(directory, ({ state }) => state.epochPoints.length > 1);
    const control = JSON.parse(await readFile(join(directory, RUN_FILES.control), 'utf8')) as ControlFile;
    process.kill(control.pid, 'SIGKILL');
    const { run, state } = await when(directory, (one) => one.state.status === 'interrupted');
    const before = state.steps.at(-1)?.step ?? 0;

    await vscode.commands.executeCommand('transferLab.resume', { directory, run, state });
    const resumed = await when(directory, (one) => (one.state.steps.at(-1)?.step ?? 0) > before + 2);
    const steps = resumed.state.steps.map(({ step }) => step);
    assert.deepEqual(
      steps,
      [...new Set(steps)].sort((a, b) => a - b),
      'each step is there once, in order',
    );
    await vscode.commands.executeCommand('transferLab.stop', { directory, run, state: {} });
    await when(directory, (one) => one.state.status === 'stopped');
  });
});
