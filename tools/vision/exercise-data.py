"""Builds the data set emoji-10: ten kinds of things, drawn in some styles for training and in others for testing.

    python tools/vision/exercise-data.py [--cache DIR] [--out media/data/emoji-10] [--classes emoji-10]

Needs numpy and pillow, and `node tools/vision/render.mjs`, once plain and once with `--held-out --size 128`, before it.
Seeded: the same sources give the same pictures. --classes scenes draws the other held-out emoji the same way: a second
problem, on which transfer.py's learning rates were chosen. Writes {train,val,test}/CLASS/NNN.png, index.csv and drawings.csv (which drawing was used, by hash).
"""

import argparse
import hashlib
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from backgrounds import background
from drawings import (FINE, HELD_OUT, HERE, TEST_STYLES, TRAIN_STYLES, contact_sheet, cutouts, drawing_row, png,
                      premultiplied, stands_out, write_csv)

SIZE = 64
# Pictures a class, and the styles they take turns in.
SPLITS = {"train": (20, TRAIN_STYLES), "val": (10, TRAIN_STYLES), "test": (30, TEST_STYLES)}
SEED = 20


def place(rng, drawing):
    """Flips, scales, turns and moves a drawing: premultiplied RGBA in 0..1, shape [128, 128, 4]."""
    layers = premultiplied(drawing)
    if rng.random() < 0.5:
        layers = layers[:, ::-1]
    zoom = 1 / rng.uniform(0.55, 0.95)
    angle = rng.uniform(-0.4, 0.4)
    # Room that the smaller drawing leaves in the frame, with a little over the edge.
    room = FINE * (0.5 - 0.5 / zoom + 0.03)
    shift = rng.uniform(-room, room, 2)
    cos, sin = np.cos(angle) * zoom, np.sin(angle) * zoom
    half = FINE / 2
    matrix = (cos, sin, half - cos * (half + shift[0]) - sin * (half + shift[1]),
              -sin, cos, half + sin * (half + shift[0]) - cos * (half + shift[1]))
    planes = [
        np.asarray(Image.fromarray(np.ascontiguousarray(layers[..., c]).astype(np.float32)).transform(
            (FINE, FINE), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC))
        for c in range(4)
    ]
    return np.clip(np.stack(planes, 2), 0, 1)


def picture(rng, drawing):
    """One finished picture as bytes, shape [64, 64, 3]."""
    while True:
        layers = place(rng, drawing)
        behind = background(rng, FINE)
        if stands_out(layers, behind):
            break
    whole = layers[..., :3] + behind * (1 - layers[..., 3:])
    small = whole.reshape(SIZE, 2, SIZE, 2, 3).mean((1, 3))
    return np.round(np.clip(small, 0, 1) * 255).astype(np.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "transfer-lab-vision")
    parser.add_argument("--out", type=Path, default=HERE.parent.parent / "media" / "data" / "emoji-10")
    parser.add_argument("--classes", choices=("emoji-10", "scenes"), default="emoji-10")
    args = parser.parse_args()
    drawings = cutouts(args.cache)
    classes = HELD_OUT[args.classes]["classes"]
    rows, used, seen = [], {}, set()
    for split_number, (split, (count, styles)) in enumerate(SPLITS.items()):
        shutil.rmtree(args.out / split, ignore_errors=True)
        for class_number, (name, code) in enumerate(classes.items()):
            rng = np.random.default_rng([SEED, split_number, class_number])
            folder = args.out / split / name
            folder.mkdir(parents=True)
            for number in range(count):
                style = styles[number % len(styles)]
                drawing, source = drawings[code, style]
                pixels = picture(rng, drawing)
                content = hashlib.sha256(pixels.tobytes()).hexdigest()
                if content in seen:
                    raise SystemExit(f"{split}/{name}/{number} repeats an earlier picture; change SEED.")
                seen.add(content)
                data = png(pixels)
                file = f"{split}/{name}/{number:03d}.png"
                (args.out / file).write_bytes(data)
                rows.append({"file": file, "class": name, "style": style, "emoji": code,
                             "sha256": hashlib.sha256(data).hexdigest(), "pixels": pixels})
                used[name, style] = drawing_row(name, source)
    columns = ["file", "class", "style", "emoji", "sha256"]
    write_csv(args.out / "index.csv", columns, rows)
    write_csv(args.out / "drawings.csv", list(next(iter(used.values()))), used.values())
    contact_sheet(args.out / "contact-sheet.png", rows, per_split=8, step=48)
    total = sum((args.out / row["file"]).stat().st_size for row in rows)
    print(f"{len(rows)} pictures, {total / 1e6:.2f} MB, in {args.out}")


if __name__ == "__main__":
    main()
