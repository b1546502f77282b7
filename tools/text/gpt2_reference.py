"""Write src/training/generation/gpt2-narrow.json: what transformers makes of the embedded GPT-2.

    python tools/text/gpt2_reference.py

Greedy texts, where no choice is closer than MARGIN, and the log-probabilities of the tokens of a text.
"""

import json

import torch
import transformers
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from tokenizer_reference import ROOT

FOLDER = ROOT / 'media/models/gpt2-narrow'
PROMPTS = ['The President of the United States', 'She had been', 'Mr. Darcy — “café”', 'CHAPTER I\n\nIn']
TEXT = 'It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.'
NEW_TOKENS = 40
MARGIN = 0.01


def network() -> transformers.GPT2LMHeadModel:
    config = transformers.GPT2Config(**json.loads((FOLDER / 'config.json').read_text()))
    config._attn_implementation = 'eager'
    model = transformers.GPT2LMHeadModel(config).double().eval()
    stored = load_file(FOLDER / 'model.safetensors')
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = torch.from_numpy(stored[name]).float()
            scales = stored.get(f'{name}.scale')
            if scales is not None:  # 8-bit rows, each with its own scale
                values = values * torch.from_numpy(scales).float()[:, None]
            parameter.copy_(values)
    return model


def main() -> None:
    model, tokenizer = network(), Tokenizer.from_file(str(FOLDER / 'tokenizer.json'))
    end = model.config.eos_token_id
    greedy = []
    for prompt in PROMPTS:
        ids = torch.tensor([tokenizer.encode(prompt).ids or [end]])
        found = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW_TOKENS, pad_token_id=end,
                               return_dict_in_generate=True, output_scores=True)
        best = torch.stack(found.scores, 1).topk(2, dim=-1).values[0]
        close = torch.nonzero(best[:, 0] - best[:, 1] < MARGIN).flatten().tolist()
        count = close[0] if close else len(best)
        tokens = found.sequences[0, ids.shape[1]:].tolist()[:count]
        greedy.append({'prompt': prompt, 'tokens': tokens, 'text': tokenizer.decode(tokens)})
    ids = tokenizer.encode(TEXT).ids
    with torch.no_grad():
        logs = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    scores = [float(logs[at, token]) for at, token in enumerate(ids[1:])]
    content = {'made': f'transformers {transformers.__version__}, torch {torch.__version__}, float64', 'greedy': greedy,
               'text': TEXT, 'logProbabilities': [round(score, 6) for score in scores]}
    (ROOT / 'src/training/generation/gpt2-narrow.json').write_text(json.dumps(content, ensure_ascii=False, indent=1) + '\n')


if __name__ == '__main__':
    main()
