"""Writes the expected values of the tests of augmentation and of metrics.

    python tools/vision/make_option_references.py

Made with torchvision 0.29.2, torch 2.15.0, scikit-learn (version in the file). Inputs are written as formulas, so that
the tests can make them too.
"""
import json
import math
import pathlib

import numpy as np
import sklearn
import torch
import torchvision
import torchvision.transforms.v2.functional as F
from sklearn.calibration import calibration_curve
from sklearn.metrics import f1_score, log_loss, precision_recall_fscore_support, top_k_accuracy_score
from sklearn.utils.class_weight import compute_class_weight

ROOT = pathlib.Path(__file__).parents[2] / "src" / "training"
HEIGHT, WIDTH = 6, 8


def rounded(values):
    return [round(float(value), 6) for value in np.asarray(values).reshape(-1)]


def augmentation():
    count = HEIGHT * WIDTH * 3
    pixels = torch.tensor([((i * i * 31 + i * 17) % 256) / 255 for i in range(count)], dtype=torch.float64)
    image = pixels.reshape(HEIGHT, WIDTH, 3).permute(2, 0, 1).contiguous()
    fill = [0.25, 0.5, 0.75]
    nearest, bilinear = torchvision.transforms.InterpolationMode.NEAREST, torchvision.transforms.InterpolationMode.BILINEAR
    cases = {
        "horizontalFlip": F.horizontal_flip(image),
        "resizedCrop": F.resized_crop(image, 1, 2, 4, 5, [HEIGHT, WIDTH], antialias=True),
        "rotateNearest": F.rotate(image, 17, interpolation=nearest),
        "rotateBilinear": F.rotate(image, -23, interpolation=bilinear, fill=fill),
        "shearX": F.affine(image, 0, [0, 0], 1, [math.degrees(math.atan(0.2)), 0], interpolation=bilinear, fill=fill, center=[0, 0]),
        "shearY": F.affine(image, 0, [0, 0], 1, [0, math.degrees(math.atan(-0.2))], interpolation=bilinear, fill=fill, center=[0, 0]),
        "translate": F.affine(image, 0, [2, -1], 1, [0, 0], interpolation=nearest),
        "brightness": F.adjust_brightness(image, 1.4),
        "contrast": F.adjust_contrast(image, 1.7),
        "saturation": F.adjust_saturation(image, 0.3),
        "hue": F.adjust_hue(image.float(), 0.2),
        "sharpness": F.adjust_sharpness(image, 1.8),
        "posterize": F.posterize(image, 3),
        "solarize": F.solarize(image, 0.6),
        "autocontrast": F.autocontrast(0.2 + 0.5 * image),
        "equalize": F.equalize(torch.cat([image] * 12, dim=1)),
    }
    out = {name: rounded(value.permute(1, 2, 0)) for name, value in cases.items()}
    out["equalize"] = out["equalize"][: HEIGHT * WIDTH * 3]
    return {"torch": torch.__version__, "torchvision": torchvision.__version__, "height": HEIGHT, "width": WIDTH, "cases": out}


def metrics():
    items, classes = 60, 6
    logits = np.array([((i * i * 7 + i * 13 + 5) % 101) / 25 - 2 for i in range(items * classes)]).reshape(items, classes)
    labels = np.array([(i * i + i // 7) % 5 for i in range(items)])  # class 5 is never true
    for i in range(0, items, 2):
        logits[i, labels[i]] += 2
    exp = np.exp(logits - logits.max(1, keepdims=True))
    probabilities = exp / exp.sum(1, keepdims=True)
    predicted, confidence = logits.argmax(1), probabilities.max(1)
    every = list(range(classes))
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0)
    correct = (predicted == labels).astype(int)
    accuracy, mean_confidence = calibration_curve(correct, confidence, n_bins=15)
    counts, _ = np.histogram(confidence, bins=np.linspace(0, 1, 16))
    counts = counts[counts > 0]
    return {
        "scikitLearn": sklearn.__version__,
        "items": items,
        "classes": classes,
        "loss": log_loss(labels, probabilities, labels=every),
        "accuracy": float(correct.mean()),
        "top5": float(top_k_accuracy_score(labels, logits, k=5, labels=every)),
        "precision": rounded(precision),
        "recall": rounded(recall),
        "f1": rounded(f1),
        "support": [int(value) for value in support],
        "macroF1": float(f1_score(labels, predicted, labels=every, average="macro", zero_division=0)),
        "calibration": {"counts": [int(value) for value in counts], "accuracy": rounded(accuracy), "confidence": rounded(mean_confidence)},
        "expectedCalibrationError": float(np.sum(counts * np.abs(accuracy - mean_confidence)) / items),
        "balanced": rounded(compute_class_weight("balanced", classes=np.arange(5), y=labels)),
    }


for name, value in (("data/augmentation/torchvision.json", augmentation()), ("tasks/scikit-learn.json", metrics())):
    (ROOT / name).write_text(json.dumps(value, indent=1) + "\n")
