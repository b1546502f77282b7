"""The embedded networks in PyTorch, with torchvision's architecture and parameter names but narrower."""

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
    """He et al. 2015, basic blocks. Input [N, 3, H, W]; `features` gives [N, 8 * width], `forward` [N, classes]."""

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

    def features(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return x.mean((2, 3))

    def forward(self, x):
        return self.fc(self.features(x))


class Vgg(nn.Module):
    """Simonyan & Zisserman 2014 with BatchNorm, as torchvision's vgg11_bn, narrower, for small pictures.

    `features.N.*` and `classifier.N.*` are torchvision's names. The average pool ends at `pool` x `pool` (torchvision: 7).
    """

    def __init__(self, classes, plan, hidden, pool=2, dropout=0.5):
        super().__init__()
        layers, inputs = [], 3
        for outputs in plan:
            if outputs == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
                inputs = outputs
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((pool, pool))
        self.classifier = nn.Sequential(
            nn.Linear(inputs * pool * pool, hidden), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(hidden, hidden), nn.ReLU(True), nn.Dropout(dropout),
            nn.Linear(hidden, classes),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, x):
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


VGG11_QUARTER = (16, "M", 32, "M", 64, 64, "M", 128, 128, "M", 128, 128, "M")

# One line a network: how config.json describes it, and how to build it.
NETWORKS = {
    "resnet10-narrow": {"architecture": "resnet", "block": "basic", "depth": 10, "blocks": [1, 1, 1, 1], "width": 32},
    "resnet18-narrow": {"architecture": "resnet", "block": "basic", "depth": 18, "blocks": [2, 2, 2, 2], "width": 32},
    "resnet34-narrow": {"architecture": "resnet", "block": "basic", "depth": 34, "blocks": [3, 4, 6, 3], "width": 32},
    "vgg11-narrow": {
        "architecture": "vgg",
        "depth": 11,
        "batchNorm": True,
        "plan": list(VGG11_QUARTER),
        "hidden": 256,
        "poolSize": 2,
    },
}


def build(name, classes):
    spec = NETWORKS[name]
    if spec["architecture"] == "resnet":
        return ResNet(classes, spec["blocks"], spec["width"])
    return Vgg(classes, spec["plan"], spec["hidden"], spec["poolSize"])


def head_names(name):
    """Prefixes of the parameters that a new task replaces."""
    return ("fc.",) if NETWORKS[name]["architecture"] == "resnet" else ("classifier.6.",)
