"""Export a pretrained network to media/models/gpt2-narrow, with its scores and 20 samples.

    python tools/text/export.py --run out/gpt2

Writes model.safetensors (8-bit rows, see minilm.py; --float16 for what transformers reads), config.json, vocab.json, merges.txt, tokenizer.json, tokenizer_config.json, curve.csv,
documents.csv and card.json, and puts the samples into README.md between its two marks. With --float16 it checks that
transformers' GPT2LMHeadModel loads the folder and gives the same logits.
"""

import argparse
import json
import re
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import ByteLevelBPETokenizer, Tokenizer

from bert import dequantised
from corpus import END_OF_TEXT
from gpt2 import GPT2, Config
from minilm import int8_rows
from pretrain import bits_per_byte
from sources import CACHE

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / 'media' / 'models' / 'gpt2-narrow'
SOURCES = ('sotu', 'brown', 'austen', 'wordnet')


def write_tokenizer() -> Tokenizer:
    for name in ('vocab.json', 'merges.txt'):
        shutil.copyfile(CACHE / 'tokenizer' / name, FOLDER / name)
    tokenizer = ByteLevelBPETokenizer(str(FOLDER / 'vocab.json'), str(FOLDER / 'merges.txt'))
    tokenizer.add_special_tokens([END_OF_TEXT])
    tokenizer.save(str(FOLDER / 'tokenizer.json'), pretty=False)
    settings = {'tokenizer_class': 'GPT2Tokenizer', 'model_max_length': Config().n_positions, 'add_prefix_space': False,
                'bos_token': END_OF_TEXT, 'eos_token': END_OF_TEXT, 'unk_token': END_OF_TEXT}
    (FOLDER / 'tokenizer_config.json').write_text(json.dumps(settings, indent=2) + '\n')
    return Tokenizer.from_file(str(FOLDER / 'tokenizer.json'))


@torch.no_grad()
def sample(model: GPT2, seed: int, count: int = 80, temperature: float = 0.8, top_p: float = 0.9) -> list[int]:
    """Tokens that follow the end of a text, by nucleus sampling."""
    generator = torch.Generator().manual_seed(seed)
    tokens = [model.config.vocab_size - 1]
    for _ in range(count):
        logits = model(torch.tensor([tokens[-model.config.n_positions :]]))[0, -1] / temperature
        probabilities, order = logits.softmax(-1).sort(descending=True)
        probabilities[probabilities.cumsum(-1) - probabilities > top_p] = 0
        tokens.append(int(order[torch.multinomial(probabilities, 1, generator=generator)]))
    return tokens[1:]


def moby_dick_bits(model: GPT2, tokenizer: Tokenizer) -> float:
    text = (ROOT / 'media' / 'data' / 'moby-dick' / 'test.txt').read_text(encoding='utf-8')
    ids = [token for part in text.split('\n\n\n') for token in [model.config.vocab_size - 1, *tokenizer.encode(part).ids]]
    return bits_per_byte(model, np.array(ids), len(text.encode()), 'cpu')


def check_against_transformers(model: GPT2) -> None:
    from transformers import GPT2LMHeadModel, GPT2Tokenizer

    reference = GPT2LMHeadModel.from_pretrained(FOLDER, dtype=torch.float32).eval()
    text = 'The people of the country said, "We don\'t know."\n\nCafé?'
    ids = GPT2Tokenizer.from_pretrained(FOLDER)(text)['input_ids']
    assert ids == Tokenizer.from_file(str(FOLDER / 'tokenizer.json')).encode(text).ids, 'the tokenizers differ'
    with torch.no_grad():
        worst = (reference(torch.tensor([ids])).logits - model(torch.tensor([ids]))).abs().max().item()
    print(f'against transformers: worst difference of a logit {worst:.1e}')
    if worst > 1e-3:
        raise SystemExit('transformers computes other logits from this folder.')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('--run', type=Path, required=True)
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--float16', action='store_true')
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    saved = torch.load(options.run / 'checkpoint.pt', map_location='cpu', weights_only=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    # A training state has no copy of the head: it is the token table.
    tensors = {}
    for name, value in saved['model'].items():
        if value.dim() == 2 and not options.float16:
            tensors[name], tensors[f'{name}.scale'] = int8_rows(value)
        else:
            tensors[name] = value.half().contiguous()
    save_file(tensors, FOLDER / 'model.safetensors', {'format': 'pt'})
    config = Config()
    (FOLDER / 'config.json').write_text(json.dumps({**config.as_json(), 'torch_dtype': 'float16' if options.float16 else 'float32'}, indent=2) + '\n')
    tokenizer = write_tokenizer()
    shutil.copyfile(options.run / 'curve.csv', FOLDER / 'curve.csv')
    shutil.copyfile(CACHE / 'corpus' / 'documents.csv', FOLDER / 'documents.csv')

    model = GPT2(config)
    model.load_state_dict(dequantised(FOLDER / 'model.safetensors'), strict=True)
    model.eval()
    if options.float16:
        check_against_transformers(model)

    arrays = np.load(CACHE / 'corpus' / 'tokens.npz')
    size = {source: int(arrays[f'heldout:{source}:bytes']) for source in SOURCES}
    by_source = {source: bits_per_byte(model, arrays[f'heldout:{source}'], size[source], 'cpu') for source in SOURCES}
    bits = {
        'held-out documents': sum(by_source[source] * size[source] for source in SOURCES) / sum(size.values()),
        **{f'held-out documents, {source}': by_source[source] for source in SOURCES},
    }
    bits['moby-dick test, before fine-tuning'] = moby_dick_bits(model, tokenizer)
    command = 'python tools/text/export.py --run out/gpt2'
    parameters = sum(value.numel() for value in model.parameters())
    card = {
        'name': 'gpt2-narrow', 'kind': 'language model',
        'summary': f'A small GPT-2 ({config.n_layer} layers, {config.n_embd} wide, 4,096 tokens, context 256), pretrained on American prose and Jane Austen',
        'license': 'public domain sources, Brown corpus (redistribution permitted) AND WordNet 3.0 license', 'parameters': parameters,
        'scores': [{'on': on, 'what': 'bits per byte (less is better)', 'mean': round(value, 3), 'command': command} for on, value in bits.items()],
        'source': command,
    }
    (FOLDER / 'card.json').write_text(json.dumps(card, indent=2) + '\n')
    for on, value in bits.items():
        print(f'{on}: {value:.3f} bits per byte')
    print(f"{parameters:,} parameters, {saved['step']:,} steps, {saved['tokens']:,} tokens, {saved['seconds'] / 3600:.2f} hours, "
          f"perplexity of a token {2 ** (bits['held-out documents'] * arrays['heldout:bytes'] / len(arrays['heldout'])):.1f}")

    texts = [tokenizer.decode(sample(model, seed)).strip() for seed in range(1, 21)]
    listed = '\n'.join(f'{seed}. ' + re.sub(r'\s*\n\s*', ' / ', text).replace('*', r'\*') for seed, text in enumerate(texts, 1))
    readme = FOLDER / 'README.md'
    if readme.exists():
        before, rest = readme.read_text(encoding='utf-8').split('<!-- samples -->\n', 1)
        after = rest.split('<!-- end of samples -->', 1)[1]
        readme.write_text(f'{before}<!-- samples -->\n{listed}\n<!-- end of samples -->{after}', encoding='utf-8', newline='\n')
    else:
        print(listed)


if __name__ == '__main__':
    main()
