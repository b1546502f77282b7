import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hubSettings, hubSnapshot, parseRepository, planDownload } from '.';
import type { LearnerError } from '../../../protocol/errors';
import { Bench, CONFIG, hashOf, LIMITS, problemOf, repository, WEIGHTS } from './testing/bench';
import { sha256 } from './testing/fake-hub';

const bench = new Bench();

describe('names of repositories', () => {
  it('are told from paths', () => {
    expect(parseRepository('timm/resnet18.tv_in1k')).toEqual(repository);
    expect(parseRepository('timm/resnet18.tv_in1k@v1.0')).toEqual({ ...repository, revision: 'v1.0' });
    for (const path of ['embedded', './a/b', '../a/b', '/a/b', 'a/b.safetensors', 'a/b/c', 'a/..', 'a\\b'])
      expect(parseRepository(path), path).toBeUndefined();
  });
});

describe('the cache', () => {
  it("is laid out as Python's, and then serves without any connection", async () => {
    const snapshot = await bench.fetchAll();
    const root = join(bench.folder, 'hub', 'models--timm--resnet18.tv_in1k');
    expect(snapshot).toBe(join(root, 'snapshots', bench.hub.commit));
    expect(await hashOf(snapshot)).toBe(sha256(WEIGHTS));
    expect(await readFile(join(root, 'refs', 'main'), 'utf8')).toBe(bench.hub.commit);
    const pointer = join(snapshot, 'model.safetensors');
    expect((await lstat(pointer)).isSymbolicLink()).toBe(true);
    expect(await readlink(pointer)).toBe(join('..', '..', 'blobs', sha256(WEIGHTS)));
    // git hash-object of the configuration
    expect((await readdir(join(root, 'blobs'))).sort()).toEqual(
      [sha256(WEIGHTS), '45788c980b08891d341232fa38bc22fbc06aeb75'].sort(),
    );
    bench.hub.asked.length = 0;
    const again = await hubSnapshot(repository, { settings: hubSettings(bench.env), allowed: false });
    expect(again.folder).toBe(snapshot);
    const pinned = { ...repository, revision: bench.hub.commit };
    const offline = hubSettings({ ...bench.env, HF_HUB_OFFLINE: '1' });
    expect((await hubSnapshot(pinned, { settings: offline, allowed: false })).folder).toBe(snapshot);
    expect(bench.hub.asked).toEqual([]);
  });

  it('is asked for by HF_HUB_CACHE, HF_HOME, then the home folder', () => {
    const cacheOf = (more: NodeJS.ProcessEnv): string => hubSettings(more).cache;
    expect(cacheOf({ HF_HOME: '/h', HF_HUB_CACHE: '/c' })).toBe('/c');
    expect(cacheOf({ HF_HOME: '/h' })).toBe('/h/hub');
    expect(cacheOf({ XDG_CACHE_HOME: '/x' })).toBe('/x/huggingface/hub');
    expect(cacheOf({})).toMatch(/\.cache\/huggingface\/hub$/);
  });
});

describe('consent', () => {
  it('is asked for with the size, and nothing is downloaded before', async () => {
    const settings = hubSettings(bench.env);
    let problem: LearnerError | undefined;
    await hubSnapshot(repository, { settings, limits: LIMITS, allowed: false }).catch((error: unknown) => {
      problem = error as LearnerError;
    });
    expect(problem?.problem.code).toBe('download-needed');
    expect(problem?.problem.message).toContain('601 kB');
    expect(problem?.problem.download).toEqual({
      repository: 'timm/resnet18.tv_in1k',
      revision: 'main',
      commit: bench.hub.commit,
      files: ['model.safetensors', 'config.json'],
      bytes: WEIGHTS.length + CONFIG.length,
      totalBytes: WEIGHTS.length + CONFIG.length,
      host: new URL(bench.hub.endpoint).host,
      destination: join(bench.folder, 'hub', 'models--timm--resnet18.tv_in1k'),
    });
    expect(bench.hub.asked.map(({ path }) => path.split('?')[0])).toEqual([
      '/api/models/timm/resnet18.tv_in1k/revision/main',
    ]);
  });

  it('of HF_HUB_OFFLINE is no: not one connection is opened', async () => {
    bench.env = { ...bench.env, HF_HUB_OFFLINE: '1' };
    expect((await problemOf(bench.fetchAll())).code).toBe('hub-offline');
    expect(bench.hub.asked).toEqual([]);
  });
});

describe('repositories that cannot be used', () => {
  it('with pickles only say how to convert them', async () => {
    bench.hub.files.delete('model.safetensors');
    bench.hub.files.set('pytorch_model.bin', WEIGHTS);
    const { code, text } = await problemOf(bench.fetchAll());
    expect(code).toBe('weights-pickle');
    expect(text).toContain(
      'save_file(torch.load(hf_hub_download("timm/resnet18.tv_in1k", "pytorch_model.bin")',
    );
  });

  it('with weights in parts, or none, say what they have', async () => {
    bench.hub.files.delete('model.safetensors');
    expect((await problemOf(bench.fetchAll())).text).toContain('config.json, README.md');
    bench.hub.files.set('model.safetensors.index.json', Buffer.from('{}'));
    expect((await problemOf(bench.fetchAll())).code).toBe('weights-in-parts');
  });

  it('with names that leave their folder have those names ignored', async () => {
    bench.hub.files.set('../../evil.json', CONFIG);
    bench.hub.files.set('/etc/evil', CONFIG);
    const plan = await planDownload(repository, {
      settings: hubSettings(bench.env),
      also: ['../../evil.json', '/etc/evil'],
    });
    expect(plan.files.map(({ path }) => path).sort()).toEqual(['config.json', 'model.safetensors']);
  });
});
