import { createEngine } from '../src/training/engine/engine';
import { CachedModel } from '../src/training/generation/cached-model';
import { generateAll } from '../src/training/generation/generate';
import { loadLanguageModel } from '../src/training/generation/language-model';
import type { NextLogits } from '../src/training/generation/next-logits';
import { createGpt2, GPT2S } from '../src/training/models/gpt2';
import { peakMemory } from '../src/training/peak-memory';
import { startPeer, type PeerTiming } from './peer';
import { medians, round, stopwatch, type Options, type Piece, type Result, type Timing } from './piece';

const NEW_TOKENS = 200;
const PROMPT_TOKENS = 8;

interface Work {
  readonly name: string;
  readonly summary: string;
  /** A network of the published size with random weights; left out, the embedded one. */
  readonly architecture?: 'gpt2';
  readonly continuations: number;
  readonly newTokens: number;
  /** At least this many times the peer's tokens per second. */
  readonly target: number;
}

interface Ready {
  readonly next: NextLogits;
  readonly config: Readonly<Record<string, unknown>>;
  readonly dispose: () => void;
}

async function prepare({ architecture }: Work, threads: number): Promise<Ready> {
  const engine = await createEngine({ threads });
  const dispose = (): void => engine.dispose();
  if (architecture === undefined) {
    const { next, network } = await loadLanguageModel(engine, 'embedded', '.');
    return { next, config: network.config, dispose };
  }

  const network = createGpt2(architecture, GPT2S[architecture], 1);
  return { next: new CachedModel(engine, network).next, config: network.config, dispose };
}

/** transformers' `generate` with its cache, eager PyTorch, a network of the same size. */
function peerProgram(config: Ready['config'], { continuations, newTokens }: Work, threads: number): string {
  const keys = {
    vocabSize: 'vocab_size',
    maxPositions: 'n_positions',
    hiddenSize: 'n_embd',
    numLayers: 'n_layer',
    numHeads: 'n_head',
  };
  const sizes = Object.entries(keys).map(([ours, theirs]) => `${theirs}=${String(config[ours])}`);
  return `
import json, sys, time, torch, transformers
torch.set_num_threads(${threads})
torch.manual_seed(1)
model = transformers.GPT2LMHeadModel(transformers.GPT2Config(${sizes.join(', ')}, bos_token_id=0, eos_token_id=None)).eval()
prompt = torch.arange(1, ${PROMPT_TOKENS + 1})[None]
settings = dict(do_sample=True, top_k=0, temperature=0.8, top_p=0.95, num_return_sequences=${continuations}, max_new_tokens=${newTokens},
    use_cache=True, pad_token_id=0, attention_mask=torch.ones_like(prompt))
for line in sys.stdin:
    n = int(line); cpu, wall = time.process_time(), time.perf_counter()
    with torch.no_grad():
        for _ in range(n): model.generate(prompt, **settings)
    print(json.dumps({'wallMs': (time.perf_counter() - wall) * 1e3 / n, 'cpuMs': (time.process_time() - cpu) * 1e3 / n, 'peakMB': 0}), flush=True)
`;
}

async function measure(work: Work, { threads, rounds }: Options): Promise<Result> {
  const { next, config, dispose } = await prepare(work, threads);
  const settings = { temperature: 0.8, topP: 0.95, maxNewTokens: work.newTokens };
  const prompt = Array.from({ length: PROMPT_TOKENS }, (_, index) => index + 1);
  const run = async (): Promise<void> => {
    const texts = Array.from({ length: work.continuations }, (_, continuation) => ({
      prompt,
      settings,
      seed: 1,
      continuation,
    }));
    await generateAll(next, texts, { batchSize: work.continuations });
  };
  const python = process.env['PEER_PYTHON'];
  const peer = python === undefined ? undefined : startPeer(python, peerProgram(config, work, threads));
  await run();
  await peer?.time(1);
  const ours: Timing[] = [];
  const theirs: PeerTiming[] = [];
  for (let round_ = 0; round_ < rounds; round_++) {
    const since = stopwatch();
    await run();
    ours.push(since());
    if (peer) theirs.push(await peer.time(1));
  }
  peer?.close();
  dispose();
  const tokens = work.newTokens * work.continuations;
  const speed = (timings: readonly Timing[]): number => round((1000 * tokens) / medians(timings).wallMs, 1);
  return {
    threads,
    continuations: work.continuations,
    newTokens: work.newTokens,
    tokensPerSecond: speed(ours),
    transferLab: medians(ours),
    ...(peer
      ? {
          peerTokensPerSecond: speed(theirs),
          transformers: medians(theirs),
          times: round(medians(theirs).wallMs / medians(ours).wallMs),
          cpuTimes: round(medians(theirs).cpuMs / medians(ours).cpuMs),
          target: work.target,
        }
      : { transformers: 'set PEER_PYTHON to a Python with transformers to compare' }),
    peakMB: Math.round(peakMemory() / 2 ** 20),
  };
}

const works: readonly Work[] = [
  {
    name: 'generate',
    summary: 'the embedded GPT-2, 1 prompt, 200 tokens, with the cache',
    continuations: 1,
    newTokens: NEW_TOKENS,
    target: 3,
  },
  {
    name: 'generate-16',
    summary: 'the embedded GPT-2, 16 continuations of 200 tokens',
    continuations: 16,
    newTokens: NEW_TOKENS,
    target: 1.8,
  },
  {
    name: 'generate-gpt2',
    summary: 'GPT-2 of the published size, 1 prompt, 200 tokens',
    architecture: 'gpt2',
    continuations: 1,
    newTokens: NEW_TOKENS,
    target: 2,
  },
  {
    name: 'generate-gpt2-16',
    summary: 'GPT-2 of the published size, 16 continuations of 60 tokens',
    architecture: 'gpt2',
    continuations: 16,
    newTokens: 60,
    target: 1.8,
  },
];

export const generatePieces: readonly Piece[] = works.map((work) => ({
  name: work.name,
  summary: work.summary,
  measure: (options) => measure(work, options),
}));
