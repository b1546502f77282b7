"""Measures what a pretrained network is worth on emoji-10: four strategies at equal epochs, several seeds.

    python tools/vision/transfer.py --network resnet18-narrow [--seeds 5] [--epochs 15] [--data DIR] [--size 64]

Trains on the train pictures, reports accuracy on the test pictures after the last epoch (nothing is chosen by the test
pictures), as mean and standard deviation over the seeds. Reads the shipped model.safetensors. Frozen parts run once.
"""

import argparse
import csv
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file

from networks import MEAN, STD, build, head_names, late_names

MEDIA = Path(__file__).resolve().parent.parent.parent / "media"
# Learning rates and what trains. AdamW, one warm-up epoch, then linear to zero.
STRATEGIES = {
    "from scratch": {"rate": 2e-3, "trains": "all", "pretrained": False},
    "feature extraction": {"rate": 3e-3, "trains": "head", "pretrained": True},
    "last stage + head": {"rate": 1e-3, "trains": "last", "pretrained": True},
    "whole network": {"rate": 5e-4, "trains": "all", "pretrained": True},
}


def load_split(folder, split, size):
    rows = [r for r in csv.DictReader((folder / "index.csv").open()) if r["file"].startswith(f"{split}/")]
    names = sorted({row["class"] for row in rows})
    scaled = lambda file: Image.open(file).convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
    pixels = np.stack([np.asarray(scaled(folder / row["file"])) for row in rows])
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    pictures = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - mean) / std
    return pictures, torch.tensor([names.index(row["class"]) for row in rows]), names


def train_mode(network, trainable, head_only):
    """Training mode where something trains; elsewhere BatchNorm keeps its statistics and dropout passes everything."""
    network.train()
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d) and f"{name}.weight" not in trainable:
            module.eval()
        if isinstance(module, torch.nn.Dropout) and head_only:
            module.eval()


def split_network(network, trains):
    """What is frozen, and what trains behind it."""
    if trains == "head":
        return network.embed, network.head
    if trains == "last":
        return network.early, lambda x: network.head(network.late(x))
    return None, network


def run(args, strategy, seed, train, test, classes, cache):
    """One seed. `cache` keeps what frozen parts put out: it is the same for every seed."""
    torch.manual_seed(seed)
    network = build(args.network, classes)
    head = head_names(args.network)
    if strategy["pretrained"]:
        weights = load_file(MEDIA / "models" / args.network / "model.safetensors")
        body = {k: v.float() for k, v in weights.items() if not k.startswith(head)}
        missing, unexpected = network.load_state_dict(body, strict=False)
        missing = [k for k in missing if not k.startswith(head) and not k.endswith("num_batches_tracked")]
        if missing or unexpected:
            raise SystemExit(f"weights do not fit: missing {missing}, unexpected {unexpected}")
    prefixes = {"all": ("",), "head": head, "last": late_names(args.network)}[strategy["trains"]]
    trainable = set()
    for name, parameter in network.named_parameters():
        parameter.requires_grad = name.startswith(prefixes)
        if parameter.requires_grad:
            trainable.add(name)
    network = network.to(memory_format=torch.channels_last)
    rate = args.rate or strategy["rate"]
    parameters = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, rate, weight_decay=0.01)
    pictures, labels = train
    per_epoch = -(-len(labels) // args.batch)
    total = args.epochs * per_epoch
    step, began = 0, time.time()
    frozen, trained = split_network(network, strategy["trains"])
    tested = test[0]
    if frozen:
        if strategy["trains"] not in cache:
            network.eval()
            with torch.no_grad():
                cache[strategy["trains"]] = [torch.cat([frozen(p) for p in x.split(100)]) for x in (pictures, tested)]
        pictures, tested = cache[strategy["trains"]]
    for _ in range(args.epochs):
        train_mode(network, trainable, strategy["trains"] == "head")
        order = torch.randperm(len(labels))
        for chosen in order.split(args.batch):
            for group in optimizer.param_groups:
                group["lr"] = rate * min((step + 1) / per_epoch, (total - step) / (total - per_epoch))
            loss = F.cross_entropy(trained(pictures[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
    seconds = time.time() - began
    network.eval()
    with torch.no_grad():
        guesses = torch.cat([trained(part).argmax(1) for part in tested.split(100)])
    return (guesses == test[1]).float(), guesses, seconds, sum(p.numel() for p in parameters)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="resnet18-narrow")
    parser.add_argument("--data", type=Path, default=MEDIA / "data" / "emoji-10")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, help="instead of the strategy's own")
    parser.add_argument("--only", choices=list(STRATEGIES))
    parser.add_argument("--split", default="test")
    parser.add_argument("--size", type=int, default=64, help="pixels a side that pictures are scaled to")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--classes", action="store_true", help="also print the accuracy of each class")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    *train, names = load_split(args.data, "train", args.size)
    *test, _ = load_split(args.data, args.split, args.size)
    print(f"{args.network}, {args.epochs} epochs, batch {args.batch}, seeds 1-{args.seeds}, {len(test[1])} {args.split} pictures")
    results, cache = {}, {}
    for name, strategy in STRATEGIES.items():
        if args.only and name != args.only:
            continue
        outcomes = [run(args, strategy, seed, train, test, len(names), cache) for seed in range(1, args.seeds + 1)]
        scores = np.array([right.mean().item() for right, *_ in outcomes])
        sd = scores.std(ddof=1) if len(scores) > 1 else 0.0
        seconds, trained = float(np.mean([o[2] for o in outcomes])), outcomes[0][3]
        results[name] = {"mean": round(float(scores.mean()), 4), "sd": round(float(sd), 4), "seeds": scores.round(4).tolist(),
                         "seconds": round(seconds, 1), "trainableParameters": trained}
        per_seed = " ".join(f"{s:.3f}" for s in scores)
        print(f"{name:20} {scores.mean():.3f} +- {sd:.3f}  ({per_seed})  {seconds:.1f} s  {trained} parameters", flush=True)
        if args.classes:
            rights = torch.stack([right for right, *_ in outcomes]).mean(0)
            print("   ", ", ".join(f"{n} {rights[test[1] == i].mean().item():.2f}" for i, n in enumerate(names)))
    if args.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
