#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain training, without any regularizer, of the same network in Python's PyTorch: median seconds of a step, as JSON.

The networks are those of engine/plans/plan.cpp, layer for layer. All images of a step are in memory beforehand.
"""
import argparse
import json
import os
import statistics
import time

import torch
from torch import nn


def convolution(inputs, outputs, stride=1, norm=True):
    layers = [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=not norm)]
    if norm:
        layers.append(nn.BatchNorm2d(outputs, momentum=0.1))
    return layers + [nn.ReLU(inplace=True)]


def pool():
    return [nn.MaxPool2d(2, 2, ceil_mode=True)]


def vgg_features(plan):
    """plan: output channels of 3×3 convolutions with batch-norm; 0 is a pooling."""
    layers, channels = [], 3
    for outputs in plan:
        layers += convolution(channels, outputs) if outputs else pool()
        channels = outputs or channels
    return layers


def vgg_small():
    return nn.Sequential(*vgg_features([32, 32, 0, 64, 64, 0, 128, 128, 0]), nn.Flatten(),
                         nn.Linear(2048, 256), nn.ReLU(inplace=True), nn.Linear(256, 10))


def alexnet():
    return nn.Sequential(*convolution(3, 64, 2, False), *pool(), *convolution(64, 192, 1, False), *pool(),
                         *convolution(192, 384, 1, False), *convolution(384, 256, 1, False), *convolution(256, 256, 1, False),
                         *pool(), nn.Flatten(),
                         nn.Dropout(0.5), nn.Linear(1024, 4096), nn.ReLU(inplace=True),
                         nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Linear(4096, 10))


def vgg16():
    plan = [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0]
    return nn.Sequential(*vgg_features(plan), nn.Flatten(), nn.Linear(512, 10))


NETWORKS = {"vgg-small": vgg_small, "alexnet": alexnet, "vgg16": vgg16}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=NETWORKS)
    parser.add_argument("--steps", type=int, default=15, help="timed steps, after two that are not")
    parser.add_argument("--batch", type=int, default=128)
    arguments = parser.parse_args()

    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(1)
    network = NETWORKS[arguments.model]().train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4, nesterov=True)
    loss_of = nn.CrossEntropyLoss()
    images = torch.randn(arguments.batch, 3, 32, 32)
    labels = torch.randint(10, (arguments.batch,))

    seconds = []
    for _ in range(2 + arguments.steps):
        begin = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(network(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()  # every training loop looks at its loss
        seconds.append(time.perf_counter() - begin)
    median = statistics.median(seconds[2:])
    print(json.dumps({"model": arguments.model, "weights": sum(p.numel() for p in network.parameters() if p.dim() > 1),
                      "median_seconds": median, "images_per_second": arguments.batch / median,
                      "threads": torch.get_num_threads(), "torch": torch.__version__}))


if __name__ == "__main__":
    main()
