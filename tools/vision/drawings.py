"""What the scripts that compose data sets share: the held-out cut-outs of render.mjs, and how files are written."""

import csv
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
# Side of the cut-outs that the data sets are composed from, in pixels.
FINE = 128
TRAIN_STYLES, TEST_STYLES = ("noto", "fluent", "noto-v1"), ("twemoji", "emojione")
SOURCES = json.loads((HERE / "sources.json").read_text())
HELD_OUT = json.loads((HERE / "held-out.json").read_text())
LICENCES = {style["style"]: style["license"] for style in SOURCES["styles"]}


def cutouts(cache):
    """Straight-alpha RGBA cut-outs [128, 128, 4] by (code point, style), with their rows in the index."""
    index = json.loads((cache / f"held-out-{FINE}.json").read_text())
    pixels = np.fromfile(cache / f"held-out-{FINE}.rgba", np.uint8).reshape(-1, FINE, FINE, 4)
    coarse = json.loads((cache / "cutouts-64.json").read_text())["rows"]
    # The hash at 64 px is what pretraining is compared by.
    at_64 = {(row["hex"], row["style"]): row["sha256"][:16] for row in coarse}
    return {
        (row["hex"], row["style"]): (pixels[i], row | {"sha256At64": at_64[row["hex"], row["style"]]})
        for i, row in enumerate(index["rows"])
    }


def premultiplied(drawing):
    """The cut-out's bytes as premultiplied RGBA in 0..1, same shape."""
    alpha = drawing[..., 3:].astype(np.float32) / 255
    return np.concatenate([drawing[..., :3] / 255 * alpha, alpha], 2)


def stands_out(layers, behind):
    """Whether the drawing differs enough from what is behind it to be seen."""
    alpha = layers[..., 3:]
    drawn = layers[..., :3] + behind * (1 - alpha)
    difference = np.abs(drawn - behind).mean(2)[alpha[..., 0] > 0.5]
    return difference.mean() > 0.18 and np.mean(difference < 0.06) < 0.35


def drawing_row(name, source):
    """Which drawing a picture shows: one row of drawings.csv."""
    return {"class": name, "emoji": source["hex"], "style": source["style"], "license": LICENCES[source["style"]],
            "icon": source["icon"], "sha256At64": source["sha256At64"]}


def png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def write_csv(path, columns, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def contact_sheet(path, rows, per_split, step, mode="RGB"):
    """One row a class: the first training pictures, a gap, the first test pictures, `step` px each.

    Rows have "class", "file" (its first folder is the split) and "pixels"; classes keep the rows' order.
    """
    classes, gap = list(dict.fromkeys(row["class"] for row in rows)), 12
    sheet = Image.new(mode, (2 * per_split * step + gap, len(classes) * step), "white")
    for y, name in enumerate(classes):
        for part, split in enumerate(("train", "test")):
            chosen = [row for row in rows if row["class"] == name and row["file"].startswith(split)][:per_split]
            for x, row in enumerate(chosen):
                small = Image.fromarray(row["pixels"]).resize((step - 2, step - 2), Image.Resampling.LANCZOS)
                sheet.paste(small, ((part * per_split + x) * step + part * gap, y * step))
    sheet.save(path, optimize=True)
