"""Pretrains an embedded vision network to tell apart every emoji that is not held out, over all drawing styles.

    python tools/vision/pretrain.py --network resnet18-narrow --out DIR [--cache DIR] [--epochs N] [--smoke]
    python tools/vision/pretrain.py --network resnet34-narrow --grow-from resnet18-narrow --out DIR …
    python tools/vision/pretrain.py --network vgg11-narrow --teacher resnet18-narrow --reuse 3 --dropout 0 --out DIR …

Needs PyTorch, numpy and safetensors, and the cut-outs of render.mjs in --cache. Uses a GPU where there is one.
DIR gets checkpoint.pt (training resumes from it), curve.csv and recipe.json. The learning rate rises over the first
epochs, stays, and falls linearly to zero over the last --decay-epochs, so a run can be lengthened or shortened while it
runs by starting it again with another --epochs, and is the same run as one started with that number.

--grow-from NAME begins a deeper ResNet as the same function as media/models/NAME (networks.py, `grow`), head included, so
that few epochs are enough. --teacher NAME is another short way, for networks of another kind (`Teacher`). Where bfloat16 is slow (a processor with AVX2 only), say --precision float32.
"""

import argparse
import csv
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from safetensors.torch import load_file

from backgrounds import bank
from networks import MEAN, NETWORKS, STD, build, grow

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "media" / "models"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", default="resnet18-narrow")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "transfer-lab-vision")
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--decay-epochs", type=int, default=25)
    parser.add_argument("--warm-up-epochs", type=float, default=2)
    parser.add_argument("--small-epochs", type=int, default=30, help="first epochs, run at --small-size")
    parser.add_argument("--small-size", type=int, default=48, help="pixels a side")
    parser.add_argument("--grow-from", metavar="NAME", help="a shallower embedded network to begin with")
    parser.add_argument("--teacher", metavar="NAME", help="an embedded network whose features are to be learned too")
    parser.add_argument("--teacher-weight", type=float, default=20)
    parser.add_argument("--reuse", type=int, default=1, help="steps for each composed batch")
    parser.add_argument("--dropout", type=float, help="in pretraining only")
    parser.add_argument("--precision", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--smoke", action="store_true", help="two short epochs, to see that everything works")
    return parser.parse_args()


def load_index(cache):
    """Index rows of the pictures that pretraining may see, and their places among all the cut-outs."""
    index = json.loads((cache / "cutouts-64.json").read_text())
    held_out = json.loads((HERE / "held-out.json").read_text())
    hidden = {
        code
        for data_set in ("emoji-10", "scenes")
        for group in ("classes", "relatives")
        for code in held_out[data_set][group].values()
    }
    # A drawing that looks exactly like a held-out one is held out too, whatever its code point.
    hidden_pictures = {row["sha256"] for row in index["rows"] if row["hex"] in hidden}
    places = [
        i
        for i, row in enumerate(index["rows"])
        if row["hex"] not in hidden and row["sha256"] not in hidden_pictures
    ]
    return [index["rows"][i] for i in places], places


def load_cutouts(cache):
    """Pretraining pictures [n, 4, 64, 64] (bytes, straight alpha), their labels [n], and the emoji of each label."""
    rows, places = load_index(cache)
    pixels = np.fromfile(cache / "cutouts-64.rgba", np.uint8).reshape(-1, 64, 64, 4)
    emoji = sorted({row["hex"] for row in rows})
    label_of = {code: label for label, code in enumerate(emoji)}
    pictures = torch.from_numpy(pixels[places]).permute(0, 3, 1, 2).contiguous()
    return pictures, torch.tensor([label_of[row["hex"]] for row in rows]), emoji


def uniform(count, low, high, device, channels=1):
    return torch.empty(count, channels, 1, 1, device=device).uniform_(low, high)


def place(pictures, size):
    """Scales, turns, shears, flips and moves the cut-outs: [n, 4, 64, 64] bytes -> premultiplied RGBA [n, 4, size, size]."""
    n, device = pictures.shape[0], pictures.device
    x = pictures.float() / 255
    x = torch.cat([x[:, :3] * x[:, 3:], x[:, 3:]], 1)
    draw = lambda low, high: torch.empty(n, device=device).uniform_(low, high)
    # affine_grid maps output to input, so 1.6 draws the emoji at 1 / 1.6 of the picture.
    zoom = torch.exp(draw(math.log(0.85), math.log(1.75)))
    stretch = torch.exp(draw(-0.15, 0.15))
    angle, shear = draw(-0.45, 0.45), draw(-0.15, 0.15)
    flip = (torch.rand(n, device=device) < 0.5).float() * 2 - 1
    room = 0.15 + 0.5 * (zoom - 1).clamp(min=0)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.stack(
        [
            torch.stack([flip * zoom * stretch * cos, flip * zoom * (shear * cos - sin), draw(-1, 1) * room], 1),
            torch.stack([zoom * sin, zoom / stretch * (shear * sin + cos), draw(-1, 1) * room], 1),
        ],
        1,
    )
    return F.grid_sample(x, F.affine_grid(theta, (n, 4, size, size), align_corners=False), align_corners=False)


def compose(pictures, backgrounds, size):
    """Augmented, normalized training pictures [n, 3, size, size]."""
    n, device = pictures.shape[0], pictures.device
    x = place(pictures, size)
    colour, alpha = x[:, :3], x[:, 3:]
    # The drawing's own colours shift independently of the background's.
    keep = (torch.rand(n, 1, 1, 1, device=device) > 0.15).float()
    shifted = colour * uniform(n, 0.65, 1.35, device, 3) + alpha * uniform(n, -0.15, 0.15, device, 3)
    swapped = shifted[:, torch.randperm(3, device=device)]
    colour = shifted * keep + swapped * (1 - keep)
    behind = backgrounds[torch.randint(len(backgrounds), (n,), device=device)].float() / 255
    behind = behind[:, torch.randperm(3, device=device)]
    if torch.rand(()) < 0.5:
        behind = behind.transpose(2, 3)
    if size != behind.shape[-1]:
        behind = F.interpolate(behind, size=(size, size), mode="area")
    x = colour + behind * (1 - alpha)
    mean = x.mean((1, 2, 3), keepdim=True)
    x = (x - mean) * uniform(n, 0.6, 1.4, device) + mean + uniform(n, -0.12, 0.12, device)
    grey = (torch.rand(n, 1, 1, 1, device=device) < 0.2).float()
    x = x * (1 - grey) + x.mean(1, keepdim=True) * grey
    blur = (torch.rand(n, 1, 1, 1, device=device) < 0.15).float()
    x = x * (1 - blur) + F.avg_pool2d(x, 3, 1, 1, count_include_pad=False) * blur
    x = cut_out(x.clamp(0, 1))
    mean, std = (torch.tensor(v, device=device).view(1, 3, 1, 1) for v in (MEAN, STD))
    return ((x - mean) / std).contiguous(memory_format=torch.channels_last)


def cut_out(x, share=0.4):
    """Covers a random rectangle of some pictures with one colour, so that no single part decides."""
    n, size, device = x.shape[0], x.shape[-1], x.device
    at = torch.arange(size, device=device)
    side = lambda: (torch.rand(n, 1, device=device) * 0.3 + 0.1) * size
    start = lambda: torch.rand(n, 1, device=device) * size
    top, left = start(), start()
    rows = (at >= top) & (at < top + side())
    columns = (at >= left) & (at < left + side())
    on = (torch.rand(n, 1, 1, device=device) < share) & rows[:, :, None] & columns[:, None, :]
    return torch.where(on[:, None], uniform(n, 0, 1, device, 3), x)


class Teacher:
    """A pretrained network whose last features the student learns to give too, besides naming the emoji.

    Distillation of features (Hinton et al. 2015; Romero et al. 2015): 256 targets a picture say more than one label, so a
    student gets far in few epochs. Its head begins as the teacher's.
    """

    def __init__(self, name, classes, device, sample):
        """`sample` is a batch of composed pictures that decides the scale of the loss."""
        self.network = build(name, classes)
        weights = load_file(MODELS / name / "model.safetensors")
        self.network.load_state_dict({key: value.float() for key, value in weights.items()}, strict=False)
        self.network = self.network.eval().to(device=device, memory_format=torch.channels_last)
        self.scale = self.features(sample).std()

    @torch.no_grad()
    def features(self, batch):
        """Targets [n, 256]."""
        return self.network.embed(batch)

    def loss(self, embedded, targets):
        return F.mse_loss(embedded / self.scale, targets / self.scale)


def batches(pictures, labels, backgrounds, order, size, teacher, args, steps):
    """One (pictures, labels, teacher's features) for each step; each is composed once and used about --reuse times."""
    made = []
    for step in range(steps):
        if step % args.reuse == 0:
            start = step // args.reuse * args.batch
            chosen = order[start : start + args.batch]
            batch = compose(pictures[chosen], backgrounds, 64 if teacher else size)
            targets = teacher.features(batch) if teacher else None
            if batch.shape[-1] != size:
                batch = F.interpolate(batch, size=(size, size), mode="area")
            made = [*made[-7:], (batch, labels[chosen], targets)]
            yield made[-1]
        else:
            yield made[int(torch.randint(len(made), ()))]


def rate_at(step, args, per_epoch):
    """Linear warm-up, then constant, then linear to zero over the last decay epochs."""
    warm = args.warm_up_epochs * per_epoch
    left = args.epochs * per_epoch - step
    return args.rate * min(1.0, (step + 1) / warm, left / (args.decay_epochs * per_epoch))


def write_curve(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "size", "learningRate", "loss", "accuracy", "seconds"])
        writer.writerows(rows)


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    pictures, labels, emoji = load_cutouts(args.cache)
    if args.smoke:
        pictures, labels = pictures[: 4 * args.batch], labels[: 4 * args.batch]
        args.epochs, args.decay_epochs, args.small_epochs = 2, 1, 1
    args.out.mkdir(parents=True, exist_ok=True)
    backgrounds = torch.from_numpy(bank(args.seed + 1000, 64 if args.smoke else 3000, 64))
    backgrounds = backgrounds.permute(0, 3, 1, 2).contiguous().to(device)
    pictures, labels = pictures.to(device), labels.to(device)
    torch.manual_seed(args.seed)
    network = build(args.network, len(emoji))
    if args.grow_from:
        weights = load_file(MODELS / args.grow_from / "model.safetensors")
        grow(network, {name: value.float() for name, value in weights.items()}, NETWORKS[args.network])
    teacher = None
    if args.teacher:
        teacher = Teacher(args.teacher, len(emoji), device, compose(pictures[:128], backgrounds, 64))
        network.head.load_state_dict(teacher.network.head.state_dict())
    if args.dropout is not None:
        for module in network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = args.dropout
    network = network.to(device=device, memory_format=torch.channels_last)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": args.weight_decay}, {"params": plain, "weight_decay": 0.0}], lr=args.rate
    )
    first, rows, spent = 0, [], 0.0
    checkpoint = args.out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        first, rows, spent = saved["epoch"], saved["curve"], saved["seconds"]
        print(f"goes on after epoch {first}", flush=True)
    recipe = {key: str(v) if isinstance(v, Path) else v for key, v in vars(args).items() if key not in ("out", "cache")}
    recipe |= {"pictures": len(labels), "classes": len(emoji), "torch": torch.__version__, "device": device.type}
    (args.out / "recipe.json").write_text(json.dumps(recipe | {"emoji": emoji}, indent=1))
    per_epoch = len(labels) // args.batch
    for epoch in range(first, args.epochs):
        # Each epoch has its own stream, so a resumed run draws what an uninterrupted one would.
        torch.manual_seed(args.seed * 100_003 + epoch)
        size = args.small_size if epoch < args.small_epochs else 64
        network.train()
        order = torch.randperm(len(labels)).to(device)
        began, total, right = time.time(), 0.0, 0
        made = batches(pictures, labels, backgrounds, order, size, teacher, args, per_epoch)
        for step, (batch, wanted, targets) in enumerate(made):
            for group in optimizer.param_groups:
                group["lr"] = rate_at(epoch * per_epoch + step, args, per_epoch)
            with torch.autocast(device.type, dtype=torch.bfloat16, enabled=args.precision == "bfloat16"):
                embedded = network.embed(batch)
                logits = network.head(embedded)
            loss = F.cross_entropy(logits.float(), wanted, label_smoothing=args.smoothing)
            if teacher:
                loss = loss + args.teacher_weight * teacher.loss(embedded.float(), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            right += (logits.argmax(1) == wanted).sum().item()
        if not math.isfinite(total):
            raise SystemExit(f"The loss is no longer finite in epoch {epoch}; lower --rate.")
        spent += time.time() - began
        count = per_epoch * args.batch
        rate = optimizer.param_groups[0]["lr"]
        rows.append([epoch + 1, size, f"{rate:.6f}", f"{total / per_epoch:.4f}", f"{right / count:.4f}", f"{spent:.0f}"])
        print(*rows[-1], flush=True)
        write_curve(args.out / "curve.csv", rows)
        state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save(state | {"epoch": epoch + 1, "curve": rows, "seconds": spent}, args.out / "checkpoint.tmp")
        os.replace(args.out / "checkpoint.tmp", checkpoint)


if __name__ == "__main__":
    main()
