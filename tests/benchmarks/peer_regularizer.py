#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nearest-l2 regularizer as it is usually written in Python's PyTorch, forward and backward: median seconds, as JSON."""
import argparse
import json
import os
import statistics
import time

import torch


def broadcast(weights, representatives):
    return (weights.unsqueeze(1) - representatives).square().min(1).values.sum()


def bucketize(weights, representatives):
    boundaries = (representatives[1:] + representatives[:-1]).detach() / 2
    return (weights - representatives[torch.bucketize(weights.detach(), boundaries)]).square().sum()


WAYS = {"broadcast": broadcast, "bucketize": bucketize}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--weights", type=int, default=14_715_584)
    parser.add_argument("--representatives", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(1)
    weights = (0.05 * torch.randn(arguments.weights)).requires_grad_()
    representatives = torch.linspace(-0.1, 0.1, arguments.representatives).requires_grad_()
    seconds = []
    for _ in range(arguments.rounds + 1):
        begin = time.perf_counter()
        (0.5 * WAYS[arguments.way](weights, representatives)).backward()
        seconds.append(time.perf_counter() - begin)
        weights.grad = representatives.grad = None
    print(json.dumps({"seconds": statistics.median(seconds[1:])}))


if __name__ == "__main__":
    main()
