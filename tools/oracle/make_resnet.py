"""Makes a reference file of test/oracle/README.md's format for one of torchvision's ResNets.

    python tools/oracle/make_resnet.py resnet34 [--size 64] [--batch 4] > resnet34.json

Needs torch, torchvision, numpy. Every value is computed in float64 from float32 weights; the distance of a second pass in
float32 is written as fp32Deviation.
"""

import argparse
import copy
import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
import torchvision

STAGES = [["conv1.", "bn1."], ["layer1."], ["layer2."], ["layer3."], ["layer4."], ["fc."]]
POINTS = ["conv1", "bn1", "maxpool", "layer1.0.conv1", "layer1.0", "layer1", "layer2.0", "layer2", "layer3", "layer4", "avgpool"]


def fnv1a(text):
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def words(name, indices):
    x = (np.uint64(fnv1a(name)) + indices.astype(np.uint64) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = ((x ^ (x >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return x ^ (x >> np.uint64(16))


def unit(name, indices):
    return 2 * (words(name, indices).astype(np.float64) / 2**32) - 1


def values(name, shape, scale=1.0, offset=0.0):
    return (unit(name, np.arange(math.prod(shape))) * scale + offset).astype(np.float32).reshape(shape)


def image(name, shape):
    n, c, h, w = shape
    plane, y, x = np.meshgrid(np.arange(n * c), np.arange(h), np.arange(w), indexing="ij")
    cells = (plane * 8 + y * 8 // h) * 8 + x * 8 // w
    noise = np.arange(n * c * h * w).reshape(plane.shape)
    return (1.5 * unit(name + ".cells", cells) + 0.5 * unit(name + ".noise", noise)).astype(np.float32).reshape(shape)


def rule(name, shape):
    if name.endswith("num_batches_tracked"):
        return 0.0, 0
    if name.endswith("running_mean"):
        return 0.1, 0
    if name.endswith("running_var"):
        return 0.2, 1
    if name.endswith("bn3.weight"):
        return 0.1, 0.3
    if len(shape) == 1:
        return 0.1, 1 if name.endswith("weight") else 0
    return math.sqrt(3 / math.prod(shape[1:])), 0


def build(make, dtype):
    model = make().to(dtype)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.from_numpy(values(name, list(tensor.shape), *rule(name, list(tensor.shape)))))
    return model.eval()


def told(tensor, name):
    flat = tensor.detach().double().reshape(-1)
    return [float(flat.norm()), float(flat @ torch.from_numpy(values(name + ".probe", [flat.numel()])).double())]


def evaluate(make, dtype, name, shape):
    model, features = build(make, dtype), {}

    def keep(point):
        def hook(_module, _inputs, output):
            flat = output.detach().double().reshape(-1)
            features[point] = {"shape": list(output.shape), "mean": float(flat.mean()), "std": float(flat.std(unbiased=False)),
                               "first": flat[:8].tolist(), "dot": told(output, point)[1]}
        return hook

    for point in POINTS:
        model.get_submodule(point).register_forward_hook(keep(point))
    with torch.no_grad():
        logits = model(torch.from_numpy(image(name, shape)).to(dtype))
    return {"input": {"image": name, "shape": shape}, "logits": logits.tolist(), "features": features}


def prepare(make, dtype, trainable):
    model = build(make, dtype)
    for name, module in model.named_modules():
        module.training = any((name + ".").startswith(prefix) for prefix in trainable)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(any(name.startswith(prefix) for prefix in trainable))
    return model


def statistics(model, trainable):
    return {name: told(buffer, name) for name, buffer in model.named_buffers()
            if not name.endswith("tracked") and any(name.startswith(prefix) for prefix in trainable)}


def train(make, dtype, pictures, labels):
    everything = sum(STAGES, [])
    model = prepare(make, dtype, everything)
    logits = model(torch.from_numpy(pictures).to(dtype))
    loss = F.cross_entropy(logits, torch.tensor(labels))
    loss.backward()
    gradients = {name: told(parameter.grad, name) for name, parameter in model.named_parameters()}
    return {"loss": float(loss), "logits": logits.tolist(), "gradientNorm": math.sqrt(sum(n * n for n, _ in gradients.values())),
            "gradients": gradients, "batchNorm": statistics(model, everything)}


def run(make, dtype, pictures, labels, settings):
    model = prepare(make, dtype, settings["trainable"])
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    groups = []
    for group in settings["groups"]:
        chosen = [p for name, p in model.named_parameters() if any(name.startswith(x) for x in group["prefixes"])
                  and (group["tensors"] == "all" or (p.dim() > 1) == (group["tensors"] == "matrices"))]
        groups.append({"params": chosen, "lr": group["learningRate"], "weight_decay": group["weightDecay"]})
    sgd = settings["optimizer"]["type"] == "SGD"
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9) if sgd else torch.optim.AdamW(groups)
    losses, norms = [], []
    for _ in range(5):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(torch.from_numpy(pictures).to(dtype)), torch.tensor(labels))
        loss.backward()
        trained = [p for p in model.parameters() if p.requires_grad]
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained, settings["clipNorm"] or math.inf)))
        losses.append(float(loss.detach()))
        optimizer.step()
    changes = {name: told(p.detach() - before[name], name) for name, p in model.named_parameters() if p.requires_grad}
    return {"losses": losses, "gradientNorms": norms, "changes": changes, "batchNorm": statistics(model, settings["trainable"])}


def settings_of_runs():
    sgd, adamw = {"type": "SGD", "momentum": 0.9}, {"type": "AdamW", "betas": [0.9, 0.999], "eps": 1e-8}

    def one(name, stages, optimizer, rate, clip=None, halved=False):
        parts = [(prefixes, rate * 0.5 ** (len(STAGES) - 1 - i if halved else 0)) for i, prefixes in enumerate(STAGES) if i >= stages]
        if not halved:
            parts = [(sum((prefixes for prefixes, _ in parts), []), rate)]
        kinds = [("all", 1e-4)] if optimizer is sgd else [("matrices", 0.01), ("vectors", 0.0)]
        groups = [{"prefixes": p, "tensors": t, "learningRate": r, "weightDecay": d} for p, r in parts for t, d in kinds]
        return {"name": name, "trainable": sum(STAGES[stages:], []), "optimizer": optimizer, "groups": groups, "clipNorm": clip}

    return [one("head.sgd", 5, sgd, 2e-3), one("last.adamw.noDecay", 4, adamw, 1e-5), one("whole.sgd", 0, sgd, 5e-4),
            one("whole.adamw.noDecay.clip", 0, adamw, 1e-5, 1), one("discriminative.sgd.clip", 0, sgd, 0.02, 1, True)]


def distance(a, b, size=None):
    return max(abs(x - y) / (s or 1) for x, y, s in zip(a, b, size or [1] * len(a)))


def pairs(wide, narrow):
    norms = [wide[name][0] for name in wide]
    return [distance([wide[n][i] for n in wide], [narrow[n][i] for n in wide], norms) for i in (0, 1)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--classes", type=int, default=10)
    args = parser.parse_args()
    make = lambda: getattr(torchvision.models, args.model)(weights=None, num_classes=args.classes)  # noqa: E731
    wide, narrow = torch.float64, torch.float32
    name, shape = f"{args.model}.train.image", [args.batch, 3, args.size, args.size]
    pictures = image(name, shape)
    labels = (words(f"{args.model}.train.labels", np.arange(args.batch)) % np.uint64(args.classes)).astype(int).tolist()
    trained, trained32 = (train(make, dtype, pictures, labels) for dtype in (wide, narrow))
    gradient, statistic = pairs(trained["gradients"], trained32["gradients"]), pairs(trained["batchNorm"], trained32["batchNorm"])
    deviation = {"loss": abs(trained["loss"] - trained32["loss"]), "gradientNorm": gradient[0], "gradientDot": gradient[1],
                 "batchNormNorm": statistic[0], "batchNormDot": statistic[1], "runs": {}}
    runs = []
    for settings in settings_of_runs():
        result, result32 = (run(make, dtype, pictures, labels, copy.deepcopy(settings)) for dtype in (wide, narrow))
        change = pairs(result["changes"], result32["changes"])
        deviation["runs"][settings["name"]] = {
            "loss": distance(result["losses"], result32["losses"]),
            "gradientNorm": distance(result["gradientNorms"], result32["gradientNorms"], result["gradientNorms"]),
            "changeNorm": change[0], "changeDot": change[1]}
        runs.append(settings | result)
    model = make()
    described = [{"name": n, "shape": list(t.shape), "scale": rule(n, list(t.shape))[0], "offset": rule(n, list(t.shape))[1]}
                 for n, t in model.state_dict().items()]
    parameters = {n for n, _ in model.named_parameters()}
    json.dump({
        "name": args.model, "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "config": {"family": "resnet", "numClasses": args.classes, "dropout": 0},
        "parameters": [row for row in described if row["name"] in parameters],
        "buffers": [row for row in described if row["name"] not in parameters],
        "zeroGradient": [], "noisyGradient": [], "fp32Deviation": deviation,
        "eval": [evaluate(make, wide, f"{args.model}.image.{args.size}x{args.size}", [2, 3, args.size, args.size])],
        "train": {"input": {"image": name, "shape": shape, "labels": labels}} | trained, "runs": runs,
    }, sys.stdout)


if __name__ == "__main__":
    main()
