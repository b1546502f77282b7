import { afterEach, describe, expect, it } from 'vitest';
import { hubSettings } from '.';
import { Bench, problemOf } from './testing/bench';
import { hideToken } from './token';

const bench = new Bench();

describe('a token', () => {
  it('goes to the endpoint alone, also when the answer says that it comes from a cache', async () => {
    bench.env = { ...bench.env, HF_TOKEN: 'hf_canary' };
    await bench.fetchAll();
    const [hubTokens, storageTokens] = (['hub', 'storage'] as const).map(
      (name) =>
        new Set(
          bench.hub.asked.filter(({ port }) => port === name).map(({ authorization }) => authorization),
        ),
    );
    expect(hubTokens).toEqual(new Set(['Bearer hf_canary']));
    expect(storageTokens).toEqual(new Set([undefined]));
  });

  it('is not sent again after a way over another host, and in no message', async () => {
    bench.env = { ...bench.env, HF_TOKEN: 'hf_canary' };
    bench.hub.onStorage = (request, response, serve) => {
      if (request.url?.includes('back')) return serve();
      response.writeHead(302, { location: `${bench.hub.endpoint}/elsewhere/and/back` }).end();
    };
    const { text } = await problemOf(bench.fetchAll());
    expect(text).not.toContain('hf_canary');
    const back = bench.hub.asked.find(({ path }) => path === '/elsewhere/and/back');
    expect(back).toBeDefined();
    expect(back?.authorization).toBeUndefined();
  });

  it('and everything else never goes to an unprotected address', async () => {
    bench.hub.onResolve = (_, response) =>
      response.writeHead(302, { location: 'http://example.com/x' }).end();
    expect((await problemOf(bench.fetchAll())).code).toBe('hub-redirect');
    expect(
      (await problemOf(Promise.resolve().then(() => hubSettings({ HF_ENDPOINT: 'http://a.b' })))).code,
    ).toBe('hub-endpoint');
  });
});

describe('a token of the environment', () => {
  const before = process.env['HF_TOKEN'];
  afterEach(() => {
    delete process.env['HF_TOKEN'];
    if (before !== undefined) process.env['HF_TOKEN'] = before;
  });

  it('is out of it before a learner’s code runs, and the downloads that follow still have it', () => {
    process.env['HF_TOKEN'] = ' hf_canary ';
    hideToken();
    hideToken();
    expect(process.env['HF_TOKEN']).toBeUndefined();
    expect(hubSettings().token).toBe('hf_canary');
    expect(hubSettings({}).token).toBeUndefined();
  });
});
