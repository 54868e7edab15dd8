#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images per second of ours, regularizer on, divided by those of plain PyTorch in Python; process by process, alternately."""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODELS = ["vgg-small", "alexnet", "vgg16"]
PYTHON = "/usr/bin/python3"  # the one that Debian's python3-torch is for


def rate_of_ours(programs, model, steps, environment=None):
    text = subprocess.run([programs / "bench_step", f"--steps={steps}", "--benchmark_format=json",
                           f"--benchmark_filter=^regularized_alone/{model}/snapped/k4/"],
                          check=True, capture_output=True, text=True, env=environment).stdout
    result = json.loads(text)["benchmarks"][0]
    if result.get("error_occurred"):
        sys.exit(f"bench_step: {result['error_message']}")
    return result["images_per_second"]


def rate_of_peer(model, steps):
    text = subprocess.run([PYTHON, HERE / "peer_pytorch.py", model, f"--steps={steps}"], check=True, capture_output=True, text=True).stdout
    return json.loads(text)["images_per_second"]


def measure(programs, rounds, steps, models=MODELS):
    """Rows (what, ratio, spread of the rounds' ratios, remark)."""
    rows = []
    for model in models:
        ours, peer = [], []
        for turn in range(rounds):
            for who in ("ours", "peer") if turn % 2 == 0 else ("peer", "ours"):
                if who == "ours":
                    ours.append(rate_of_ours(programs, model, steps))
                else:
                    peer.append(rate_of_peer(model, steps))
            print(f"{model} round {turn + 1}: ours {ours[-1]:.1f}, PyTorch {peer[-1]:.1f} images/s", file=sys.stderr)
        ratios = [a / b for a, b in zip(ours, peer)]
        rows.append((f"images/s, snapped k=4 ÷ plain PyTorch, {model}", statistics.median(ours) / statistics.median(peer),
                     (min(ratios), max(ratios)), f"{statistics.median(ours):.0f} ÷ {statistics.median(peer):.0f} images/s"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built benchmarks, such as build/bench/benchmarks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12, help="timed steps in each round")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    arguments = parser.parse_args()
    for what, ratio, spread, remark in measure(arguments.programs.resolve(), arguments.rounds, arguments.steps, arguments.models):
        print(f"{what}: {ratio:.3f} ({spread[0]:.3f} … {spread[1]:.3f}); {remark}")


if __name__ == "__main__":
    main()
