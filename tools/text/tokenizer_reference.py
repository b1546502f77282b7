"""Write src/training/tokenizing/reference.json: what Hugging Face's own tokenizer makes of awkward texts.

    python tools/text/tokenizer_reference.py

The tokenizer is media/models/minilm-l6/tokenizer.json. Offsets count UTF-16 units, as JavaScript's strings do; Python counts characters.
"""

import hashlib
import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parents[2]

TEXTS = [
    'Hello, world!',
    'The tokenization of unbelievable words isn\'t straightforward.',
    '',
    '   ',
    '\t two\n lines\r\n and   spaces ',
    'naïve café, Zürich, São Paulo, crème brûlée',
    'decomposed: cafe\u0301 and n\u0303',
    'ΟΔΥΣΣΕΥΣ Οδυσσεύς ΣΑΣ',
    'İstanbul straße ŒUVRE ﬁne',
    '野口里佳 Noguchi Rika 漢字かな交じり文',
    'supplement \U00020000\U0002A6D6 a\U00020001b compat 豈',
    '한국어 문장입니다.',
    'हिन्दी में लिखा हुआ',
    'مرحبا بالعالم',
    'emoji 😀 glued😀together 👩‍👩‍👧‍👦 🇩🇪 ❤️ 🥰',
    'x' * 100,
    'x' * 101,
    'ok ' + 'pneumonoultramicroscopicsilicovolcanoconiosis' * 3 + ' end',
    'unbelievably\u00adhyphenated zero\u200bwidth joi\u200dner bidi \u202etxet\u202c',
    'nul\u0000bell\u0007escape\u001b[31mdelete\u007f',
    'is\u0085was from\u0096Windows vertical\u000btab form\u000cfeed',
    'no\u00a0break thin\u2009space ideographic\u3000space line\u2028separator',
    'replacement \ufffd sign \ufeffmark',
    'say [SEP] and [MASK] in a text [CLS][PAD] [sep]',
    '#hashtag ##ing @user $5.99 50% a+b=c <br /> &amp; ``quoted\'\' “curly” — dash … ¿qué?',
    'http://example.org/path?x=1&y=2#z e-mail@example.org',
    '1,234.5678 1/2 ½ ² №',
    'a' + '\u0301' * 50 + ' zalgo z̸̢a̵l̶g̷o',
    '中' * 5 + 'abc' + '文',
    'private \ue000 use tag\U000e0041s',
]
PAIRS = [
    ('Who wrote it?', 'Herman Melville wrote Moby-Dick.'),
    ('One two three four five six seven eight nine ten', 'short'),
    ('short', 'One two three four five six seven eight nine ten'),
    ('One two three four five six seven eight nine ten', 'eleven twelve thirteen fourteen fifteen sixteen seventeen'),
    ('', 'The first is empty.'),
]
WORDS = [
    ['New', 'York', "isn't", 'Zürich', ',', 'unbelievable', '—', '😀'],
    ['a', '', '\u200b', 'b c', '1-1/2', '[SEP]'],
]
DATA = ['sentiment-sentences/train.jsonl', 'brown/test.jsonl']
LENGTHS = [5, 8, 9, 12, 16]


def utf16(text: str, position: int) -> int:
    return len(text[:position].encode('utf-16-le')) // 2


def told(encoding, texts) -> dict:
    """texts: one string for each sequence, or a list of words for word-wise input."""

    def units(index: int) -> list[int]:
        start, end = encoding.offsets[index]
        sequence = encoding.sequence_ids[index]
        if sequence is None:
            return [0, 0]
        source = texts[sequence]
        if isinstance(source, list):
            source = source[encoding.word_ids[index]]
        return [utf16(source, start), utf16(source, end)]

    return {
        'ids': encoding.ids,
        'typeIds': encoding.type_ids,
        'wordIds': encoding.word_ids,
        'offsets': [units(index) for index in range(len(encoding.ids))],
    }


def digest(tokenizer, name: str) -> dict:
    lines = (ROOT / 'media/data' / name).read_text(encoding='utf-8').splitlines()
    ids = [tokenizer.encode(json.loads(line)['text']).ids for line in lines]
    text = '\n'.join(' '.join(map(str, row)) for row in ids)
    return {'file': name, 'tokens': sum(map(len, ids)), 'sha256': hashlib.sha256(text.encode()).hexdigest()}


def main() -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / 'media/models/minilm-l6/tokenizer.json'))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    plain = [{'text': text, **told(tokenizer.encode(text), [text])} for text in TEXTS]
    pairs = [{'text': a, 'pair': b, **told(tokenizer.encode(a, b), [a, b])} for a, b in PAIRS]
    words = [{'words': w, **told(tokenizer.encode(w, is_pretokenized=True), [w])} for w in WORDS]
    data = [digest(tokenizer, name) for name in DATA]
    cut = []
    for length in LENGTHS:
        tokenizer.enable_truncation(length)
        cut += [{'maxLength': length, 'text': TEXTS[1], 'ids': tokenizer.encode(TEXTS[1]).ids}]
        cut += [{'maxLength': length, 'text': a, 'pair': b, 'ids': tokenizer.encode(a, b).ids} for a, b in PAIRS]
    file = ROOT / 'src/training/tokenizing/reference.json'
    content = {
        'tokenizers': tokenizers.__version__,
        'tokenizer': 'minilm-l6',
        'texts': plain,
        'pairs': pairs,
        'words': words,
        'cut': cut,
        'data': data,
    }
    file.write_text(json.dumps(content) + '\n')


if __name__ == '__main__':
    main()
