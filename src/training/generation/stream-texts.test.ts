import { mkdtempSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine';
import type { Engine } from '../engine/types';
import { mediaFolder } from '../media';
import { problemOf } from '../testing/problem-of';
import { explainStep } from './explain-step';
import reference from './gpt2-narrow.json';
import { loadLanguageModel, type LanguageModel } from './language-model';
import { logProbabilityOf } from './sampler';
import { streamTexts, type StreamOptions, type TextEvent, type TextRequest } from './stream-texts';

let engine: Engine;
let model: LanguageModel;
beforeAll(async () => {
  engine = await createEngine({ threads: 2 });
  model = await loadLanguageModel(engine, 'embedded', '.');
});
afterAll(() => {
  model.dispose();
  engine.dispose();
});

const request = (prompt: string, more: Partial<TextRequest> = {}): TextRequest => ({
  prompt,
  settings: { maxNewTokens: 12, ...more.settings },
  seed: 1,
  continuation: 0,
  ...('stop' in more ? { stop: more.stop ?? [] } : {}),
  ...('continuation' in more ? { continuation: more.continuation ?? 0 } : {}),
});

interface Text {
  text: string;
  tokens: number[];
  end: string | undefined;
}

async function written(
  requests: readonly TextRequest[],
  options: StreamOptions = {},
  watch: (event: TextEvent) => void = () => undefined,
): Promise<Text[]> {
  const texts = requests.map((): Text => ({ text: '', tokens: [], end: undefined }));
  for await (const event of streamTexts(model, requests, options)) {
    const one = texts[event.request];
    if (!one) continue;
    one.text += event.piece;
    one.tokens.push(event.token.id);
    one.end = event.end;
    watch(event);
  }
  return texts;
}

// Expected texts and log-probabilities: transformers in float64, tools/text/gpt2_reference.py.
describe('the embedded GPT-2', () => {
  it('writes the greedy texts of transformers, one after another and all at once', async () => {
    const requests = reference.greedy.map(({ prompt, tokens }) =>
      request(prompt, { settings: { temperature: 0, maxNewTokens: tokens.length } }),
    );
    const together = await written(requests);
    expect(together.map(({ tokens }) => tokens)).toEqual(reference.greedy.map(({ tokens }) => tokens));
    expect(together.map(({ text }) => text)).toEqual(reference.greedy.map(({ text }) => text));
    for (const [index, one] of requests.entries())
      expect((await written([one]))[0]?.tokens).toEqual(reference.greedy[index]?.tokens);
  });

  it('begins a text where the prompt is empty, as after its end-of-text token', async () => {
    const settings = { temperature: 0, maxNewTokens: 10 };
    const [empty, end] = await written(['', '<|endoftext|>'].map((prompt) => request(prompt, { settings })));
    expect(empty).toEqual(end);
  });

  it('finds the tokens of a text as likely as transformers does', async () => {
    const ids = model.tokenizer.encode(reference.text);
    for (const [index, expected] of reference.logProbabilities.entries()) {
      const [logits = []] = await model.next([ids.slice(0, index + 1)]);
      expect(logProbabilityOf(logits, ids[index + 1] ?? 0)).toBeCloseTo(expected, 3);
    }
  });

  it('is named by the hash of its weights, which its card states', async () => {
    const { files } = (await import('../../../media/models/gpt2-narrow/card.json')).default;
    expect(await model.hash()).toBe(files['model.safetensors'].sha256);
  });
});

describe('texts that come as they are made', () => {
  const prompts = ['The', 'In the year of', '', 'Ōsaka 😀'];

  it('are the same alone, in a batch and when they wait for others to end', async () => {
    const requests = [0, 1, 2].flatMap((continuation) =>
      prompts.map((prompt) =>
        request(prompt, { continuation, settings: { maxNewTokens: 5 + 3 * continuation } }),
      ),
    );
    const together = await written(requests, { batchSize: 12 });
    expect(await written(requests, { batchSize: 3 })).toEqual(together);
    expect(await written(requests.slice(5, 6))).toEqual([together[5]]);
    expect(new Set(together.map(({ text }) => text)).size).toBe(12);
  });

  it('come in pieces that joined are the decoded tokens, none with half a character', async () => {
    const pieces: string[] = [];
    const settings = { temperature: 4, maxNewTokens: 60 }; // hot: bytes in any order
    const [text] = await written([request('é', { settings })], {}, ({ piece }) => pieces.push(piece));
    expect(text?.text).toBe(model.tokenizer.decode(text?.tokens ?? []));
    expect(pieces.join('')).toBe(text?.text);
  });

  it('end before a stop string, after the end token, and say why', async () => {
    const [plain] = await written([request('The', { settings: { temperature: 0, maxNewTokens: 20 } })]);
    const stop = plain?.text.slice(8, 11) ?? '';
    const [stopped] = await written([
      request('The', { settings: { temperature: 0, maxNewTokens: 20 }, stop: ['\u0000', stop] }),
    ]);
    expect(stopped).toMatchObject({ text: plain?.text.slice(0, plain.text.indexOf(stop)), end: 'stop' });
    expect(plain?.end).toBe('length');
    const own = [
      {
        name: 'end it',
        process: (logits: Float32Array) =>
          logits.map((_, id) => (id === model.tokenizer.endTokenId ? 0 : -Infinity)),
      },
    ];
    expect(await written([request('The')], { own })).toEqual([
      { text: '', tokens: [model.tokenizer.endTokenId], end: 'token' },
    ]);
  });

  it('stop within a token when they are cancelled', async () => {
    const cancel = new AbortController();
    let seen = 0;
    const [text] = await written(
      [request('The', { settings: { maxNewTokens: 1000 } })],
      { signal: cancel.signal },
      () => {
        if (++seen === 5) setImmediate(() => cancel.abort());
      },
    );
    expect(text?.tokens.length).toBeGreaterThanOrEqual(5);
    expect(text?.tokens.length).toBeLessThanOrEqual(6);
    expect(text?.end).toBeUndefined();
  });

  it('slide when the context of 256 tokens is full, or stop there', async () => {
    const prompt = 'word '.repeat(250);
    const length = model.tokenizer.encode(prompt).length;
    const settings = { maxNewTokens: 30, temperature: 0 };
    expect(length).toBeLessThanOrEqual(256);
    const [slid] = await written([request(prompt, { settings })]);
    expect(slid?.tokens).toHaveLength(30);
    const [ended] = await written([request(prompt, { settings })], { whenFull: 'stop' });
    // The last token that the model can read is the 256th; what follows it is the last that it can say.
    expect(ended).toMatchObject({ end: 'context', tokens: slid?.tokens.slice(0, 257 - length) });
    const longer = request('word '.repeat(300));
    await expect(written([longer], { whenFull: 'stop' })).rejects.toThrow('this model reads at most 256');
    expect((await written([longer]))[0]?.end).toBe('length');
  });

  it('let a token be explained as it comes', async () => {
    const chosen: number[] = [];
    await written([request('The', { settings: { topK: 5, maxNewTokens: 3 } })], {}, ({ token }) => {
      const { sampler, logits, context, id } = token;
      const { chosen: about, kept } = explainStep(sampler, logits, context, id);
      expect(kept).toBe(5);
      chosen.push(about?.rankAfter ?? 0);
    });
    for (const rank of chosen) expect(rank).toBeLessThanOrEqual(5);
    expect(chosen).toHaveLength(3);
  });

  it('refuse settings that cannot be before anything is made', async () => {
    await expect(written([request('The', { settings: { topP: 2 } })])).rejects.toThrow('topP is 2');
  });
});

describe('a language model in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'transfer-lab-language-model-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is loaded from it, or from the file in it', async () => {
    for (const name of ['model.safetensors', 'config.json', 'tokenizer.json'])
      cpSync(join(mediaFolder('models', 'gpt2-narrow'), name), join(folder, name));
    for (const path of [folder, join(folder, 'model.safetensors')]) {
      const loaded = await loadLanguageModel(engine, path, '.');
      const text = model.tokenizer.encode('The President');
      const [ours = [], theirs = []] = [(await loaded.next([text]))[0], (await model.next([text]))[0]];
      for (let id = 0; id < ours.length; id++) expect(ours[id]).toBeCloseTo(theirs[id] ?? NaN, 4);
      loaded.dispose();
    }
  });

  it('says what is missing, or of another kind', async () => {
    expect(await problemOf(loadLanguageModel(engine, './nowhere', folder))).toBe('weights-missing');
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ model_type: 'bert', vocab_size: 4096 }));
    expect(await problemOf(loadLanguageModel(engine, folder, '.'))).toBe('gpt2-config');
  });
});
