"""The BERT encoder (Devlin et al. 2019) with BertModel's parameter names, without its pooler, and what its text becomes.

Enough to check a conversion and to measure frozen features; the exercises' own implementation is TypeScript.
"""

import json
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors import safe_open
from tokenizers import Tokenizer

MAX_TOKENS = 64


def dequantised(path: Path, layers: int | None = None) -> dict[str, torch.Tensor]:
    """A checkpoint's tensors as float32: an int8 tensor X times its float16 X.scale, one for each row."""
    tensors = {}
    with safe_open(path, 'pt') as file:
        for name in file.keys():
            parts = name.split('.')
            if name.endswith('.scale') or (layers is not None and parts[0] == 'encoder' and int(parts[2]) >= layers):
                continue
            value = file.get_tensor(name)
            if value.dtype == torch.int8:
                value = value.float() * file.get_tensor(f'{name}.scale').float()[:, None]
            tensors[name] = value.float()
    return tensors


class Layer(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        linear = nn.Linear
        self.attention = nn.ModuleDict({
            'self': nn.ModuleDict({part: linear(width, width) for part in ('query', 'key', 'value')}),
            'output': nn.ModuleDict({'dense': linear(width, width), 'LayerNorm': nn.LayerNorm(width, 1e-12)}),
        })
        self.intermediate = nn.ModuleDict({'dense': linear(width, 4 * width)})
        self.output = nn.ModuleDict({'dense': linear(4 * width, width), 'LayerNorm': nn.LayerNorm(width, 1e-12)})

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        query, key, value = (
            self.attention['self'][part](x).view(batch, length, self.heads, -1).transpose(1, 2)
            for part in ('query', 'key', 'value')
        )
        mixed = F.scaled_dot_product_attention(query, key, value, mask).transpose(1, 2).reshape(batch, length, width)
        x = self.attention['output']['LayerNorm'](x + self.attention['output']['dense'](mixed))
        inner = F.gelu(self.intermediate['dense'](x))
        return self.output['LayerNorm'](x + self.output['dense'](inner))


class Encoder(nn.Module):
    """(tokens, mask), both (batch, length) -> hidden states of every layer, the embeddings first."""

    def __init__(self, layers: int = 6, width: int = 384, heads: int = 12, vocabulary: int = 30522):
        super().__init__()
        self.embeddings = nn.ModuleDict({
            'word_embeddings': nn.Embedding(vocabulary, width),
            'position_embeddings': nn.Embedding(512, width),
            'token_type_embeddings': nn.Embedding(2, width),
            'LayerNorm': nn.LayerNorm(width, 1e-12),
        })
        self.encoder = nn.ModuleDict({'layer': nn.ModuleList(Layer(width, heads) for _ in range(layers))})

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> list[torch.Tensor]:
        parts = self.embeddings
        x = parts['word_embeddings'](tokens) + parts['position_embeddings'].weight[: tokens.shape[1]]
        states = [parts['LayerNorm'](x + parts['token_type_embeddings'].weight[0])]
        for layer in self.encoder['layer']:
            states.append(layer(states[-1], mask[:, None, None, :].bool()))
        return states


def load_encoder(folder: Path) -> Encoder:
    """An embedded model, also one whose card names another folder's weights."""
    layers = json.loads((folder / 'config.json').read_text())['num_hidden_layers']
    weights = json.loads((folder / 'card.json').read_text()).get('weights', 'model.safetensors')
    encoder = Encoder(layers)
    encoder.load_state_dict(dequantised(folder / weights, layers), strict=True)
    return encoder.eval()


def load_tokenizer(path: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def padded(rows: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(map(len, rows))
    tokens = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1.0] * len(row) + [0.0] * (length - len(row)) for row in rows])
    return tokens, mask


def pooled(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over the real tokens."""
    return (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


@torch.no_grad()
def features(encoder: Encoder, tokenizer: Tokenizer, texts: list[str], pooling: str = 'mean') -> torch.Tensor:
    """(texts, width): last hidden states, pooled."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    result: list[torch.Tensor | None] = [None] * len(rows)
    for at in range(0, len(order), 32):
        chosen = order[at : at + 32]
        tokens, mask = padded([rows[i] for i in chosen])
        states = encoder(tokens, mask)[-1]
        for i, vector in zip(chosen, pooled(states, mask) if pooling == 'mean' else states[:, 0]):
            result[i] = vector
    return torch.stack(result)
