"""Build media/data/{sentiment-sentences,brown,moby-dick}: the sets, their splits and what their cards count.

    python tools/text/datasets.py

Seeded: the same packages give the same bytes.
"""

import collections
import csv
import json
import math
import random
import re
import shutil
from pathlib import Path

from sources import folder_of
from texts import BROWN_GENRES, brown_documents, brown_sentences, joined_words, moby_dick, normalised

DATA = Path(__file__).resolve().parents[2] / 'media' / 'data'


def write_rows(path: Path, rows: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(json.dumps(row, ensure_ascii=False) + '\n' for row in rows), encoding='utf-8', newline='\n')


# Sentiment


def sentences(source: str, seen: set[str]) -> list[dict]:
    """One source in its order, without empty sentences and without those that another had already, whatever their
    punctuation. Bytes 0x80 to 0x9f, left over from Windows-1252 dashes, become spaces: BERT would glue the words."""
    rows = []
    path = folder_of('sentiment') / 'package' / 'test' / 'fixtures' / f'{source}.json'
    for item in json.loads(path.read_text(encoding='utf-8')):
        key = re.sub('[^a-z0-9]+', ' ', item['text'].lower()).strip()
        if key and key not in seen:
            seen.add(key)
            text = re.sub(r'\s+', ' ', re.sub('[\x80-\x9f]', ' ', item['text'])).strip()
            rows.append({'text': text, 'label': ['negative', 'positive'][int(item['class'])], 'source': source})
    return rows


def sentiment_split(by_block: bool, size: int = 20) -> dict[str, list[dict]]:
    """2,000 / 460 / 500. By block, 20 neighbouring sentences stay together, because neighbours are of one review;
    the blocks of a source are drawn again until test and validation are half positive, within 2 in 100."""
    rng, seen = random.Random(0), set()
    parts: dict[str, list[dict]] = {'train': [], 'val': [], 'test': []}

    def positive(blocks: list[list[dict]]) -> float:
        rows = [row for block in blocks for row in block]
        return sum(row['label'] == 'positive' for row in rows) / len(rows)

    for source, tests, vals in (('imdb', 8, 8), ('yelp', 8, 8), ('amazon', 9, 7)):
        rows = sentences(source, seen)
        if not by_block:
            rng.shuffle(rows)
        blocks = [rows[i : i + size] for i in range(0, len(rows), size)]
        full = [block for block in blocks if len(block) == size]
        rest = [block for block in blocks if len(block) < size]
        while True:
            rng.shuffle(full)
            test, val = full[:tests], full[tests : tests + vals]
            if abs(positive(test) - 0.5) < 0.02 and abs(positive(val) - 0.5) < 0.02:
                break
        parts['test'] += sum(test, [])
        parts['val'] += sum(val, [])
        parts['train'] += sum(full[tests + vals :] + rest, [])
    rng.shuffle(parts['train'])
    parts['train'] = parts['train'][:2000]
    return parts


def build_sentiment() -> None:
    folder = DATA / 'sentiment-sentences'
    for name, by_block in (('.', True), ('random-split', False)):
        for part, rows in sentiment_split(by_block).items():
            write_rows(folder / name / f'{part}.jsonl', rows)
            print(f'sentiment-sentences/{name} {part}: {len(rows)}', dict(collections.Counter(row['label'] for row in rows)))


# Brown

CLASS_OF_GENRE = {
    'news': 'press', 'editorial': 'press', 'reviews': 'press', 'learned': 'learned', 'government': 'government',
    'fiction': 'fiction', 'mystery': 'fiction', 'adventure': 'fiction', 'romance': 'fiction', 'science_fiction': 'fiction',
}
CLASSES = ['press', 'learned', 'government', 'fiction']
UNIVERSAL = (
    ('NOUN', ('nn', 'np', 'nr', 'nps', 'nns')), ('VERB', ('vb', 'be', 'hv', 'do', 'md')), ('ADJ', ('jj', 'ap', 'od')),
    ('ADV', ('rb', 'ql', 'wrb', 'wql', 'rn')), ('PRON', ('pp', 'pn', 'wp', 'ex')), ('DET', ('at', 'dt', 'ab', 'wdt')),
    ('ADP', ('in',)), ('CONJ', ('cc', 'cs')), ('NUM', ('cd',)), ('PRT', ('rp', 'to')), ('X', ('uh', 'nil')),
)


def universal_tag(tag: str) -> str:
    """One of 12 classes (Petrov et al. 2012) for a Brown tag, which may carry -tl -hl -nc, *, $ or a second tag."""
    first = tag.split('+')[0]
    if first.startswith('fw-'):
        return 'X'
    stem = re.sub(r'-(tl|hl|nc|t)(-.*)?$', '', first).rstrip('*$') or tag
    for universal, prefixes in UNIVERSAL:
        if stem.startswith(prefixes):
            return universal
    return 'ADV' if tag.startswith('*') else '.' if not stem[:1].isalpha() else 'X'


def name_tags(tags: list[str]) -> list[str]:
    """IOB2: a run of proper-noun tags (np...) is one name."""
    result, inside = [], False
    for tag in tags:
        is_name = re.match(r'(fw-)?np', tag) is not None
        result.append('O' if not is_name else 'I-NAME' if inside else 'B-NAME')
        inside = is_name
    return result


def brown_pieces(min_words: int = 25) -> dict[str, dict[str, list[dict]]]:
    """class -> document -> pieces; neighbouring sentences join until a piece has `min_words`."""
    pieces: dict[str, dict[str, list[dict]]] = collections.defaultdict(lambda: collections.defaultdict(list))
    for document in brown_documents():
        genre = BROWN_GENRES[document[1]]
        if genre not in CLASS_OF_GENRE:
            continue
        current: list[tuple[str, str]] = []
        for sentence in brown_sentences(document):
            current += sentence
            if len(current) >= min_words:
                words, tags = [word for word, _ in current], [tag for _, tag in current]
                pieces[CLASS_OF_GENRE[genre]][document].append({
                    'text': joined_words(words), 'label': CLASS_OF_GENRE[genre], 'genre': genre, 'document': document,
                    'words': [word.replace('``', '"').replace("''", '"') for word in words],
                    'names': name_tags(tags), 'pos': [universal_tag(tag) for tag in tags],
                })
                current = []
    return pieces


def brown_split(per_document: int = 8) -> dict[str, list[dict]]:
    """Documents are dealt to train, val and test (55 / 15 / 30 in 100) in each class before any piece is taken."""
    rng, pieces = random.Random(0), brown_pieces()
    per_class = {'train': 320, 'val': 25, 'test': 100}
    parts: dict[str, list[dict]] = {'train': [], 'val': [], 'test': []}
    for label in CLASSES:
        documents = sorted(pieces[label])
        rng.shuffle(documents)
        tests, vals = round(0.3 * len(documents)), round(0.45 * len(documents))
        for part, chosen in (('test', documents[:tests]), ('val', documents[tests:vals]), ('train', documents[vals:])):
            cap = max(per_document, math.ceil(per_class[part] / len(chosen)))
            taken: list[dict] = []
            for document in chosen:
                taken += rng.sample(pieces[label][document], min(cap, len(pieces[label][document])))
            rng.shuffle(taken)
            parts[part] += taken[: per_class[part]]
    for rows in parts.values():
        rng.shuffle(rows)
    return parts


def build_brown() -> None:
    folder = DATA / 'brown'
    for part, rows in brown_split().items():
        write_rows(folder / f'{part}.jsonl', rows)
        words = sum(len(row['words']) for row in rows)
        names = sum(tag == 'B-NAME' for row in rows for tag in row['names'])
        print(f"brown {part}: {len(rows)} pieces of {len({row['document'] for row in rows})} documents, {words:,} words, {names} names")
    shutil.copyfile(folder_of('brown') / 'package' / 'README', folder / 'BROWN-CORPUS-README.txt')


# Moby-Dick


def build_moby_dick() -> None:
    """Chapters whose number ends in 0 are the test, in 5 validation; the epilogue is training."""
    folder = DATA / 'moby-dick'
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, list[str]] = {'train': [], 'val': [], 'test': []}
    index = []
    for name, text in moby_dick():
        number = name.removeprefix('chapter_')
        part = {'0': 'test', '5': 'val'}.get(number[-1], 'train')
        parts[part].append(text)
        index.append([name, part, len(text.split()), len(normalised(text))])
    for part, texts in parts.items():
        (folder / f'{part}.txt').write_text('\n\n\n'.join(texts) + '\n', encoding='utf-8', newline='\n')
        print(f"moby-dick {part}: {len(texts)} chapters, {sum(len(text.split()) for text in texts):,} words")
    with (folder / 'chapters.csv').open('w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['chapter', 'split', 'words', 'lettersAndDigits'])
        writer.writerows(index)


if __name__ == '__main__':
    build_sentiment()
    build_brown()
    build_moby_dick()
