"""Makes a reference file of test/oracle/README.md's format for a GPT-2 of any size, from transformers' GPT2LMHeadModel.

    python tools/oracle/make_gpt2.py gpt2-wide-head --set n_embd=48 n_layer=3 n_head=2 n_inner=80 vocab_size=301 n_positions=40 > file.json
    python tools/oracle/make_gpt2.py gpt2-medium --no-train --set n_embd=1024 n_layer=24 n_head=16 > gpt2-medium.json

Needs torch, torchvision, numpy and transformers. Values are computed in float64 from float32 weights; the distance of a second
pass in float32 is written as fp32Deviation.
"""

import argparse
import copy
import json
import math
import sys

import numpy as np
import torch
import torch.nn.functional as F
import transformers

from make_vision import distance, pairs, told, values, words

NEW_TOKENS = 20
SHOWN = 32


def compact(value):
    """Nine digits; `scale` keeps all of its own."""
    if isinstance(value, dict):
        return {key: one if key == "scale" else compact(one) for key, one in value.items()}
    if isinstance(value, list):
        return [compact(one) for one in value]
    return float("%.9g" % value) if isinstance(value, float) else value


def make(settings):
    config = transformers.GPT2Config(**settings, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                                     bos_token_id=None, eos_token_id=None, pad_token_id=None)
    config._attn_implementation = "eager"
    return transformers.GPT2LMHeadModel(config)


def rule(name, shape):
    if len(shape) == 1:
        return 0.1, 1 if name.endswith("weight") else 0
    if ".wte." in name or ".wpe." in name:
        return 0.1, 0
    return math.sqrt(3 / shape[0]), 0  # Conv1D keeps [inputs, outputs]


def build(settings, dtype):
    model = make(settings).to(dtype)
    with torch.no_grad():
        for name, tensor in model.named_parameters():  # the tied head is not among them
            tensor.copy_(torch.from_numpy(values(name, list(tensor.shape), *rule(name, list(tensor.shape)))))
    return model.eval()


def batch(name, lengths, vocabulary, side="right"):
    width = max(lengths)
    ids = (words(name, np.arange(len(lengths) * width)) % np.uint64(vocabulary)).astype(np.int64).reshape(-1, width)
    place = np.arange(width)[None] + (np.array(lengths)[:, None] - width if side == "left" else 0)
    mask = ((place >= 0) & (place < np.array(lengths)[:, None])).astype(np.int64)
    return ids * mask, mask


def statistics(tensor, name):
    flat = tensor.detach().double().reshape(-1)
    return {"shape": list(tensor.shape), "mean": float(flat.mean()), "std": float(flat.std(unbiased=False)),
            "first": flat[:8].tolist(), "dot": told(tensor, name)[1]}


def without_keys(tensor, name):
    """The bias of the keys has no gradient but rounding noise: it is left out."""
    tensor = tensor.detach().clone()
    if name.endswith(".attn.c_attn.bias"):
        third = tensor.numel() // 3
        tensor[third : 2 * third] = 0
    return told(tensor, name)


def evaluate(settings, dtype, name, lengths):
    model, features = build(settings, dtype), {}
    first = [f"transformer.h.0.{part}" for part in ("ln_1", "attn", "mlp.act", "mlp")]
    blocks = [f"transformer.h.{index}" for index in range(settings["n_layer"])]
    for point in ["transformer.drop", *first, *blocks, "transformer.ln_f"]:
        def keep(_module, _inputs, output, point=point):
            features[point] = statistics(output[0] if isinstance(output, tuple) else output, point)
        model.get_submodule(point).register_forward_hook(keep)
    ids, mask = batch(f"{name}.ids", lengths, settings["vocab_size"])
    with torch.no_grad():
        logits = model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask), use_cache=False).logits
    return {"input": {"ids": f"{name}.ids", "shape": list(ids.shape), "lengths": lengths, "inputIds": ids.tolist(), "attentionMask": mask.tolist()},
            "logits": {"positions": "all", "first": logits[..., :SHOWN].tolist()}, "logitsStatistics": statistics(logits, "logits"),
            "argmax": logits.argmax(-1).tolist(), "features": features}


def greedy(settings, name, lengths):
    """With and without a cache; fails where the two differ."""
    model = build(settings, torch.float64)
    ids, mask = batch(name, lengths, settings["vocab_size"], "left")
    found = []
    for cache in (True, False):
        found.append(model.generate(torch.from_numpy(ids), attention_mask=torch.from_numpy(mask), do_sample=False, max_new_tokens=NEW_TOKENS,
                                    use_cache=cache, pad_token_id=0, return_dict_in_generate=True, output_scores=True))
    scores = torch.stack(found[0].scores, 1)
    texts = [one.sequences[:, ids.shape[1]:].tolist() for one in found]
    assert texts[0] == texts[1], "cache and no cache disagree"
    best = scores.topk(2, dim=-1).values
    return {"prompt": name, "lengths": lengths, "paddingSide": "left", "inputIds": ids.tolist(), "attentionMask": mask.tolist(),
            "generatedIds": texts[0], "topLogit": best[..., 0].tolist(), "smallestMargin": float((best[..., 0] - best[..., 1]).min())}


def lesson(settings, name, lengths):
    ids, mask = batch(f"{name}.ids", lengths, settings["vocab_size"])
    labels = np.where(mask == 1, ids, -100)
    labels[0, :3] = -100  # as for a prompt that is not learned
    told_input = {"ids": f"{name}.ids", "shape": list(ids.shape), "lengths": lengths, "inputIds": ids.tolist(), "attentionMask": mask.tolist(),
                  "labels": labels.tolist()}
    tensors = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask), "use_cache": False}

    def loss(model):
        logits = model(**tensors).logits
        target = torch.from_numpy(labels)[:, 1:].reshape(-1)
        return F.cross_entropy(logits[:, :-1].reshape(-1, logits.shape[-1]), target, ignore_index=-100), logits

    return told_input, loss


def train(settings, dtype, given):
    described, loss_of = given
    model = build(settings, dtype).train()
    loss, logits = loss_of(model)
    loss.backward()
    gradients = {name: without_keys(p.grad, name) for name, p in model.named_parameters()}
    return {"input": described, "loss": float(loss.detach()), "logitsStatistics": statistics(logits, "logits"),
            "gradientNorm": math.sqrt(sum(norm * norm for norm, _ in gradients.values())), "gradients": gradients}


def run(settings, dtype, given, plan):
    model = build(settings, dtype).train()
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(any(name.startswith(prefix) for prefix in plan["trainable"]))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    groups = []
    for group in plan["groups"]:
        chosen = [p for name, p in model.named_parameters() if any(name.startswith(x) for x in group["prefixes"])
                  and (group["tensors"] == "all" or (p.dim() > 1) == (group["tensors"] == "matrices"))]
        groups.append({"params": chosen, "lr": group["learningRate"], "weight_decay": group["weightDecay"]})
    sgd = plan["optimizer"]["type"] == "SGD"
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9) if sgd else torch.optim.AdamW(groups)
    losses, norms = [], []
    for _ in range(5):
        optimizer.zero_grad()
        loss, _logits = given[1](model)
        loss.backward()
        trained = [p for p in model.parameters() if p.requires_grad]
        norms.append(float(torch.nn.utils.clip_grad_norm_(trained, plan["clipNorm"] or math.inf)))
        losses.append(float(loss.detach()))
        optimizer.step()
    changes = {name: without_keys(p.detach() - before[name], name) for name, p in model.named_parameters() if p.requires_grad}
    return {"losses": losses, "gradientNorms": norms, "changes": changes}


def plans(layers):
    stages = [["transformer.wte.", "transformer.wpe."], *[[f"transformer.h.{i}."] for i in range(layers)], ["transformer.ln_f."]]
    last = len(stages) - 1
    sgd, adamw = {"type": "SGD", "momentum": 0.9}, {"type": "AdamW", "betas": [0.9, 0.999], "eps": 1e-8}

    def one(name, start, optimizer, rate, clip=None, halved=False):
        parts = [(prefixes, rate * 0.5 ** (last - i if halved else 0)) for i, prefixes in enumerate(stages) if i >= start]
        if not halved:
            parts = [(sum((prefixes for prefixes, _ in parts), []), rate)]
        kinds = [("all", 1e-4)] if optimizer is sgd else [("matrices", 0.01), ("vectors", 0.0)]
        groups = [{"prefixes": p, "tensors": t, "learningRate": r, "weightDecay": d} for p, r in parts for t, d in kinds]
        return {"name": name, "trainable": sum(stages[start:], []), "optimizer": optimizer, "groups": groups, "clipNorm": clip}

    return [one("head.sgd", last, sgd, 0.5), one("last.adamw.noDecay", last - 1, adamw, 1e-3), one("whole.sgd", 0, sgd, 0.05),
            one("whole.adamw.noDecay.clip", 0, adamw, 1e-3, 1.0), one("discriminative.sgd.clip", 0, sgd, 0.05, 1.0, True)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--set", nargs="*", default=[], metavar="KEY=VALUE", help="of config.json: n_embd=768 n_layer=12 …")
    parser.add_argument("--no-train", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    settings = {"vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12, "layer_norm_epsilon": 1e-5}
    settings |= {key: json.loads(value) for key, value in (item.split("=") for item in args.set)}
    wide, narrow, deviation, result = torch.float64, torch.float32, {}, {}
    lengths = [settings["n_positions"] // 3, 7]
    result["eval"] = [evaluate(settings, wide, f"{args.name}.eval", lengths)]
    result["greedy"] = [greedy(settings, f"{args.name}.prompt.{n}", [9, 5, 1][:n]) for n in (1, 3)]
    if not args.no_train:
        given = lesson(settings, f"{args.name}.train", [10, 6, 8, 3])
        trained, trained32 = (train(settings, dtype, given) for dtype in (wide, narrow))
        gradient = pairs(trained["gradients"], trained32["gradients"])
        deviation |= {"loss": abs(trained["loss"] - trained32["loss"]), "gradientNorm": gradient[0], "gradientDot": gradient[1], "runs": {}}
        result |= {"train": trained, "runs": []}
        for plan in plans(settings["n_layer"]):
            ran, ran32 = (run(settings, dtype, given, copy.deepcopy(plan)) for dtype in (wide, narrow))
            change = pairs(ran["changes"], ran32["changes"])
            deviation["runs"][plan["name"]] = {
                "loss": distance(ran["losses"], ran32["losses"]),
                "gradientNorm": distance(ran["gradientNorms"], ran32["gradientNorms"], ran["gradientNorms"]),
                "changeNorm": change[0], "changeDot": change[1]}
            result["runs"].append(plan | ran)
    tensors = [(name, list(p.shape)) for name, p in make(settings).named_parameters()]
    json.dump(compact({
        "name": args.name, "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "config": {"family": "gpt2", "class": "GPT2LMHeadModel", **settings, "activation_function": "gelu_new", "dropout": 0},
        "parameters": [{"name": n, "shape": s, "scale": rule(n, s)[0], "offset": rule(n, s)[1]} for n, s in tensors],
        "buffers": [], "tied": {"lm_head.weight": "transformer.wte.weight"}, "fp32Deviation": deviation, **result,
    }), sys.stdout, separators=(",", ":"))


if __name__ == "__main__":
    main()
