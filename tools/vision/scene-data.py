"""Builds the data set scenes: pictures with one to five objects, each with its exact box and class.

    python tools/vision/scene-data.py [--cache DIR] [--out media/data/scenes]

Needs numpy and pillow, and `node tools/vision/render.mjs`, once plain and once with `--held-out --size 128`, before it.
Seeded. Each scene has one main object, clearly the largest, and up to four smaller ones that may hide a little of each
other. A box is the smallest that holds every pixel of which the object covers at least COVER, as far as other objects leave
it to be seen. Writes {train,val,test}/NNNN.png, {train,val,test}.json (COCO's form), index.csv (hashes), drawings.csv and
contact-sheet.png.
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from backgrounds import background
from drawings import (FINE, HELD_OUT, HERE, LICENCES, TEST_STYLES, TRAIN_STYLES, cutouts, drawing_row, png, premultiplied,
                      stands_out, write_csv)

SIZE = 96
# Scenes are composed at twice their size, then averaged, for clean edges.
FINE_SIZE = 2 * SIZE
SPLITS = {"train": (360, TRAIN_STYLES), "val": (80, TRAIN_STYLES), "test": (160, TEST_STYLES)}
SEED = 96
# Side of an object's drawing, as a share of the picture's.
MAIN, OTHER = (0.42, 0.62), (0.2, 0.34)
COVER = 0.25
LEAST_SEEN, LEAST_LARGER = 0.85, 1.4


def turned(rng, drawing, side):
    """The drawing flipped, scaled to `side` fine pixels and turned: premultiplied RGBA in 0..1, cropped to what it covers."""
    layers = premultiplied(drawing)
    if rng.random() < 0.5:
        layers = layers[:, ::-1]
    angle = rng.uniform(-23, 23)
    planes = []
    for channel in range(4):
        plane = Image.fromarray(np.ascontiguousarray(layers[..., channel]).astype(np.float32))
        plane = plane.resize((side, side), Image.Resampling.BOX if side < FINE else Image.Resampling.BICUBIC)
        planes.append(np.asarray(plane.rotate(angle, Image.Resampling.BICUBIC, expand=True)))
    layers = np.clip(np.stack(planes, 2), 0, 1)
    rows, columns = np.nonzero(layers[..., 3] > 0.02)
    return layers[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def halved(plane):
    """Means of 2 x 2 pixels, [2h, 2w, ...] -> [h, w, ...]."""
    return plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2, *plane.shape[2:]).mean((1, 3))


def box_of(mask):
    """[x, y, width, height] in pixels of the smallest box around a mask's true pixels."""
    rows, columns = np.nonzero(mask)
    left, top = int(columns.min()), int(rows.min())
    return [left, top, int(columns.max()) + 1 - left, int(rows.max()) + 1 - top]


def run_lengths(mask):
    """COCO's uncompressed run lengths: down the columns, zeros first."""
    flat = mask.flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    bounds = [0, *edges.tolist(), flat.size]
    counts = np.diff(bounds).tolist()
    return [0, *counts] if flat[0] else counts


def try_scene(rng, objects):
    """One attempt: bytes [96, 96, 3] and the visible mask [96, 96] of each object, or None where a rule is broken.

    `objects` are cut-outs, the main one first. The smaller ones lie on top.
    """
    behind = background(rng, FINE_SIZE).astype(np.float32)
    picture, placed = behind, []
    for number, drawing in enumerate(objects):
        share = rng.uniform(*(MAIN if number == 0 else OTHER))
        layers = turned(rng, drawing, round(share * FINE_SIZE))
        height, width = layers.shape[:2]
        top, left = int(rng.integers(FINE_SIZE - height + 1)), int(rng.integers(FINE_SIZE - width + 1))
        whole = np.zeros((FINE_SIZE, FINE_SIZE, 4), np.float32)
        whole[top : top + height, left : left + width] = layers
        if not stands_out(whole, picture):
            return None
        alpha = whole[..., 3:]
        picture = whole[..., :3] + picture * (1 - alpha)
        placed = [seen * (1 - alpha[..., 0]) for seen in placed] + [alpha[..., 0]]
        if number == 0:
            alone = []
        alone.append((halved(alpha[..., 0]) >= COVER).sum())
    masks = [halved(seen) >= COVER for seen in placed]
    if any(mask.sum() < LEAST_SEEN * own for mask, own in zip(masks, alone)):
        return None
    areas = [box[2] * box[3] for box in map(box_of, masks)]
    if any(areas[0] < LEAST_LARGER * area for area in areas[1:]):
        return None
    return np.round(np.clip(halved(picture), 0, 1) * 255).astype(np.uint8), masks


def deck(rng, names):
    """Names without end, each as often as any other."""
    while True:
        yield from (names[i] for i in rng.permutation(len(names)))


def build_split(rng, split, count, styles, drawings, classes, out, seen, used):
    """Writes one split; returns its COCO annotations and, for the sheet, its pictures."""
    categories = [{"id": i + 1, "name": name} for i, name in enumerate(sorted(classes))]
    id_of = {category["name"]: category["id"] for category in categories}
    images, annotations, pictures = [], [], []
    mains, others = deck(rng, sorted(classes)), deck(rng, sorted(classes))
    for number in range(count):
        names = [next(mains)] + [next(others) for _ in range(number % 5)]
        picked = [styles[int(rng.integers(len(styles)))] for _ in names]
        cut = [drawings[classes[name], style] for name, style in zip(names, picked)]
        while (made := try_scene(rng, [drawing for drawing, _ in cut])) is None:
            pass
        pixels, masks = made
        content = hashlib.sha256(pixels.tobytes()).hexdigest()
        if content in seen:
            raise SystemExit(f"{split}/{number} repeats an earlier picture; change SEED.")
        seen.add(content)
        data = png(pixels)
        file = f"{split}/{number:04d}.png"
        (out / file).write_bytes(data)
        images.append({"id": number + 1, "file_name": file, "width": SIZE, "height": SIZE,
                       "sha256": hashlib.sha256(data).hexdigest()})
        pictures.append(pixels)
        for name, style, mask, (_, source) in zip(names, picked, masks, cut):
            annotations.append({"id": len(annotations) + 1, "image_id": number + 1, "category_id": id_of[name],
                                "bbox": box_of(mask), "area": int(mask.sum()), "iscrowd": 0, "style": style,
                                "segmentation": {"size": [SIZE, SIZE], "counts": run_lengths(mask)}})
            used[name, style] = drawing_row(name, source)
    about = {"description": f"scenes, {split}: the first annotation of a picture is its main object", "version": "1"}
    licences = [{"id": i + 1, "name": name} for i, name in enumerate(sorted({LICENCES[style] for style in styles}))]
    coco = {"info": about, "licenses": licences, "categories": categories, "images": images, "annotations": annotations}
    return coco, pictures


def write_coco(path, coco):
    """One line an item, so that differences can be read."""
    parts = []
    for key, value in coco.items():
        if isinstance(value, list):
            lines = ",\n".join("  " + json.dumps(item, separators=(",", ":")) for item in value)
            parts.append(f' "{key}": [\n{lines}\n ]')
        else:
            parts.append(f' "{key}": {json.dumps(value)}')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", newline="\n")


def contact_sheet(path, splits, columns=10, zoom=1):
    """Two rows of training scenes, a gap, two of test scenes, with their boxes; the main object's box is red."""
    step, gap, per_split = SIZE * zoom + 2, 10, 2 * columns
    sheet = Image.new("RGB", (columns * step, 4 * step + gap), "white")
    for part, (coco, pictures) in enumerate(splits):
        for number in range(per_split):
            one = Image.fromarray(pictures[number])
            draw = ImageDraw.Draw(one)
            boxes = [a["bbox"] for a in coco["annotations"] if a["image_id"] == number + 1]
            for i, (x, y, width, height) in enumerate(boxes):
                draw.rectangle((x - 1, y - 1, x + width, y + height), outline="red" if i == 0 else "yellow")
            row = 2 * part + number // columns
            sheet.paste(one, (number % columns * step, row * step + part * gap))
    sheet.save(path, optimize=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "transfer-lab-vision")
    parser.add_argument("--out", type=Path, default=HERE.parent.parent / "media" / "data" / "scenes")
    args = parser.parse_args()
    drawings, classes = cutouts(args.cache), HELD_OUT["scenes"]["classes"]
    made, used, seen = {}, {}, set()
    for number, (split, (count, styles)) in enumerate(SPLITS.items()):
        shutil.rmtree(args.out / split, ignore_errors=True)
        (args.out / split).mkdir(parents=True)
        rng = np.random.default_rng([SEED, number])
        made[split] = build_split(rng, split, count, styles, drawings, classes, args.out, seen, used)
        write_coco(args.out / f"{split}.json", made[split][0])
    index = [{"file": i["file_name"], "sha256": i["sha256"]} for coco, _ in made.values() for i in coco["images"]]
    write_csv(args.out / "index.csv", ["file", "sha256"], index)
    write_csv(args.out / "drawings.csv", list(next(iter(used.values()))), sorted(used.values(), key=lambda r: tuple(r.values())))
    contact_sheet(args.out / "contact-sheet.png", [made["train"], made["test"]])
    files = [p for p in args.out.rglob("*") if p.is_file()]
    objects = {split: len(coco["annotations"]) for split, (coco, _) in made.items()}
    print(f"{objects} objects, {sum(p.stat().st_size for p in files) / 1e6:.2f} MB, in {args.out}")


if __name__ == "__main__":
    main()
