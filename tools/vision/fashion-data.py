"""Builds the data set fashion-2000: two thousand photographs of clothing out of Fashion-MNIST's seventy thousand.

    python tools/vision/fashion-data.py [--cache DIR] [--out media/data/fashion-2000]

Needs numpy, pillow and the Debian package that sources.json pins: it is fetched with `apt-get download` (any Debian or
Ubuntu), or lies in --cache already. Seeded. Training and validation come from Fashion-MNIST's training part, the test from
its test part; no picture occurs twice. Writes {train,val,test}/CLASS/NNNNN.png (grey, 28 px; the number is the place in
that part), index.csv and contact-sheet.png.
"""

import argparse
import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path

import numpy as np

from drawings import HERE, SOURCES, contact_sheet, png, write_csv

CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot")
# Pictures a class, and the part of Fashion-MNIST they come from.
SPLITS = {"train": (80, "train"), "val": (20, "train"), "test": (100, "t10k")}
SEED = 28


def fetch(cache):
    """The package's folder of data files, once its hash has been checked."""
    pinned = SOURCES["fashion"]
    archive = cache / f"{pinned['package']}_{pinned['version']}_all.deb"
    if not archive.exists():
        subprocess.run(["apt-get", "download", f"{pinned['package']}={pinned['version']}"], cwd=cache, check=True)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != pinned["sha256"]:
        raise SystemExit(f"{archive}: sha256 is {found}, sources.json expects {pinned['sha256']}. Delete it and try again.")
    folder = cache / pinned["package"]
    subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
    return folder / "usr" / "share" / "datasets" / "fashion-mnist"


def read_part(folder, part):
    """Pictures [n, 28, 28] and labels [n] of "train" or "t10k", as bytes (IDX files: 16 and 8 bytes of header)."""
    pictures = np.frombuffer(gzip.decompress((folder / f"{part}-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((folder / f"{part}-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    return pictures.reshape(-1, 28, 28), labels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "transfer-lab-vision")
    parser.add_argument("--out", type=Path, default=HERE.parent.parent / "media" / "data" / "fashion-2000")
    args = parser.parse_args()
    folder = fetch(args.cache)
    rng = np.random.default_rng(SEED)
    shuffled = {}
    for part in ("train", "t10k"):
        pictures, labels = read_part(folder, part)
        order = rng.permutation(len(labels))
        shuffled[part] = (pictures, {label: iter(order[labels[order] == label]) for label in range(len(CLASSES))})
    rows, seen = [], set()
    for split, (count, part) in SPLITS.items():
        shutil.rmtree(args.out / split, ignore_errors=True)
        pictures, places = shuffled[part]
        for label, name in enumerate(CLASSES):
            (args.out / split / name).mkdir(parents=True)
            chosen = []
            for place in places[label]:
                content = pictures[place].tobytes()
                if content not in seen:
                    seen.add(content)
                    chosen.append(int(place))
                if len(chosen) == count:
                    break
            for place in sorted(chosen):
                data = png(pictures[place])
                file = f"{split}/{name}/{place:05d}.png"
                (args.out / file).write_bytes(data)
                rows.append({"file": file, "class": name, "part": part, "place": place,
                             "sha256": hashlib.sha256(data).hexdigest(), "pixels": pictures[place]})
    write_csv(args.out / "index.csv", ["file", "class", "part", "place", "sha256"], rows)
    contact_sheet(args.out / "contact-sheet.png", rows, per_split=12, step=40, mode="L")
    total = sum((args.out / row["file"]).stat().st_size for row in rows)
    print(f"{len(rows)} pictures, {total / 1e6:.2f} MB, in {args.out}")


if __name__ == "__main__":
    main()
