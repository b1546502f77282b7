"""Pretrain gpt2-narrow on the corpus that corpus.py built.

    python tools/text/pretrain.py --smoke --out out/smoke             # does everything work? one minute
    python tools/text/pretrain.py --steps 4000 --out out/gpt2
    python tools/text/pretrain.py --steps 4000 --out out/gpt2 --from media/models/gpt2-narrow/model.safetensors

Seeded. Stopped and started again it goes on from its checkpoint, also with another --steps, --batch, --length or
--threads: the learning rate warms up, stays, and falls to zero over the last --decay steps, so that a run can be
lengthened or shortened while it runs. A GPU is used where there is one.
"""

import argparse
import csv
import math
import os
import signal
import time
from pathlib import Path

import numpy as np
import torch

from bert import dequantised
from gpt2 import GPT2, Config
from muon import Muon
from sources import CACHE

MATRIX_RATE, OTHER_RATE, WARM_UP = 0.02, 3e-3, 40


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--steps', type=int, default=4000)
    parser.add_argument('--decay', type=int, default=1400, help='steps over which the rate falls to zero')
    parser.add_argument('--batch', type=int, default=16, help='windows a step')
    parser.add_argument('--length', type=int, default=128, help='tokens a window')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--evaluate', type=int, default=200, help='steps between evaluations')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--from', dest='start', type=Path, help='weights to start from')
    parser.add_argument('--smoke', action='store_true', help='20 steps of small windows')
    options = parser.parse_args()
    if options.smoke:
        options.steps, options.decay, options.batch, options.length, options.evaluate = 20, 10, 4, 64, 10
    return options


class Windows:
    """Each pass cuts the stream at another offset and takes all windows once, in random order.

    Which windows step n sees depends on the seed and on `tokens_seen` alone, so that a resumed run goes on where it was.
    """

    def __init__(self, tokens: np.ndarray, seed: int):
        self.tokens, self.seed, self.plan = tokens, seed, None

    def take(self, tokens_seen: int, batch: int, length: int) -> torch.Tensor:
        per_pass = (len(self.tokens) - length - 1) // length
        index, rows = tokens_seen // length, []
        for i in range(index, index + batch):
            key = (i // per_pass, length)
            if self.plan is None or self.plan[0] != key:
                random = np.random.default_rng([self.seed, *key])
                self.plan = (key, int(random.integers(length)), random.permutation(per_pass - 1))
            _, offset, order = self.plan
            at = offset + length * int(order[i % per_pass % (per_pass - 1)])
            rows.append(self.tokens[at : at + length + 1])
        return torch.from_numpy(np.stack(rows).astype(np.int64))


@torch.no_grad()
def bits_per_byte(model: GPT2, tokens: np.ndarray, byte_count: int, device: str, windows: int | None = None) -> float:
    """Held-out cross entropy in windows of the whole context, none overlapping, as bits for each byte of text.

    The first token of a window is given, so the count of bytes is that of all other tokens on average. `windows`
    takes that many, evenly spaced.
    """
    length = model.config.n_positions
    starts = np.arange(0, len(tokens) - length - 1, length)
    if windows is not None and windows < len(starts):
        starts = starts[np.linspace(0, len(starts) - 1, windows).round().astype(int)]
    losses = []
    for at in range(0, len(starts), 8):
        rows = np.stack([tokens[start : start + length + 1] for start in starts[at : at + 8]])
        batch = torch.from_numpy(rows.astype(np.int64)).to(device)
        losses.append((model.loss(batch).item(), len(rows)))
    nats = sum(loss * count for loss, count in losses) / sum(count for _, count in losses)
    return nats / math.log(2) / (byte_count / len(tokens))


def rate_factor(step: int, options: argparse.Namespace) -> float:
    return min(1.0, (step + 1) / WARM_UP, (options.steps - step) / options.decay)


def main() -> None:
    options = parse()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    arrays = np.load(CACHE / 'corpus' / 'tokens.npz')
    windows = Windows(arrays['train'], options.seed)

    model = GPT2(Config())
    if options.start:
        model.load_state_dict(dequantised(options.start), strict=True)
    model.to(device)
    named = dict(model.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and '.h.' in name]
    others = [p for name, p in named.items() if not (p.ndim == 2 and '.h.' in name)]
    optimizers = [Muon(matrices, MATRIX_RATE), torch.optim.AdamW(others, OTHER_RATE, betas=(0.9, 0.95), weight_decay=0)]
    rates = [MATRIX_RATE, OTHER_RATE]

    step, tokens_seen, seconds, rows = 0, 0, 0.0, []
    checkpoint = options.out / 'checkpoint.pt'
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved['model'])
        for optimizer, state in zip(optimizers, saved['optimizers']):
            optimizer.load_state_dict(state)
        step, tokens_seen, seconds, rows = (saved[key] for key in ('step', 'tokens', 'seconds', 'curve'))
        print(f'goes on at step {step}', flush=True)

    def save() -> None:
        state = {
            'model': model.state_dict(), 'optimizers': [optimizer.state_dict() for optimizer in optimizers],
            'step': step, 'tokens': tokens_seen, 'seconds': seconds, 'curve': rows,
        }
        partial = checkpoint.with_suffix('.partial')
        torch.save(state, partial)
        os.replace(partial, checkpoint)
        if step == options.steps - options.decay:
            torch.save(state, options.out / 'before-decay.pt')
        with (options.out / 'curve.csv').open('w', newline='') as file:
            writer = csv.writer(file, lineterminator='\n')
            writer.writerow(['step', 'tokens', 'seconds', 'trainLoss', 'heldOutBitsPerByte'])
            writer.writerows(rows)

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    started, losses = time.monotonic() - seconds, []
    while step < options.steps and not stopped:
        factor = rate_factor(step, options)
        batch = windows.take(tokens_seen, options.batch, options.length).to(device)
        loss = model.loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer, rate in zip(optimizers, rates):
            for group in optimizer.param_groups:
                group['lr'] = rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step += 1
        tokens_seen += options.batch * options.length
        losses.append(loss.item())
        seconds = time.monotonic() - started
        if step % 20 == 0:
            print(f'{step} {tokens_seen:,} tokens {seconds:.0f} s loss {np.mean(losses[-20:]):.3f}', flush=True)
        if step % options.evaluate == 0 or step == options.steps:
            heldout = bits_per_byte(model, arrays['heldout'], int(arrays['heldout:bytes']), device, windows=64)
            rows.append([step, tokens_seen, round(seconds), round(float(np.mean(losses)), 4), round(heldout, 4)])
            losses = []
            print(f'{step} held-out bits per byte {heldout:.3f}', flush=True)
        if step % options.evaluate == 0 or step == options.steps - options.decay:
            save()
    save()


if __name__ == '__main__':
    main()
