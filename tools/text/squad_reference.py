"""Write src/training/tasks/squad.json: exact match and F1 of answers, as torchmetrics computes them for SQuAD.

    pip install torch torchmetrics; python tools/text/squad_reference.py
"""

import json
from pathlib import Path

import torchmetrics
from torchmetrics.functional.text.squad import _compute_exact_match_score, _compute_f1_score, _normalize_text

FILE = Path(__file__).resolve().parents[2] / 'src/training/tasks/squad.json'
CASES = [
    ('Denver Broncos', ['Denver Broncos', 'The Denver Broncos']),
    ('the Denver Broncos!', ['Denver Broncos']),
    ('Broncos of Denver', ['Denver Broncos']),
    ('a  b\tc', ['c b']),
    ('in 1998', ['1998', 'the year 1998']),
    ('the the cat', ['the cat cat']),
    ('cat cat dog', ['cat dog dog']),
    ('The', ['a']),
    ('', ['']),
    ('', ['something']),
    ('something', ['']),
    ('U.S.', ['US', 'United States']),
    ("don't", ['dont']),
    ('well-known an-hour', ['wellknown anhour']),
    ('Thé à la menthe', ['the a la menthe']),
    ('aé a é', ['é aé']),
    ('“curly” — dash', ['curly dash']),
    ('$5.99', ['599']),
    ('ΟΔΟΣ', ['οδος']),
    ('İstanbul', ['istanbul']),
    ('no\u00a0break\u3000wide\u2028line\u0085next', ['no break wide line next']),
    ('an_apple a_b', ['anapple ab']),
    ('東京 the 東京', ['東京 東京']),
    ('\ufeffmark', ['mark']),
    ('unit\u001fseparated', ['unit separated']),
]


def main() -> None:
    rows = []
    for predicted, answers in CASES:
        rows.append(
            {
                'predicted': predicted,
                'answers': answers,
                'normalized': _normalize_text(predicted),
                'exactMatch': max(int(_compute_exact_match_score(predicted, a)) for a in answers),
                'f1': max(float(_compute_f1_score(predicted, a)) for a in answers),
            }
        )
    FILE.write_text(json.dumps({'torchmetrics': torchmetrics.__version__, 'rows': rows}) + '\n')


if __name__ == '__main__':
    main()
