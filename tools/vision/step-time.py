"""Times a training step (forward, backward; no optimizer) of the embedded networks, taking turns: what does size cost?

    python tools/vision/step-time.py [--batch 16] [--size 64] [--rounds 5]

Prints the median processor time in ms of one thread, and the ratio to the first network. Times differ from machine to
machine and with what else runs there; the ratios differ less.
"""

import argparse
import statistics
import time

import torch
import torch.nn.functional as F

from networks import NETWORKS, build


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--classes", type=int, default=10)
    args = parser.parse_args()
    torch.set_num_threads(1)
    networks = {name: build(name, args.classes).to(memory_format=torch.channels_last).train() for name in NETWORKS}
    times = {name: [] for name in networks}
    for _ in range(args.rounds):
        for name, network in networks.items():
            pictures = torch.randn(args.batch, 3, args.size, args.size).contiguous(memory_format=torch.channels_last)
            labels = torch.randint(args.classes, (args.batch,))
            for _ in range(6):
                began = time.process_time()
                network.zero_grad()
                F.cross_entropy(network(pictures), labels).backward()
                times[name].append(1000 * (time.process_time() - began))
    first = statistics.median(next(iter(times.values())))
    for name, values in times.items():
        parameters = sum(p.numel() for p in networks[name].parameters())
        median = statistics.median(values)
        print(f"{name:16} {median:7.1f} ms  {median / first:.2f} x  {parameters:,} parameters with {args.classes} classes")


if __name__ == "__main__":
    main()
