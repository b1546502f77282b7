"""Writes the expected values of the tests of the learning-rate finder.

    pip download --no-deps fastai==2.8.12 && unzip fastai-2.8.12-py3-none-any.whl 'fastai/callback/schedule.py'
    python tools/vision/make_rate_finder_references.py fastai/callback/schedule.py

Runs fastai's own `valley`, `steep` and `minimum` on curves that are written as formulas, so that the tests can make
them too. The three functions are taken out of the file, because importing fastai needs an older torch.
"""
import ast
import json
import math
import pathlib
import sys

import torch

WANTED = ("valley", "steep", "minimum")
tree = ast.parse(pathlib.Path(sys.argv[1]).read_text())
tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in WANTED]
fastai = {}
exec(compile(tree, "schedule.py", "exec"), fastai)

STEPS = 85


def wiggle(i):
    return ((i * i * 7 + i * 13 + 5) % 101) / 101 - 0.5


CURVES = {
    "a smooth valley that diverges": lambda i: 2.3 - 1.7 / (1 + math.exp(-(i - 45) / 6)) + math.exp((i - 78) / 3),
    "a noisy valley": lambda i: 2.3 - 1.2 / (1 + math.exp(-(i - 40) / 5)) + math.exp((i - 80) / 2) + 0.08 * wiggle(i),
    "two valleys": lambda i: 1.5 - 0.4 / (1 + math.exp(-(i - 20) / 2)) - 0.5 / (1 + math.exp(-(i - 60) / 5)) + math.exp((i - 82) / 2),
    "falling to the end": lambda i: 3 - 2 * (i / STEPS) ** 2,
}

rates = torch.tensor([1e-7 * 1e8 ** ((i + 10) / 100) for i in range(STEPS)], dtype=torch.float64)
cases = []
for name, curve in CURVES.items():
    values = [curve(i) for i in range(STEPS)]
    losses = torch.tensor(values, dtype=torch.float64)
    index = {key: int((rates - fastai[key](rates, losses, 100)[1][0]).abs().argmin()) for key in WANTED}
    cases.append({"name": name, "losses": [round(value, 12) for value in values], **index})
out = pathlib.Path(__file__).parents[2] / "src" / "training" / "rate-finder" / "fastai.json"
out.write_text(json.dumps({"fastai": "2.8.12", "torch": torch.__version__, "steps": STEPS, "cases": cases}, indent=1) + "\n")
