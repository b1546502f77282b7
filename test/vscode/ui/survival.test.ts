import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_FILES, type ControlFile } from '../../../src/protocol/run-files';
import { listRuns, type RunSnapshot } from '../../../src/training/runs';
import { fillLearnerFolder } from '../learner-folder';
import { uiSettings } from './context';
import { WindowSuite } from './window-suite';

suite('a run and the windows that show it', () => {
  const ui = new WindowSuite({
    theme: 'Default Light Modern',
    fill: (folder) => fillLearnerFolder(uiSettings().root, folder),
  });
  const only = async (): Promise<RunSnapshot> => {
    const runs = await listRuns(ui.session.folder);
    assert.equal(runs.length, 1, 'one run, whatever the windows did');
    return runs[0] as RunSnapshot;
  };
  const process_ = async (): Promise<number> => {
    const { directory } = await only();
    const control = JSON.parse(await readFile(join(directory, RUN_FILES.control), 'utf8')) as ControlFile;
    return control.pid;
  };
  let pid: number;

  test('one window starts it, another one shows it, too', async () => {
    const first = ui.window;
    await first.openFile('experiment.ts');
    await first.clickLens('Fine-tune', 'export const long');
    await first.waitForInlineText(/epoch \d+\/500/);
    pid = await process_();
    const second = await ui.session.window();
    await second.openFile('experiment.ts');
    await second.waitForInlineText(/epoch \d+\/500/);
    await second.statusItem('long: epoch').waitFor();
    await second.page.close();
  });

  test('reloading the window does not stop it; the window shows it again', async () => {
    const first = ui.window;
    await first.reload();
    await first.waitForInlineText(/epoch \d+\/500/);
    await first.lens('Stop').waitFor();
    assert.equal(await process_(), pid);
  });

  test('it outlives the extension host, and the next window takes it up with every step', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = (await only()).state.steps.length;
    for (const host of await ui.session.server.extensionHosts()) process.kill(host, 'SIGKILL');
    await ui.window.page.close();
    const next = await ui.session.window();
    await next.openFile('experiment.ts');
    await next.waitForInlineText(/epoch \d+\/500/);
    await next.showContainer('Transfer Lab');
    await next.row(/Runs/, 'long').first().waitFor();
    await next.screenshot(join(uiSettings().screenshots, 'run-taken-up.png'));
    assert.equal(await process_(), pid);
    const steps = (await only()).state.steps.map(({ step }) => step);
    assert.ok(steps.length > before);
    assert.deepEqual(
      steps,
      steps.map((_step, index) => index + 1),
      'no step is missing or there twice',
    );
    await next.runCommand('Transfer Lab: Stop run');
    await next.waitForInlineText(/stopped, best accuracy/);
    await next.screenshot(join(uiSettings().screenshots, 'run-stopped.png'));
  });
});
