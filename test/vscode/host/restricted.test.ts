import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { fakeHub } from '../../../src/training/weights/hub/testing/fake-hub';
import { api, runAndEscape, workspaceFolder } from './help';
import { Dialogs } from './questions';

suite('a folder that is not trusted', () => {
  test('is in Restricted Mode here', () => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  for (const command of ['fineTune', 'compare', 'resume', 'report', 'doctor']) {
    test(`${command} runs nothing and says why`, async () => {
      const file = join(workspaceFolder(), 'experiment.ts');
      const told = await runAndEscape(`transferLab.${command}`, { file, experiment: 'headOnly' });
      assert.match(told.map(({ text }) => text).join(), /Restricted Mode/);
      assert.equal(existsSync(join(workspaceFolder(), '.transfer-lab', 'runs')), false);
    });
  }

  test('nothing is asked about a download, and no connection is opened', async () => {
    const dialogs = new Dialogs();
    const hub = await fakeHub({ 'model.safetensors': Buffer.from('weights') });
    const before = process.env['HF_ENDPOINT'];
    process.env['HF_ENDPOINT'] = hub.endpoint;
    dialogs.install();
    try {
      const file = join(workspaceFolder(), 'experiment.ts');
      for (const command of ['fineTune', 'compare', 'findLearningRate', 'showFreezeMap', 'check'])
        await runAndEscape(`transferLab.${command}`, { file, experiment: 'headOnly' });
      assert.deepEqual(dialogs.asked, []);
      assert.deepEqual(hub.asked, []);
    } finally {
      dialogs.restore();
      if (before === undefined) delete process.env['HF_ENDPOINT'];
      else process.env['HF_ENDPOINT'] = before;
      await hub.close();
    }
  });

  test('nothing is started below the commands either', async () => {
    const { manager } = await api();
    const file = join(workspaceFolder(), 'experiment.ts');
    await assert.rejects(manager.start(file, 'headOnly'), /Restricted Mode/);
    await assert.rejects(manager.compare(file, 'headOnly'), /Restricted Mode/);
  });

  test('runs that lie in it are not read, and nothing is written into it', async () => {
    const { manager } = await api();
    await manager.discover();
    assert.deepEqual(manager.runs, []);
    assert.deepEqual(await readdir(join(workspaceFolder(), '.transfer-lab')), ['types']);
  });
});
