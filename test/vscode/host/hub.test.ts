import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import exercise from '../../../exercises/01-fine-tune-an-image-classifier/exercise.json';
import type { Told } from '../../../src/editor/guard';
import type { ManagedRun } from '../../../src/editor/runs/run-manager';
import type { Api } from '../../../src/extension';
import { fakeHub, type FakeHub } from '../../../src/training/weights/hub/testing/fake-hub';
import { api, eventually, extension, ownFolder, show, until, workspaceFolder } from './help';
import { Dialogs } from './questions';

const TOKEN = 'hf_canaryOfTheHostTest';
const NAMES = ['HF_HOME', 'HF_ENDPOINT', 'HF_HUB_OFFLINE', 'HF_TOKEN'] as const;

/** Weights of a repository, as somebody meets them who works in the editor. The Hub is a fake one on this computer. */
suite('weights of the Hugging Face Hub', () => {
  const dialogs = new Dialogs();
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  const told: Told[] = [];
  let lab: Api;
  let hub: FakeHub;
  let folder: string;
  let file: string;
  let weights: Buffer;

  suiteSetup(async () => {
    lab = await api();
    lab.onDidTell((one) => told.push(one));
    folder = await ownFolder('hub');
    file = join(folder, 'experiment.ts');
    const network = join(extension().extensionPath, 'media/models/resnet10-narrow');
    weights = await readFile(join(network, 'model.safetensors'));
    hub = await fakeHub({
      'model.safetensors': weights,
      'config.json': await readFile(join(network, 'config.json')),
    });
    for (const name of NAMES) delete process.env[name];
    process.env['HF_ENDPOINT'] = hub.endpoint;
    useCache('first');
    dialogs.install();
    await writeFile(
      file,
      `import { experiment, imageFolder, resnet10, strategies } from 'transfer-lab';

export const headOnly = experiment({
  data: imageFolder('${join(workspaceFolder(), 'data/emoji-10').replaceAll('\\', '/')}', { imageSize: 64, seed: 1 }),
  model: resnet10({ weights: 'tiny/resnet10' }),
  strategy: strategies.featureExtraction(),
  epochs: 1,
  batchSize: 16,
  seed: 1,
});
`,
    );
    await show(file);
  });
  suiteTeardown(async () => {
    dialogs.restore();
    await hub.close();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  setup(() => {
    dialogs.asked.length = dialogs.offered.length = told.length = hub.asked.length = 0;
    dialogs.answer = 'Download';
    delete hub.onInfo;
    delete hub.onStorage;
  });

  /** An empty cache, or one that is known by that name. */
  function useCache(name: string): void {
    process.env['HF_HOME'] = join(folder, 'cache', name);
  }
  const blobFolder = (name: string): string =>
    join(folder, 'cache', name, 'hub', 'models--tiny--resnet10', 'blobs');
  const blobs = async (name: string): Promise<string[]> =>
    existsSync(blobFolder(name)) ? readdir(blobFolder(name)) : [];
  const filesAsked = (): string[] =>
    hub.asked.filter(({ path }) => !path.startsWith('/api/')).map(({ path }) => path);

  /** Starts a command on the experiment. @returns its runs, newest first */
  async function begin(command: string): Promise<string[]> {
    const known = new Set(lab.manager.runs.map(({ run }) => run.runId));
    await vscode.commands.executeCommand(`transferLab.${command}`, { file, experiment: 'headOnly' });
    return lab.manager.runs.map(({ run }) => run.runId).filter((id) => !known.has(id));
  }
  const now = (id: string): ManagedRun => {
    const run = lab.manager.byId(id);
    assert.ok(run);
    return run;
  };
  async function becomes(id: string, status: ManagedRun['state']['status']): Promise<ManagedRun> {
    await until(() => {
      const { state } = now(id);
      const isOther = state.status === 'failed' && state.problem?.code !== 'download-needed';
      assert.ok(status === 'failed' || !isOther, JSON.stringify(state.problem));
      return (
        state.status === status && (now(id).ended || !['finished', 'failed', 'stopped'].includes(status))
      );
    });
    return now(id);
  }
  /** Sends half, and the rest when the test says so. */
  function holdHalf(): { readonly goOn: () => void } {
    let goOn = (): void => undefined;
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    hub.onStorage = (_, response) => {
      const half = Math.floor(weights.length / 2);
      response.writeHead(200, { 'content-length': weights.length, etag: hub.etag });
      response.write(weights.subarray(0, half));
      void mayGoOn.then(() => response.end(weights.subarray(half)));
    };
    return { goOn };
  }

  test('are asked for, and after a no the run says that nothing was downloaded', async () => {
    dialogs.answer = undefined;
    const [id = ''] = await begin('fineTune');
    const run = await becomes(id, 'failed');
    await until(() => told.some(({ text }) => text.startsWith('Nothing was downloaded: tiny/resnet10')));
    assert.match(run.state.problem?.message ?? '', /nothing was downloaded: 3\.3 MB would go into /);
    assert.equal(dialogs.asked.length, 1);
    const [question] = dialogs.asked;
    assert.equal(question?.message, 'Download the weights of tiny/resnet10 (3.3 MB)?');
    assert.ok(
      question.detail.includes(`From: ${new URL(hub.endpoint).host}, revision main (commit c0ffee0)`),
    );
    assert.ok(
      question.detail.includes(`Into: ${join(folder, 'cache', 'first', 'hub', 'models--tiny--resnet10')}`),
    );
    assert.deepEqual(question.choices, ['Download']);
    assert.deepEqual(filesAsked(), []);
    assert.deepEqual(
      told.filter(({ kind }) => kind !== 'note'),
      [],
    );
  });

  test('come after a yes, in the same run, with megabytes at its line and in the status bar; then it trains to its end', async () => {
    const { goOn } = holdHalf();
    const [id = '', ...others] = await begin('fineTune');
    assert.deepEqual(others, []);
    const progress = /^preparing: downloading the weights, \d\.\d of 3\.3 MB/;
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.fsPath === file);
    assert.ok(editor);
    await until(() => lab.views.inline.textsOf(editor.document).some(({ text }) => progress.test(text)));
    await until(() => lab.views.status.item.text.includes('headOnly: preparing: downloading the weights, '));
    goOn();
    const run = await becomes(id, 'finished');
    assert.equal(dialogs.asked.length, 1);
    assert.equal(run.state.problem, undefined);
    assert.match(run.state.model?.weights ?? '', /^tiny\/resnet10@c0ffee0/);
    assert.deepEqual(
      told.filter(({ kind }) => kind !== 'note'),
      [],
    );
  });

  test('that are here are used without a question and without a connection, also offline', async () => {
    const [online = ''] = await begin('fineTune');
    await becomes(online, 'finished');
    process.env['HF_HUB_OFFLINE'] = '1';
    try {
      const [offline = ''] = await begin('fineTune');
      await becomes(offline, 'finished');
      useCache('never filled');
      const [without = ''] = await begin('fineTune');
      const failed = await becomes(without, 'failed');
      assert.equal(failed.state.problem?.code, 'hub-offline');
    } finally {
      delete process.env['HF_HUB_OFFLINE'];
    }
    assert.deepEqual(dialogs.asked, []);
    assert.deepEqual(hub.asked, []);
  });

  test('are left half-way by Stop, which keeps what has come; Resume asks for the rest alone', async () => {
    useCache('stopped');
    holdHalf();
    const [id = ''] = await begin('fineTune');
    await eventually(async () => {
      const part = (await blobs('stopped')).find((name) => name.endsWith('.incomplete'));
      if (part === undefined) return undefined;
      const { size } = await stat(join(blobFolder('stopped'), part));
      return size === Math.floor(weights.length / 2) ? true : undefined;
    });
    await vscode.commands.executeCommand('transferLab.stop', now(id));
    await becomes(id, 'stopped');
    assert.ok((await blobs('stopped')).some((name) => name.endsWith('.incomplete')));
    assert.deepEqual(
      (await blobs('stopped')).filter((name) => name.endsWith('.lock')),
      [],
    );

    delete hub.onStorage;
    hub.asked.length = 0;
    await vscode.commands.executeCommand('transferLab.resume', now(id));
    await becomes(id, 'finished');
    assert.equal(
      dialogs.asked.at(-1)?.message,
      'Download the weights of tiny/resnet10 (1.6 MB, the rest of 3.3 MB)?',
    );
    assert.match(hub.asked.find(({ port }) => port === 'storage')?.range ?? '', /^bytes=[1-9]\d+-$/);
  });

  test('are asked for once for all strategies of a comparison', async () => {
    useCache('compared');
    const ids = await begin('compare');
    assert.ok(ids.length > 2);
    for (const id of ids) await becomes(id, 'finished');
    assert.equal(dialogs.asked.length, 1);
    assert.equal(hub.asked.filter(({ port }) => port === 'storage').length, 1);
  });

  test('are asked for before learning rates are tested, too', async () => {
    useCache('rates');
    await begin('findLearningRate');
    await until(() => dialogs.asked.length === 1);
    await until(() => (lab.rates.test?.points.length ?? 0) > 0);
    assert.equal(dialogs.asked.length, 1);
    // What follows would otherwise share the processor with it.
    await eventually(async () => {
      const tab = vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label }) => label === 'Learning rate');
      return tab && (await vscode.window.tabGroups.close(tab)) ? true : undefined;
    });
    await until(() => ['stopped', 'finished'].includes(lab.rates.test?.run.status ?? ''));
  });

  test('are asked for before a check that needs them; after a no nothing is called wrong', async () => {
    useCache('checked');
    const home = join(extension().extensionPath, 'exercises', exercise.id);
    // Where an earlier suite may have begun it: of each exercise a workspace knows one folder.
    const own = join(workspaceFolder(), exercise.folder);
    if (!existsSync(own)) await vscode.commands.executeCommand('transferLab.startExercise', { exercise });
    await cp(join(home, 'solution'), own, { recursive: true });
    const code = join(own, exercise.entry);
    const solved = await readFile(code, 'utf8');
    await writeFile(code, solved.replaceAll("weights: 'embedded'", "weights: 'tiny/resnet10'"));
    dialogs.answer = undefined;
    await vscode.commands.executeCommand('transferLab.check', { folder: own });
    assert.equal(dialogs.asked.length, 1, JSON.stringify(told));
    assert.deepEqual(
      told.map(({ text }) => text),
      ['Nothing was downloaded: tiny/resnet10 is not on this computer.'],
    );
    assert.deepEqual(filesAsked(), []);
    const progress = await readFile(join(own, '.transfer-lab', 'progress.json'), 'utf8');
    assert.equal(progress.includes('download-needed'), false);
    await cp(join(home, 'starter', exercise.entry), code);
  });

  test('of a repository that needs a token: a button for it, and the token reaches the Hub but no file', async () => {
    useCache('gated');
    hub.onInfo = (request, response, serve) =>
      request.headers.authorization === `Bearer ${TOKEN}` ? serve() : void response.writeHead(401).end();
    const [without = ''] = await begin('fineTune');
    const refused = await becomes(without, 'failed');
    assert.equal(refused.state.problem?.code, 'hub-unauthorized');
    await until(() => dialogs.offered.length > 0);
    assert.equal(dialogs.offered[0]?.[0], 'Set token…');

    dialogs.typed = TOKEN;
    await vscode.commands.executeCommand('transferLab.setToken');
    assert.match(told.at(-1)?.text ?? '', /^The token is stored\./);
    const [id = ''] = await begin('fineTune');
    const run = await becomes(id, 'finished');
    assert.equal(process.env['HF_TOKEN'], undefined);
    const storage = hub.asked.filter(({ port }) => port === 'storage');
    assert.deepEqual(
      storage.map(({ authorization }) => authorization),
      [undefined],
    );
    for (const name of await readdir(run.directory, { recursive: true })) {
      const content = await readFile(join(run.directory, name)).catch(() => undefined); // A folder has none.
      assert.equal(content?.includes(TOKEN) ?? false, false, name);
    }

    await vscode.commands.executeCommand('transferLab.removeToken');
    assert.equal(told.at(-1)?.text, 'The token is removed.');
    useCache('gated again');
    const [after = ''] = await begin('fineTune');
    assert.equal((await becomes(after, 'failed')).state.problem?.code, 'hub-unauthorized');
  });

  test('are not fetched by opening, editing and saving', async () => {
    const editor = await show(file);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// more\n'));
    await editor.document.save();
    useCache('plan');
    await begin('showFreezeMap');
    assert.deepEqual(hub.asked, []);
    assert.deepEqual(dialogs.asked, []);
    await eventually(() => (editor.document.isDirty ? undefined : true));
  });
});
