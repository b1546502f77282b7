"""The texts of the pinned packages as plain documents: (name, text) pairs in a fixed order."""

import re
import struct
import zlib
from typing import Iterator

from sources import folder_of

Document = tuple[str, str]

BROWN_GENRES = {
    'a': 'news', 'b': 'editorial', 'c': 'reviews', 'd': 'religion', 'e': 'hobbies', 'f': 'lore', 'g': 'belles_lettres',
    'h': 'government', 'j': 'learned', 'k': 'fiction', 'l': 'mystery', 'm': 'science_fiction', 'n': 'adventure',
    'p': 'romance', 'r': 'humor',
}


def normalised(text: str) -> str:
    """Lower-case letters and digits only: what two texts share, whatever their typography."""
    return re.sub(r'[^a-z0-9]', '', text.lower())


def joined_words(words: list[str]) -> str:
    """Tokens as running text: quotes and brackets close up, punctuation joins the word before it."""
    text, quote_open = '', False
    glue = True  # whether the next token follows without a space
    for word in words:
        if word in ('``', "''", '"'):
            opens = word == '``' or (word == '"' and not quote_open)
            text += ' "' if opens and not glue else '"'
            quote_open, glue = opens, opens
            continue
        closes = re.fullmatch(r'[,.;:!?)\]]+', word) is not None
        text += word if glue or closes else f' {word}'
        glue = word in ('(', '[')
    return text


def brown_sentences(document: str) -> list[list[tuple[str, str]]]:
    """Sentences of (word, tag) of one Brown file. The last slash splits: 207 words contain one, such as 1-1/2."""
    lines = (folder_of('brown') / 'package' / document).read_text(encoding='utf-8').splitlines()
    sentences = []
    for line in lines:
        tokens = [tuple(token.rsplit('/', 1)) for token in line.split()]
        if tokens:
            sentences.append(tokens)
    return sentences


def brown_documents() -> list[str]:
    return sorted(path.name for path in (folder_of('brown') / 'package').glob('c[a-r][0-9][0-9]'))


def brown() -> Iterator[Document]:
    for name in brown_documents():
        yield name, '\n'.join(joined_words([word for word, _ in sentence]) for sentence in brown_sentences(name))


def state_of_the_union() -> Iterator[Document]:
    for path in sorted((folder_of('sotu') / 'package' / 'data').glob('[12]*.txt')):
        yield path.stem, re.sub(r'[ \t]+', ' ', path.read_text(encoding='utf-8')).strip()


def r_strings(serialised: bytes) -> list[str]:
    """The character vector in R's serialisation (XDR, version 3): after the encoding's name, a type word, the
    length, then for each string a type word, its length (-1 is missing) and its bytes."""
    encoding_length = struct.unpack_from('>i', serialised, 14)[0]
    position = 18 + encoding_length
    type_word, count = struct.unpack_from('>ii', serialised, position)
    assert serialised[:2] == b'X\n' and type_word & 0xFF == 16, 'not a character vector'
    position += 8
    strings = []
    for _ in range(count):
        length = struct.unpack_from('>i', serialised, position + 4)[0]
        position += 8
        strings.append(serialised[position : position + max(length, 0)].decode('utf-8'))
        position += max(length, 0)
    return strings


def austen() -> Iterator[Document]:
    """Chapters of the six novels. R keeps a package's data as zlib blocks, each after its length in four bytes."""
    data = (folder_of('austen') / 'usr/lib/R/site-library/janeaustenr/data/Rdata.rdb').read_bytes()
    position = 0
    while position < len(data):
        block = zlib.decompressobj()
        lines = r_strings(block.decompress(data[position + 4 :]))
        position = len(data) - len(block.unused_data)
        book = lines[0].strip().lower().replace(' ', '-')
        for number, chapter in enumerate(re.split(r'\n(?=chapter )', '\n'.join(lines), flags=re.IGNORECASE)):
            yield f'{book}/{number}', re.sub(r'(?<!\n)\n(?!\n)', ' ', chapter).strip()


def wordnet_glosses() -> Iterator[str]:
    """`word: what it means; "an example"`, in the order of the files."""
    folder = next((folder_of('wordnet') / 'package' / 'database').glob('3.0'))
    for kind in ('noun', 'verb', 'adj', 'adv'):
        for line in (folder / f'data.{kind}').read_text(encoding='utf-8').splitlines():
            if not line.startswith('  ') and '|' in line:
                head, gloss = line.split('|', 1)
                yield f"{head.split()[4].replace('_', ' ')}: {gloss.strip()}."


def moby_dick() -> Iterator[Document]:
    """Chapters in the book's order, then the epilogue. Etymology, extracts and contents are left out."""
    folder = folder_of('moby-dick') / 'package' / 'data'
    for name in [*(f'chapter_{number}' for number in range(1, 136)), 'epilogue']:
        yield name, (folder / f'{name}.txt').read_text(encoding='utf-8').strip()
