"""Makes the reference files of test/oracle that text generation is tested against.

    python tools/oracle/make_generation.py samplers test/oracle/samplers.json > again.json
    python tools/oracle/make_generation.py beams > test/oracle/beams.json
    python tools/oracle/make_generation.py self-bleu > test/oracle/self-bleu.json

`samplers` takes the logits and settings of a file and computes its results again: add a vector or a setting there to test it.
Needs torch, torchvision and numpy; `samplers` and `beams` transformers, `self-bleu` nltk.
"""

import json
import sys

import numpy as np

from make_vision import values

SHOWN = 12


def compact(value):
    return float("%.9g" % value)


def processors_of(arguments, reference):
    """The processors that transformers' own `generate` builds, in its order."""
    import torch
    import transformers

    tiny = transformers.GPT2Config(vocab_size=8, n_positions=8, n_embd=4, n_layer=1, n_head=1, bos_token_id=0, eos_token_id=0)
    counts = ("top_k", "no_repeat_ngram_size", "min_new_tokens")
    arguments = {name: value if name in counts else float(value) for name, value in arguments.items()}
    neutral = dict(temperature=1.0, top_k=0, top_p=1.0, typical_p=1.0, repetition_penalty=1.0)
    config = transformers.GenerationConfig(do_sample=True, eos_token_id=reference["eosId"], **(neutral | arguments))
    config._eos_token_tensor = torch.tensor([reference["eosId"]])
    model = transformers.GPT2LMHeadModel(tiny)
    return model._get_logits_processor(config, input_ids_seq_length=reference["promptLength"], model_kwargs={}, device="cpu")


def sampled(logits, chain, reference):
    """One result: which tokens stay and how probable they are, and whether a cut had to choose among equals."""
    import torch

    seen, scores, tie = torch.tensor([reference["previousIds"]]), torch.from_numpy(logits).double()[None], False
    for step in chain:
        left = step(seen, scores)
        if "NGram" not in type(step).__name__ and "Min" not in type(step).__name__[:4]:
            stays = torch.isfinite(left[0])
            out = torch.isfinite(scores[0]) & ~stays
            tie = tie or bool(np.intersect1d(scores[0][stays].numpy(), scores[0][out].numpy()).size)
        scores = left
    p = scores[0].softmax(-1).numpy()
    kept = np.flatnonzero(np.isfinite(scores[0].numpy()))
    direction = values("probabilities.probe", [len(p)]).astype(np.float64)
    order = sorted(kept, key=lambda i: (-p[i], i))[:SHOWN]
    some = p[p > 0]
    result = {"kept": len(kept), "ids": [int(i) for i in order], "probabilities": [compact(p[i]) for i in order],
              "dot": compact(p @ direction), "keptDot": compact(direction[kept].sum()), "entropy": compact(-(some * np.log(some)).sum())}
    return result | ({"tie": True} if tie else {})


def samplers(path):
    with open(path) as file:
        reference = json.load(file)
    vectors = {v["name"]: np.array([-np.inf if x is None else x for x in v["logits"]], np.float32) for v in reference["vectors"]}
    chains = {s["name"]: processors_of(s["arguments"], reference) for s in reference["settings"]}
    reference["results"] = [{"vector": vector, "setting": setting} | sampled(logits, chain, reference)
                            for vector, logits in vectors.items() for setting, chain in chains.items()]
    return reference


def beams():
    """Beam search over a table: the next token's logits depend on the last token alone. Entry [last, next] is hash-made."""
    import torch
    import transformers
    from transformers.modeling_outputs import CausalLMOutput

    vocabulary, end = 24, 5

    class Table(transformers.PreTrainedModel, transformers.GenerationMixin):
        config_class = transformers.PretrainedConfig

        def __init__(self, config, name):
            super().__init__(config)
            table = values(name, [vocabulary, vocabulary], 2.0)
            np.fill_diagonal(table, -4)  # or one token would follow itself for ever
            table[:, end] += 1
            self.table = torch.nn.Parameter(torch.from_numpy(table))
            self.post_init()

        def _init_weights(self, module):
            pass

        def forward(self, input_ids, **_):
            return CausalLMOutput(logits=self.table[input_ids])

    cases = []
    settings = [{"num_beams": n, "length_penalty": p} for n in (1, 2, 4, 7) for p in (0.0, 1.0, 2.0, -1.0)]
    settings += [{"num_beams": 3, "early_stopping": True}, {"num_beams": 4, "no_repeat_ngram_size": 2}, {"num_beams": 4, "repetition_penalty": 1.5},
                 {"num_beams": 4, "min_new_tokens": 8}, {"num_beams": 5, "max_new_tokens": 3}]
    for name in ("beams.a", "beams.b", "beams.c"):
        for prompt in ([1, 2], [7]):
            for setting in settings:
                table = Table(transformers.PretrainedConfig(vocab_size=vocabulary), name).eval()
                chosen = {"max_new_tokens": 12, "length_penalty": 1.0} | setting
                arguments = dict(do_sample=False, eos_token_id=end, pad_token_id=23, use_cache=False, return_dict_in_generate=True, output_scores=True,
                                 num_return_sequences=setting["num_beams"])
                found = table.generate(torch.tensor([prompt]), generation_config=transformers.GenerationConfig(**arguments, **chosen))
                texts = [row[len(prompt):].tolist() for row in found.sequences]
                texts = [text[:text.index(end) + 1] if end in text else text for text in texts]
                scores = [compact(x) for x in found.sequences_scores] if setting["num_beams"] > 1 else None
                cases.append({"table": name, "prompt": prompt, "arguments": chosen, "texts": texts, "scores": scores})
    return {"made": f"transformers {transformers.__version__}, torch {torch.__version__}, float32", "vocabulary": vocabulary, "endTokenId": end,
            "table": "hash-made, vocabulary x vocabulary, row: last token, scale 2; diagonal -4; column of the end token plus 1", "cases": cases}


def self_bleu():
    """Zhu et al. (2018): BLEU of every text with all others as references, averaged, smoothed as in Texygen (method 1)."""
    import nltk
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

    texts = ["the cat sat on the mat and looked at the dog", "the cat sat on the mat and looked at the bird", "a dog ran over the wet grass",
             "the the the the the", "it rained all day and the cat sat on the sofa", "yes it did"]
    groups = {"six": texts, "equal": [texts[0]] * 3, "two": texts[:2], "unlike": [texts[2], "yes it did not"], "short": ["yes", "yes it", "no"]}
    cases = []
    for name, group in groups.items():
        rows = [text.split() for text in group]
        for order in (2, 3, 4):
            each = [sentence_bleu(rows[:i] + rows[i + 1:], row, [1 / order] * order, SmoothingFunction().method1) for i, row in enumerate(rows)]
            cases.append({"group": name, "order": order, "each": [compact(x) for x in each], "selfBleu": compact(sum(each) / len(each))})
    return {"made": f"nltk {nltk.__version__}: sentence_bleu, SmoothingFunction().method1, words split at spaces", "groups": groups, "cases": cases}


if __name__ == "__main__":
    made = {"samplers": samplers, "beams": beams, "self-bleu": self_bleu}[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(made, separators=(",", ":")))
