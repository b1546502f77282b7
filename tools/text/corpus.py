"""Build the pretraining corpus of gpt2-narrow and train its tokenizer.

Documents: State of the Union addresses, the Brown corpus, Jane Austen's novels by chapter, and 60,000 WordNet glosses
in documents of 100. One document in 25 is held out, the same for each source. Moby-Dick stays out, for fine-tuning:
this script stops if any run of twelve words is shared with it, other than runs that it prints and drops.

    python tools/text/corpus.py

Writes to the cache: corpus/{train,heldout}.jsonl, documents.csv, tokenizer/{vocab.json,merges.txt}, tokens.npz.
"""

import csv
import hashlib
import json
import random
import re

import numpy as np
from tokenizers import ByteLevelBPETokenizer

from sources import CACHE
from texts import austen, brown, moby_dick, normalised, state_of_the_union, wordnet_glosses

VOCABULARY = 4096
END_OF_TEXT = '<|endoftext|>'
FOLDER = CACHE / 'corpus'


def glosses() -> list[tuple[str, str]]:
    lines = list(wordnet_glosses())
    random.Random(0).shuffle(lines)
    lines = lines[:60_000]
    return [(f'glosses-{i // 100}', '\n'.join(lines[i : i + 100])) for i in range(0, len(lines), 100)]


def word_runs(text: str, length: int = 12) -> set[str]:
    words = re.findall(r'[a-z]+', text.lower())
    return {' '.join(words[i : i + length]) for i in range(len(words) - length + 1)}


def split(documents: dict[str, list[tuple[str, str]]]) -> list[dict]:
    """Holds out one document in 25 of each source."""
    rows = []
    for source, texts in documents.items():
        order = list(range(len(texts)))
        random.Random(f'heldout {source}').shuffle(order)
        heldout = set(order[: round(len(texts) / 25)])
        rows += [
            {'source': source, 'name': name, 'split': 'heldout' if i in heldout else 'train', 'text': text}
            for i, (name, text) in enumerate(texts)
        ]
    random.Random('order').shuffle(rows)
    return rows


def refuse_fine_tuning_text(rows: list[dict]) -> None:
    hidden = word_runs('\n'.join(text for _, text in moby_dick()))
    for row in rows:
        shared = hidden & word_runs(row['text'])
        if shared:
            raise SystemExit(f"{row['source']} {row['name']} shares words with Moby-Dick: {sorted(shared)[:3]}")


def train_tokenizer(texts: list[str]) -> ByteLevelBPETokenizer:
    """GPT-2's byte-level BPE; the end of text is the last entry, as in GPT-2's own vocabulary."""
    tokenizer = ByteLevelBPETokenizer()
    tokenizer.train_from_iterator(texts, vocab_size=VOCABULARY - 1, show_progress=False)
    folder = CACHE / 'tokenizer'
    folder.mkdir(exist_ok=True)
    tokenizer.save_model(str(folder))
    vocabulary = json.loads((folder / 'vocab.json').read_text(encoding='utf-8'))
    vocabulary[END_OF_TEXT] = len(vocabulary)
    (folder / 'vocab.json').write_text(json.dumps(vocabulary, ensure_ascii=False), encoding='utf-8')
    return tokenizer


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = split({
        'sotu': list(state_of_the_union()), 'brown': list(brown()), 'austen': list(austen()), 'wordnet': glosses(),
    })
    refuse_fine_tuning_text(rows)
    with (FOLDER / 'documents.csv').open('w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['source', 'name', 'split', 'bytes', 'sha256Normalised'])
        for row in sorted(rows, key=lambda row: (row['source'], row['name'])):
            digest = hashlib.sha256(normalised(row['text']).encode()).hexdigest()[:16]
            writer.writerow([row['source'], row['name'], row['split'], len(row['text'].encode()), digest])

    tokenizer = train_tokenizer([row['text'] for row in rows if row['split'] == 'train'])
    end = VOCABULARY - 1
    arrays: dict[str, np.ndarray] = {}
    for part in ('train', 'heldout'):
        of_part = [row for row in rows if row['split'] == part]
        (FOLDER / f'{part}.jsonl').write_text(''.join(json.dumps(row) + '\n' for row in of_part))
        encodings = tokenizer.encode_batch([row['text'] for row in of_part])
        arrays[part] = np.array([token for item in encodings for token in [end, *item.ids]], dtype=np.uint16)
        for source in ('sotu', 'brown', 'austen', 'wordnet'):
            chosen = [(row, item) for row, item in zip(of_part, encodings) if row['source'] == source]
            arrays[f'{part}:{source}'] = np.array([t for _, item in chosen for t in [end, *item.ids]], dtype=np.uint16)
            arrays[f'{part}:{source}:bytes'] = np.array(sum(len(row['text'].encode()) for row, _ in chosen))
            print(f"{part} {source}: {len(chosen)} documents, {arrays[f'{part}:{source}:bytes'] / 1e6:.2f} MB, {len(arrays[f'{part}:{source}']):,} tokens")
        arrays[f'{part}:bytes'] = np.array(sum(len(row['text'].encode()) for row in of_part))
    np.savez(FOLDER / 'tokens.npz', **arrays)


if __name__ == '__main__':
    main()
