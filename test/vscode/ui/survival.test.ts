import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_FILES, type ControlFile } from '../../../src/protocol/run-files';
import { listRuns, type RunSnapshot } from '../../../src/training/runs';
import { fillLearnerFolder } from '../learner-folder';
import { UiSession, uiSettings } from './context';
import type { Workbench } from './workbench';

suite('a run and the windows that show it', () => {
  let session: UiSession;
  let first: Workbench;

  suiteSetup(async () => {
    session = await UiSession.start('Default Light Modern', (folder) =>
      fillLearnerFolder(uiSettings().root, folder),
    );
    first = await windowOf();
  });
  teardown(async function () {
    await session.keepEvidence(this.currentTest);
  });
  suiteTeardown(async () => session.end());

  /** Preparing a run can take minutes on a busy computer: mocha's limit alone ends the waiting. */
  const windowOf = async (): Promise<Workbench> => {
    const window = await session.window();
    window.page.setDefaultTimeout(170_000);
    return window;
  };
  const only = async (): Promise<RunSnapshot> => {
    const runs = await listRuns(session.folder);
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
    await first.openFile('experiment.ts');
    await first.lens('Fine-tune').nth(1).click();
    await first.waitForInlineText(/epoch \d+\/500/);
    pid = await process_();
    const second = await windowOf();
    await second.openFile('experiment.ts');
    await second.waitForInlineText(/epoch \d+\/500/);
    await second.page.locator('.statusbar-item', { hasText: 'long: epoch' }).waitFor();
    await second.page.close();
  });

  test('reloading the window does not stop it; the window shows it again', async () => {
    await first.page.reload();
    await first.ready();
    await first.waitForInlineText(/epoch \d+\/500/);
    await first.lens('Stop').waitFor();
    assert.equal(await process_(), pid);
  });

  test('it outlives the extension host, and the next window takes it up with every step', async function () {
    if (process.platform !== 'linux') this.skip();
    const before = (await only()).state.steps.length;
    for (const host of await session.server.extensionHosts()) process.kill(host, 'SIGKILL');
    await first.page.close();
    const next = await windowOf();
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
