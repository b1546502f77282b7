import * as tf from '@tensorflow/tfjs';
import { createEngine } from '../src/training/engine/engine';
import { findArchitecture } from '../src/training/models/index';
import type { Piece } from './piece';

const BATCH = 16;
const SIZE = 64;
const CLASSES = 10;

/** The whole network, forward, backward and update: SGD with momentum 0.9. */
export const resnet18Step: Piece = {
  name: 'resnet18-step',
  summary: `ResNet-18 (width 64), training step of the whole network, batch ${BATCH} at ${SIZE} px, SGD with momentum`,
  target: { 1: 1.25, 2: 1.35 },
  async prepare(threads) {
    const engine = await createEngine({ threads });
    const model = findArchitecture('resnet18').create({ numClasses: CLASSES, seed: 1 });
    const trainable = [...model.store.tensors.values()]
      .filter(({ kind }) => kind === 'parameter')
      .map(({ variable }) => variable);
    engine.adopt(trainable);
    const step = engine.compileStep({
      name: 'resnet18-step',
      inputs: {
        images: { shape: [BATCH, SIZE, SIZE, 3], dtype: 'float32' },
        labels: { shape: [BATCH], dtype: 'int32' },
      },
      trainable,
      forward: ({ images, labels }) => {
        const logits = model.forwardHead(model.forwardFeatures(images as tf.Tensor4D, true), true);
        return { loss: tf.losses.softmaxCrossEntropy(tf.oneHot(labels as tf.Tensor1D, CLASSES), logits) };
      },
    });
    const optimizer = engine.createOptimizer({
      kind: 'sgd',
      momentum: 0.9,
      groups: [{ name: 'all', variables: trainable, learningRate: 0.01, weightDecay: 0 }],
    });
    const images = Float32Array.from({ length: BATCH * SIZE * SIZE * 3 }, (_, i) => Math.sin(i * i));
    const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES);
    const { nodes, recordMs, buildMs, uncompiled } = step.info;
    return {
      facts: {
        nodes,
        recordMs: Math.round(recordMs),
        buildMs: Math.round(buildMs),
        uncompiled: uncompiled.join(),
      },
      run: () => void optimizer.apply(step.run({ images, labels }).gradients),
      dispose: () => engine.dispose(),
    };
  },
  peerProgram: (threads) => `
import json, sys, time, torch, torch.nn as nn
torch.set_num_threads(${threads})
class Block(nn.Module):
    def __init__(self, i, o, s):
        super().__init__()
        self.conv1 = nn.Conv2d(i, o, 3, s, 1, bias=False); self.bn1 = nn.BatchNorm2d(o)
        self.conv2 = nn.Conv2d(o, o, 3, 1, 1, bias=False); self.bn2 = nn.BatchNorm2d(o)
        self.down = nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), nn.BatchNorm2d(o)) if s != 1 or i != o else None
    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.down is None else self.down(x)))
layers, i = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
for o, s in [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
    layers.append(Block(i, o, s)); i = o
model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, ${CLASSES}))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
x, y = torch.randn(${BATCH}, 3, ${SIZE}, ${SIZE}), torch.arange(${BATCH}) % ${CLASSES}
def step():
    optimizer.zero_grad(); nn.functional.cross_entropy(model(x), y).backward(); optimizer.step()
for line in sys.stdin:
    n = int(line); cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(n): step()
    print(json.dumps({'wallMs': (time.perf_counter() - wall) * 1e3 / n, 'cpuMs': (time.process_time() - cpu) * 1e3 / n}), flush=True)
`,
};
