"""Write the reference values of src/training/weights/row-scales.test.ts.

    python tools/text/int8_fixture.py

A small file of int8 rows with what it stands for, and single values of media/models/minilm-l6 as bert.py reads them.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from bert import dequantised
from minilm import MODELS, int8_rows

FOLDER = Path(__file__).resolve().parents[2] / 'src' / 'training' / 'weights' / 'testing'


def main() -> None:
    torch.manual_seed(1)
    weight = torch.randn(4, 6) * torch.tensor([[1.0], [1e-3], [40.0], [0.0]])
    integers, scales = int8_rows(weight)
    path = FOLDER / 'int8-rows.safetensors'
    save_file({'layer.weight': integers, 'layer.weight.scale': scales, 'layer.bias': torch.randn(4).half()}, path)
    small = {name: tensor.flatten().tolist() for name, tensor in dequantised(path).items()}
    real = {}
    for name, tensor in dequantised(MODELS / 'minilm-l6' / 'model.safetensors').items():
        flat = tensor.flatten()
        places = [0, len(flat) // 3, len(flat) - 1]
        real[name] = {'shape': list(tensor.shape), 'places': places, 'values': flat[places].tolist()}
    (FOLDER / 'int8-rows.json').write_text(json.dumps({'small': small, 'minilm-l6': real}, indent=1) + '\n')


if __name__ == '__main__':
    main()
