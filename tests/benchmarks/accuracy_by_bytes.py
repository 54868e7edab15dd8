#!/usr/bin/python3 -B
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains a float network, and networks towards k representatives, with the same recipe and from the same warm-up;
quantizes the float one after training; prints one table of test accuracy against (theoretical) bytes at order-0
entropy. Everything that is not an option here is passed on to `condensate train`."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

METHODS = ["kmeans", "uniform", "entropy-constrained"]


def output(program, *arguments):
    return subprocess.run([program, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True).stdout


def train(program, folder, recipe, *more):
    """What `info` tells of the finished run."""
    print(f"accuracy_by_bytes: training {folder.name}", file=sys.stderr, flush=True)
    output(program, "train", "--quiet", *recipe, *more, "--out", folder)
    return info_of(program, folder / "snapshot.h5")


def info_of(program, snapshot):
    return json.loads(output(program, "info", snapshot, "--json"))


def trained_figures(info):
    return info["test_accuracy"]["snapped"], info["size"]["theoretical_order_0_entropy"]["bytes"]


def quantized_figures(program, snapshot, method, sizes, epochs):
    """Of each k: accuracy with batch-norm re-estimated, or behind fine-tuning, and bytes."""
    rows = json.loads(output(program, "quantize", snapshot, "--method", method, "--k", ",".join(map(str, sizes)),
                             "--finetune", epochs, "--json"))
    accuracy = "fine_tuned_test_accuracy" if epochs else "reestimated_test_accuracy"
    return {row["k"]: (row[accuracy], row["theoretical_order_0_entropy_bytes"]) for row in rows}


def line(what, figures, sizes):
    cells = "".join(f" {100 * figures[k][0]:.2f} % | {figures[k][1] / 1000:.1f} |" for k in sizes)
    return f"| {what} |{cells}"


def measure(program, folder, recipe, sizes, finetune):
    first, *others = sizes
    regularized = {first: trained_figures(train(program, folder / f"k{first}", recipe, "--k", first, "--reference"))}
    snapshot = folder / f"k{first}" / "reference.h5"
    reference = info_of(program, snapshot)
    print(f"{reference['model']} on {reference['data']}: float network {100 * reference['test_accuracy']['latent']:.2f} %, "
          f"{reference['size']['float32_bytes'] / 1000:.1f} kB\n")
    print("| test accuracy, kB at order-0 entropy (theoretical) |" + "".join(f" k = {k} | kB |" for k in sizes))
    print("|---|" + "---:|---:|" * len(sizes), flush=True)
    for k in others:  # bit for bit as if they had begun with a warm-up of their own
        regularized[k] = trained_figures(train(program, folder / f"k{k}", [], "--branch", folder / f"k{first}" / "warmup.h5", "--k", k))
    print(line("**regularized training**", regularized, sizes), flush=True)
    above = True
    for method in METHODS:
        for epochs in [0, finetune] if finetune else [0]:
            figures = quantized_figures(program, snapshot, method, sizes, epochs)
            print(line(method + (f", epochs of fine-tuning: {epochs}" if epochs else ""), figures, sizes), flush=True)
            above &= all(regularized[k][0] > figures[k][0] for k in sizes)
    print(f"\nAt the same k regularized training is {'' if above else 'NOT '}more accurate than all of them.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=pathlib.Path, help="such as build/bench/bin/condensate")
    parser.add_argument("--sizes", default="2,3,4,8", help="values of k (default: 2,3,4,8)")
    parser.add_argument("--finetune", type=int, default=0,
                        help="epochs of fine-tuning behind the quantizers, in lines of their own (default: none)")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the runs; without it they are deleted")
    arguments, recipe = parser.parse_known_args()
    sizes = [int(k) for k in arguments.sizes.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        measure(arguments.program.resolve(), arguments.keep or pathlib.Path(scratch), recipe, sizes, arguments.finetune)


if __name__ == "__main__":
    main()
