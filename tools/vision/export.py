"""Exports a pretrained network to media/models/NAME: model.safetensors, config.json and curve.csv.

    python tools/vision/export.py --network resnet18-narrow --run DIR [--half]

DIR is what pretrain.py wrote. --half stores float16 (only where transfer.py showed no loss; config.json says so).
Also writes, for all networks together, media/models/pretraining-pictures.csv (which drawings pretraining saw, by hash) and
media/models/pretraining-sample.png (what they look like in training).
"""

import argparse
import csv
import hashlib
import json
import shutil
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import save_file

from backgrounds import bank
from networks import MEAN, NETWORKS, STD
from pretrain import MODELS, compose, load_cutouts, load_index


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "transfer-lab-vision")
    parser.add_argument("--half", action="store_true")
    args = parser.parse_args()
    saved = torch.load(args.run / "checkpoint.pt", map_location="cpu", weights_only=True)
    recipe = json.loads((args.run / "recipe.json").read_text())
    emoji = recipe.pop("emoji")
    kind = torch.float16 if args.half else torch.float32
    tensors = {
        name: value.contiguous().to(kind) if value.is_floating_point() else value
        for name, value in saved["network"].items()
        # A counter that nothing reads: BatchNorm here has a fixed momentum.
        if not name.endswith("num_batches_tracked")
    }
    lost = [name for name, value in tensors.items() if value.is_floating_point() and not value.isfinite().all()]
    if lost:
        raise SystemExit(f"Not finite as {kind}: {', '.join(lost)}. Leave --half out.")
    folder = MODELS / args.network
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    last = saved["curve"][-1]
    config = {
        "name": args.network,
        **NETWORKS[args.network],
        "numClasses": len(emoji),
        "inputSize": [3, 64, 64],
        "mean": list(MEAN),
        "std": list(STD),
        "interpolation": "bilinear",
        "dtype": "float16" if args.half else "float32",
        "parameters": sum(v.numel() for k, v in tensors.items() if "running_" not in k),
        "license": "Apache-2.0 AND MIT AND CC-BY-4.0 (the drawings' licences; see README.md and NOTICE)",
        "sha256": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        "pretraining": {**recipe, "epochsDone": saved["epoch"], "seconds": round(saved["seconds"]),
                        "finalLoss": float(last[3]), "finalAccuracy": float(last[4])},
        "classes": emoji,
    }
    (folder / "config.json").write_text(json.dumps(camel_case(config), indent=1) + "\n")
    shutil.copyfile(args.run / "curve.csv", folder / "curve.csv")
    rows, _ = load_index(args.cache)
    with (MODELS / "pretraining-pictures.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["emoji", "style", "sha256At64"])
        writer.writerows([row["hex"], row["style"], row["sha256"][:16]] for row in rows)
    write_sample(args.cache)
    print(f"{folder}: {(folder / 'model.safetensors').stat().st_size / 1e6:.2f} MB")


def write_sample(cache, rows=4, columns=16, step=48):
    """A sheet of augmented pretraining pictures, not selected."""
    pictures, _, _ = load_cutouts(cache)
    torch.manual_seed(1)
    backgrounds = torch.from_numpy(bank(1, 200, 64)).permute(0, 3, 1, 2).contiguous()
    batch = compose(pictures[torch.randperm(len(pictures))[: rows * columns]], backgrounds, 64)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    pixels = ((batch * std + mean).clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    sheet = Image.new("RGB", (columns * step, rows * step), "white")
    for number, one in enumerate(pixels):
        place = (number % columns * step, number // columns * step)
        sheet.paste(Image.fromarray(one).resize((step - 2, step - 2), Image.Resampling.LANCZOS), place)
    sheet.save(MODELS / "pretraining-sample.png", optimize=True)


def camel_case(value):
    """The same value with every key in camelCase."""
    if not isinstance(value, dict):
        return value
    words = {key: key.split("_") for key in value}
    return {first + "".join(w.title() for w in rest): camel_case(value[key]) for key, (first, *rest) in words.items()}


if __name__ == "__main__":
    main()
