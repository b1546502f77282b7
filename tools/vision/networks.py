"""The embedded networks in PyTorch, with torchvision's architecture and parameter names but narrower.

Each is cut where transfer.py freezes it: `early` (all before the last stage), `late` (the last stage, to features), `head`.
"""

import torch.nn.functional as F
from torch import nn

# The preprocessing every embedded vision model shares with the ImageNet checkpoints: (RGB in 0..1 - MEAN) / STD.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """He et al. 2015, basic blocks. Input [N, 3, H, W]; `embed` gives [N, 8 * width], `forward` [N, classes]."""

    def __init__(self, classes, blocks=(2, 2, 2, 2), width=32):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, count in enumerate(blocks):
            outputs = width * 2**stage
            layer = []
            for block in range(count):
                layer.append(BasicBlock(inputs, outputs, 2 if stage > 0 and block == 0 else 1))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.fc = nn.Linear(inputs, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    @property
    def head(self):
        return self.fc

    def early(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer3(self.layer2(self.layer1(x)))

    def late(self, x):
        return self.layer4(x).mean((2, 3))

    def embed(self, x):
        return self.late(self.early(x))

    def forward(self, x):
        return self.fc(self.embed(x))


# Convolutions of each of the five stages, in multiples of the width (1, 2, 4, 8, 8), as in the paper's table 1.
VGG_STAGES = {11: (1, 1, 2, 2, 2)}


class Vgg(nn.Module):
    """Simonyan & Zisserman 2014 with BatchNorm, as torchvision's vgg11_bn, narrower, for small pictures.

    `features.N.*` and `classifier.N.*` are torchvision's names; torchvision's own has width 64, classifier 4096, pool 7.
    The average pool ends at `pool` x `pool`: with 64 px and pool 2 it has nothing left to do.
    `embed` gives [N, classifier_width], what the last linear layer sees.
    """

    def __init__(self, classes, depth=11, width=16, classifier_width=256, pool=2, dropout=0.5):
        super().__init__()
        layers, inputs = [], 3
        for stage, count in enumerate(VGG_STAGES[depth]):
            outputs = width * min(2**stage, 8)
            for _ in range(count):
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
                inputs = outputs
            layers.append(nn.MaxPool2d(2, 2))
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((pool, pool))
        hidden = classifier_width
        self.classifier = nn.Sequential(
            nn.Linear(inputs * pool * pool, hidden), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)

    @property
    def head(self):
        return self.classifier[6]

    def early(self, x):
        return self.features[:22](x)

    def late(self, x):
        return self.classifier[:6](self.avgpool(self.features[22:](x)).flatten(1))

    def embed(self, x):
        return self.late(self.early(x))

    def forward(self, x):
        return self.head(self.embed(x))


def grow(network, weights, spec):
    """Starts a deeper ResNet as the same function as a shallower one of the same width.

    The shallower one's blocks become the first of each stage. Each added block begins as the identity: the gamma of its last
    BatchNorm is zero, and what comes in is not negative, so that its last ReLU changes nothing.
    """
    names = {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}
    if unexpected := sorted(set(weights) - names):
        raise SystemExit(f"cannot grow: the new network has no place for {unexpected}")
    network.load_state_dict(weights, strict=False)
    for stage, count in enumerate(spec["blocks"]):
        for block in range(count):
            name = f"layer{stage + 1}.{block}.bn2.weight"
            if name not in weights:
                nn.init.zeros_(network.get_parameter(name))


# One line a network: how config.json describes it, and how to build it.
NETWORKS = {
    "resnet10-narrow": {"architecture": "resnet", "block": "basic", "depth": 10, "blocks": [1, 1, 1, 1], "width": 32},
    "resnet18-narrow": {"architecture": "resnet", "block": "basic", "depth": 18, "blocks": [2, 2, 2, 2], "width": 32},
    "resnet34-narrow": {"architecture": "resnet", "block": "basic", "depth": 34, "blocks": [3, 4, 6, 3], "width": 32},
    "vgg11-narrow": {
        "architecture": "vgg",
        "depth": 11,
        "batchNorm": True,
        "width": 16,
        "classifierWidth": 256,
        "poolSize": 2,
        "dropout": 0.5,
    },
}


def build(name, classes):
    spec = NETWORKS[name]
    if spec["architecture"] == "resnet":
        return ResNet(classes, spec["blocks"], spec["width"])
    return Vgg(classes, spec["depth"], spec["width"], spec["classifierWidth"], spec["poolSize"], spec["dropout"])


def head_names(name):
    """Prefixes of the parameters that a new task replaces."""
    return ("fc.",) if NETWORKS[name]["architecture"] == "resnet" else ("classifier.6.",)


def late_names(name):
    """Prefixes of the parameters of the last stage and the head."""
    if NETWORKS[name]["architecture"] == "resnet":
        return ("layer4.", "fc.")
    return ("features.22.", "features.23.", "features.25.", "features.26.", "classifier.")
