"""Makes a reference file of test/oracle/README.md's format for one of torchvision's ResNets or VGGs.

    python tools/oracle/make_vision.py resnet34 [--size 64] [--batch 4] > resnet34.json
    python tools/oracle/make_vision.py vgg11_bn --size 48x80 --width 8 > vgg11_bn-narrow.json

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

RESNET_STAGES = [["conv1.", "bn1."], ["layer1."], ["layer2."], ["layer3."], ["layer4."], ["fc."]]
RESNET_POINTS = ["conv1", "bn1", "maxpool", "layer1.0.conv1", "layer1.0", "layer1", "layer2.0", "layer2", "layer3", "layer4", "avgpool"]


class Network:
    """A torchvision network, its stages from input to head, and the modules whose outputs are told."""

    def __init__(self, name, classes, width):
        self.name, self.classes, self.width = name, classes, width
        self.family = name[:3] if name.startswith("vgg") else "resnet"
        self.stages, self.points, self.gain_squared = RESNET_STAGES, RESNET_POINTS, 1
        if self.family == "vgg":
            self.gain_squared = 2  # no norm (or a late one): with 1 the signal fades
            modules = list(self.make().features.named_children())
            self.stages, self.points = [[]], ["features.0", "features.1"]
            for index, module in modules:
                if isinstance(module, torch.nn.MaxPool2d):
                    self.points.append(f"features.{index}")
                    self.stages.append([])
                elif next(module.parameters(), None) is not None:
                    self.stages[-1].append(f"features.{index}.")
            self.stages[-1] = ["classifier.0.", "classifier.3."]
            self.stages.append(["classifier.6."])
            self.points += ["avgpool", "classifier.1", "classifier.4"]

    def make(self):
        build = getattr(torchvision.models, self.name)
        if self.family == "resnet":
            return build(weights=None, num_classes=self.classes)
        if self.width == 64:
            return build(weights=None, num_classes=self.classes, dropout=0.0, init_weights=False)
        letter = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}[self.name.replace("_bn", "")]
        plan = [part if part == "M" else part * self.width // 64 for part in torchvision.models.vgg.cfgs[letter]]
        features = torchvision.models.vgg.make_layers(plan, batch_norm=self.name.endswith("_bn"))
        model = torchvision.models.VGG(features, num_classes=self.classes, init_weights=False, dropout=0.0)
        hidden = 64 * self.width
        model.classifier[0] = torch.nn.Linear(8 * self.width * 49, hidden)
        model.classifier[3] = torch.nn.Linear(hidden, hidden)
        model.classifier[6] = torch.nn.Linear(hidden, self.classes)
        return model


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


def rule(name, shape, gain_squared=1):
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
    return math.sqrt(3 * gain_squared / math.prod(shape[1:])), 0


def build(network, dtype):
    model = network.make().to(dtype)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.is_floating_point():
                made = values(name, list(tensor.shape), *rule(name, list(tensor.shape), network.gain_squared))
                tensor.copy_(torch.from_numpy(made))
    return model.eval()


def told(tensor, name):
    flat = tensor.detach().double().reshape(-1)
    return [float(flat.norm()), float(flat @ torch.from_numpy(values(name + ".probe", [flat.numel()])).double())]


def evaluate(network, dtype, name, shape):
    model, features = build(network, dtype), {}

    def keep(point):
        def hook(_module, _inputs, output):
            flat = output.detach().double().reshape(-1)
            features[point] = {"shape": list(output.shape), "mean": float(flat.mean()), "std": float(flat.std(unbiased=False)),
                               "first": flat[:8].tolist(), "dot": told(output, point)[1]}
        return hook

    for point in network.points:
        model.get_submodule(point).register_forward_hook(keep(point))
    with torch.no_grad():
        logits = model(torch.from_numpy(image(name, shape)).to(dtype))
    return {"input": {"image": name, "shape": shape}, "logits": logits.tolist(), "features": features}


def prepare(network, dtype, trainable):
    model = build(network, dtype)
    for name, module in model.named_modules():
        module.training = any((name + ".").startswith(prefix) for prefix in trainable)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(any(name.startswith(prefix) for prefix in trainable))
    return model


def statistics(model, trainable):
    return {name: told(buffer, name) for name, buffer in model.named_buffers()
            if not name.endswith("tracked") and any(name.startswith(prefix) for prefix in trainable)}


def train(network, dtype, pictures, labels):
    everything = sum(network.stages, [])
    model = prepare(network, dtype, everything)
    logits = model(torch.from_numpy(pictures).to(dtype))
    loss = F.cross_entropy(logits, torch.tensor(labels))
    loss.backward()
    gradients = {name: told(parameter.grad, name) for name, parameter in model.named_parameters()}
    return {"loss": float(loss.detach()), "logits": logits.tolist(), "gradientNorm": math.sqrt(sum(n * n for n, _ in gradients.values())),
            "gradients": gradients, "batchNorm": statistics(model, everything)}


def run(network, dtype, pictures, labels, settings):
    model = prepare(network, dtype, settings["trainable"])
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


def settings_of_runs(network):
    stages_of = network.stages
    rates = (2e-3, 1e-5, 5e-4, 1e-5, 0.02) if network.family == "resnet" else (1e-4, 1e-5, 2e-5, 1e-5, 2e-3)
    last = len(stages_of) - 1

    sgd, adamw = {"type": "SGD", "momentum": 0.9}, {"type": "AdamW", "betas": [0.9, 0.999], "eps": 1e-8}

    def one(name, stages, optimizer, rate, clip=None, halved=False):
        parts = [(prefixes, rate * 0.5 ** (last - i if halved else 0)) for i, prefixes in enumerate(stages_of) if i >= stages]
        if not halved:
            parts = [(sum((prefixes for prefixes, _ in parts), []), rate)]
        kinds = [("all", 1e-4)] if optimizer is sgd else [("matrices", 0.01), ("vectors", 0.0)]
        groups = [{"prefixes": p, "tensors": t, "learningRate": r, "weightDecay": d} for p, r in parts for t, d in kinds]
        return {"name": name, "trainable": sum(stages_of[stages:], []), "optimizer": optimizer, "groups": groups, "clipNorm": clip}

    return [one("head.sgd", last, sgd, rates[0]), one("last.adamw.noDecay", 4, adamw, rates[1]), one("whole.sgd", 0, sgd, rates[2]),
            one("whole.adamw.noDecay.clip", 0, adamw, rates[3], 1), one("discriminative.sgd.clip", 0, sgd, rates[4], 1, True)]


def distance(a, b, size=None):
    return max(abs(x - y) / (s or 1) for x, y, s in zip(a, b, size or [1] * len(a)))


def pairs(wide, narrow):
    norms = [wide[name][0] for name in wide]
    if not norms:
        return [0, 0]
    return [distance([wide[n][i] for n in wide], [narrow[n][i] for n in wide], norms) for i in (0, 1)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--size", default="64", help="pixels, or height x width: 48x80")
    parser.add_argument("--width", type=int, default=64, help="channels of a VGG's first stage")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--classes", type=int, default=10)
    args = parser.parse_args()
    torch.set_num_threads(1)
    height, width = ([int(side) for side in args.size.split("x")] * 2)[:2]
    network = Network(args.model, args.classes, args.width)
    wide, narrow = torch.float64, torch.float32
    name, shape = f"{args.model}.train.image", [args.batch, 3, height, width]
    pictures = image(name, shape)
    labels = (words(f"{args.model}.train.labels", np.arange(args.batch)) % np.uint64(args.classes)).astype(int).tolist()
    trained, trained32 = (train(network, dtype, pictures, labels) for dtype in (wide, narrow))
    wide_gradients, narrow_gradients = trained["gradients"], trained32["gradients"]
    # A bias before a BatchNorm has no gradient but rounding; others may be too small for float32 to get them right.
    zero = [n for n, (norm, _) in wide_gradients.items() if norm < 1e-9 * trained["gradientNorm"]]
    noisy = [n for n, (norm, _) in wide_gradients.items() if n not in zero and (
        norm < 1e-6 * trained["gradientNorm"] or max(abs(a - b) for a, b in zip(wide_gradients[n], narrow_gradients[n])) > 1e-3 * norm)]
    kept = {n: told for n, told in wide_gradients.items() if n not in zero and n not in noisy}
    for n in zero:
        wide_gradients[n] = [0.0, 0.0]
    gradient, statistic = pairs(kept, narrow_gradients), pairs(trained["batchNorm"], trained32["batchNorm"])
    deviation = {"loss": abs(trained["loss"] - trained32["loss"]), "gradientNorm": gradient[0], "gradientDot": gradient[1],
                 "batchNormNorm": statistic[0], "batchNormDot": statistic[1], "runs": {}}
    runs = []
    for settings in settings_of_runs(network):
        result, result32 = (run(network, dtype, pictures, labels, copy.deepcopy(settings)) for dtype in (wide, narrow))
        change = pairs({n: told for n, told in result["changes"].items() if n not in zero}, result32["changes"])
        moved = pairs(result["batchNorm"], result32["batchNorm"])
        deviation["runs"][settings["name"]] = {
            "loss": distance(result["losses"], result32["losses"]),
            "gradientNorm": distance(result["gradientNorms"], result32["gradientNorms"], result["gradientNorms"]),
            "changeNorm": change[0], "changeDot": change[1], "batchNormNorm": moved[0], "batchNormDot": moved[1]}
        runs.append(settings | result)
    model = network.make()
    described = [{"name": n, "shape": list(t.shape), "scale": rule(n, list(t.shape), network.gain_squared)[0], "offset": rule(n, list(t.shape))[1]}
                 for n, t in model.state_dict().items()]
    parameters = {n for n, _ in model.named_parameters()}
    json.dump({
        "name": args.model, "versions": {"torch": torch.__version__, "torchvision": torchvision.__version__},
        "config": {"family": network.family, "numClasses": args.classes, "dropout": 0},
        "parameters": [row for row in described if row["name"] in parameters],
        "buffers": [row for row in described if row["name"] not in parameters],
        "zeroGradient": zero, "noisyGradient": noisy, "fp32Deviation": deviation,
        "eval": [evaluate(network, wide, f"{args.model}.image.{height}x{width}", [2, 3, height, width])],
        "train": {"input": {"image": name, "shape": shape, "labels": labels}} | trained, "runs": runs,
    }, sys.stdout)


if __name__ == "__main__":
    main()
