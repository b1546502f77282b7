"""Write src/training/tokenizing/byte-level-reference.json: what Hugging Face's own tokenizer makes of awkward texts.

    python tools/text/byte_level_reference.py

The tokenizer is media/models/gpt2-narrow/tokenizer.json.
"""

import hashlib
import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer

from tokenizer_reference import ROOT, TEXTS

MORE = [
    "It's they're I'd we'll you've I'm don't 'S 'LL ’s",
    'a  b   c \n\n d\t\te \r\n',
    ' leading and trailing ',
    'line one\nline two\n\n\nline three',
    '3.14159 10,000,000 0x1F 2nd ⅷ ٣',
    'x<|endoftext|>y <|endoftext|><|endoftext|> <|endoftext',
    'tabs\u00a0no-break\u2003em\u3000wide\u0085next\ufeffmark\u200bzero\u1680ogham\u180emongol',
    '\ufeffbyte order mark first',
    'é e\u0301 ñ Ω \U0001f469\U0001f3fd\u200d\U0001f680 \U0001f3f4\U000e0067\U000e007f',
    'def f(x):\n    return x**2  # squared\n',
    '\u0000\u0001\u001b[0m\u007f',
]
DATA = ['sentiment-sentences/train.jsonl', 'brown/test.jsonl']
# Ids that cut characters in two: every byte token alone, in runs that are no UTF-8.
BROKEN = [[0xE2], [0xE2, 0x82], [0xE2, 0x82, 0xAC], [0x80], [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F, 0x41], [0xC0, 0x80], [0xED, 0xA0, 0x80],
          [0x41, 0xE2, 0x28, 0xA1], [0xEF, 0xBB, 0xBF, 0x41], [0xFF, 0xFE]]


def symbols():
    keep = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in keep else chr(next(others)) for byte in range(256)]


def main() -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / 'media/models/gpt2-narrow/tokenizer.json'))
    table = symbols()
    texts = []
    for text in [*TEXTS, *MORE]:
        ids = tokenizer.encode(text).ids
        texts.append({'text': text, 'ids': ids, 'decoded': tokenizer.decode(ids)})
    data = []
    for name in DATA:
        rows = [json.loads(line)['text'] for line in (ROOT / 'media/data' / name).read_text(encoding='utf-8').splitlines()]
        ids = [tokenizer.encode(row).ids for row in rows]
        written = '\n'.join(' '.join(map(str, row)) for row in ids)
        data.append({'file': name, 'tokens': sum(map(len, ids)), 'sha256': hashlib.sha256(written.encode()).hexdigest()})
    broken = []
    for run in BROKEN:
        ids = [tokenizer.token_to_id(table[byte]) for byte in run]
        broken.append({'ids': ids, 'decoded': tokenizer.decode(ids)})
    content = {'tokenizers': tokenizers.__version__, 'tokenizer': 'gpt2-narrow', 'texts': texts, 'broken': broken, 'data': data}
    (ROOT / 'src/training/tokenizing/byte-level-reference.json').write_text(json.dumps(content) + '\n')


if __name__ == '__main__':
    main()
