#!/usr/bin/python3 -B
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every benchmark and prints one table of ratios. README.md tells what each means."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import bench_peer
import live_window

AT_MOST_STEP = 1.05
AT_MOST_MEMORY = 1.05
AT_MOST_PASS = {"nearest-l2": {"k4": 3, "k16": 6, "k256": 20}, "nearest-l1": {"k4": 3, "k16": 7}, "periodic": {"k4": 12, "k16": 12},
                "soft-min": {"k4": 12, "k16": 35}, "soft-min, learnt mixing": {"k4": 12, "k16": 35},
                "product": {"k4": 12, "k16": 35}, "harmonic": {"k4": 12, "k16": 35}}  # times axpy
AT_LEAST_AUTOGRAD = {"broadcast": 230, "bucketize": 15}
AT_MOST_COLLAPSED = 1.1
AT_LEAST_PEER = 1.0
AT_LEAST_WINDOW = 0.95
AT_MOST_ENTROPY = 1.01
AT_LEAST_DECODED = 500e6  # bytes of float32 a second and core
AT_MOST_PACKING = 2.0  # seconds, for VGG-16
AT_MOST_INFO = 0.05
CODERS = ["index-map", "huffman", "sparse-huffman", "rans0", "rans1"]
COMPRESSORS = {"gzip": "gzip -9", "xz": "xz -9", "zstd": "zstd -19"}
SECTIONS = ["step", "memory", "layout", "wait", "blas", "pages", "kernel", "layers", "peer", "coding", "window"]


def run(program, *options):
    """The benchmarks of a Google Benchmark program that ran, by name."""
    text = subprocess.run([program, "--benchmark_format=json", *options], check=True, stdout=subprocess.PIPE, text=True).stdout
    results = {}
    for result in json.loads(text)["benchmarks"]:
        if result.get("error_occurred"):
            sys.exit(f"{result['name']}: {result['error_message']}")
        results[result["name"].split("/iterations:")[0]] = result
    return results


def row(what, ratio, bar="", met=None, remark=""):
    verdict = {None: "", True: "met", False: "MISSED"}[met]
    return f"| {what} | {ratio:.3f} | {bar} | {verdict} | {remark} |"


def step_rows(programs, steps):
    for name, result in run(programs / "bench_step", f"--steps={steps}", "--benchmark_filter=^regularized_to_plain/").items():
        _, model, forward, k = name.split("/")
        ratio = result["ratio_to_plain"]
        yield row(f"regularized ÷ plain step, {model}, {forward}, {k}", ratio, f"≤ {AT_MOST_STEP}", ratio <= AT_MOST_STEP,
                  f"÷ bare loop {result['ratio_to_bare']:.3f}; {result['images_per_second']:.0f} images/s")


def memory_rows(programs, steps, rounds):
    """A process for each: what counts is the most memory that it ever had. Which pages the heap gives back in between differs from
    process to process, hence medians."""
    for model in ("vgg-small", "alexnet", "vgg16"):
        case = f"{model}/snapped/k4"
        peaks = {"regularized_alone": [], "plain_alone": []}
        for _ in range(rounds):
            for kind, list_of in peaks.items():
                found = run(programs / "bench_step", f"--steps={steps}", f"--benchmark_filter=^{kind}/{case}/")
                list_of.append(found[f"{kind}/{case}"]["peak_mebibytes"])
        regularized, plain = (statistics.median(list_of) for list_of in peaks.values())
        yield row(f"peak memory, regularized ÷ plain training, {case.replace('/', ', ')}", regularized / plain, f"≤ {AT_MOST_MEMORY}",
                  regularized / plain <= AT_MOST_MEMORY, f"{regularized:.0f} ÷ {plain:.0f} MiB, medians of {rounds}")


def layout_rows(programs, steps):
    for name, result in run(programs / "bench_step", f"--steps={steps}", "--benchmark_filter=^layout/").items():
        yield row(f"planned ÷ other layout of channels, {name.split('/')[1]}", result["ratio_to_other_layout"],
                  remark="channels last" if result["channels_last"] else "contiguous")


def kernel_rows(programs, rounds):
    for name, result in run(programs / "bench_kernel", f"--rounds={rounds}").items():
        kind, _, rest = name.partition("/")
        if kind == "pass_to_axpy":
            regularizer, k = rest.split("/")
            ratio, bar = result["ratio_to_axpy"], AT_MOST_PASS.get(regularizer, {}).get(k)
            yield row(f"pass of {regularizer} ÷ axpy, {k}", ratio, f"≤ {bar}" if bar else "", ratio <= bar if bar else None,
                      f"{result['real_time']:.1f} ms; collapsed ÷ Gaussian weights {result['collapsed_to_gaussian']:.2f}")
        elif kind == "generation_to_axpy":
            generation, k = rest.split("/")
            where = "processors with AVX2" if generation == "avx2" else "any processor"
            yield row(f"pass of nearest-l2 ÷ axpy, {k}, as on {where}", result["ratio_to_axpy"])
        elif kind == "histogram_of_collapsed":
            ratio = result["collapsed_to_gaussian"]
            yield row("histogram of collapsed ÷ Gaussian weights", ratio, f"≤ {AT_MOST_COLLAPSED}", ratio <= AT_MOST_COLLAPSED)
        else:
            way, ratio = kind.split("_")[0], result["ratio_to_ours"]
            yield row(f"{way} with autograd ÷ ours, {rest}", ratio, f"≥ {AT_LEAST_AUTOGRAD[way]}", ratio >= AT_LEAST_AUTOGRAD[way],
                      f"{result['weights'] / 1e6:.1f} M weights, both on the program's heap")
            yield peer_row(way, result, max(1, rounds // 5))


def peer_row(way, result, rounds):
    """The same as people write it in Python, against ours in the lines before."""
    text = subprocess.run([bench_peer.PYTHON, bench_peer.HERE / "peer_regularizer.py", way, f"--weights={result['weights']:.0f}",
                           f"--rounds={rounds}"],
                          check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds = json.loads(text)["seconds"]
    ratio = seconds / result["seconds_of_ours"]
    return row(f"{way} with autograd in plain PyTorch ÷ ours, k16", ratio, f"≥ {AT_LEAST_AUTOGRAD[way]}",
               ratio >= AT_LEAST_AUTOGRAD[way],
               f"{1e3 * seconds:.0f} ÷ {1e3 * result['seconds_of_ours']:.1f} ms")


def layer_rows(programs, rounds):
    results = run(programs / "bench_layers", f"--rounds={rounds}")
    for model in ("alexnet", "vgg16"):
        step = results[f"step/{model}"]
        whole, passes = step["step_to_product"], step["passes_to_product"]  # in units of the time of one product, as all below
        layers = {name.split("/")[2]: result for name, result in results.items() if name.startswith(f"layer/{model}/")}
        for name, layer in layers.items():
            yield row(f"rate ÷ matrix product, {model} {name}", layer["operations_to_product"] / layer["time_to_product"],
                      remark=f"forward {layer['forward_rate_to_product']:.2f}, backward {layer['backward_rate_to_product']:.2f}; "
                             f"{100 * layer['time_to_product'] / whole:.1f} % of the step; product {layer['product_gflops']:.0f} GFLOP/s")
        time, operations = (sum(layer[what] for layer in layers.values()) for what in ("time_to_product", "operations_to_product"))
        yield row(f"rate ÷ matrix product, {model}, all these layers", operations / time)
        yield row(f"rate ÷ matrix product, {model}, whole step", operations / whole)
        yield row(f"share of the step outside these layers, {model}", 1 - time / whole,
                  remark=f"batch-norm, activation, pooling, loss {(passes - time) / whole:.3f}; "
                         f"optimizer, regularizer, data, checks {1 - passes / whole:.3f}")


def alternate(rounds, ours, theirs):
    """Median rates of two ways of running, by turns."""
    rates = {ours: [], theirs: []}
    for turn in range(rounds):
        for way in (ours, theirs) if turn % 2 == 0 else (theirs, ours):
            rates[way].append(way())
    return statistics.median(rates[ours]), statistics.median(rates[theirs])


def environment_rows(programs, rounds, steps, what, **without):
    """The speed with what the program sets in its environment, divided by that with the variable `without` in its place."""
    other = dict(os.environ, **without)
    for model in ("vgg-small", "alexnet", "vgg16"):
        ours, theirs = alternate(rounds, lambda: bench_peer.rate_of_ours(programs, model, steps),
                                 lambda: bench_peer.rate_of_ours(programs, model, steps, other))
        yield row(f"images/s, {what}, {model}", ours / theirs, remark=f"{ours:.0f} ÷ {theirs:.0f} images/s")


def blas_rows(programs, rounds, steps):
    """A whole run: between single steps OpenBLAS's threads do no harm, beside a run's other threads they do."""
    def rate(**variables):
        return live_window.result(programs, "headless", "lenet5", "fashion-mnist", steps, **variables)["images_per_second"]

    ours, theirs = alternate(rounds, rate, lambda: rate(OPENBLAS_THREAD_TIMEOUT="26"))  # what OpenBLAS does when nothing is set
    yield row("images/s, OpenBLAS's waiting threads asleep soon ÷ late, lenet5", ours / theirs,
              remark=f"{ours:.0f} ÷ {theirs:.0f} images/s")


def coding_rows(programs, rounds, *options):
    for name, result in run(programs / "bench_coding", f"--rounds={rounds}", *options).items():
        _, k, shares = name.split("/")
        case, entropy, ours = f"{k}, {shares}", result["entropy"], result["bytes"]
        ratio = (ours - result["tables"]) / entropy
        coders = ", ".join(f"{coder} {result['bytes_' + coder] / entropy:.4f}" for coder in CODERS)
        yield row(f"coded bytes without tables ÷ entropy, {case}", ratio, f"≤ {AT_MOST_ENTROPY}", ratio <= AT_MOST_ENTROPY,
                  f"entropy {entropy:.0f}, tables {result['tables']:.0f} bytes; with tables: smallest {ours / entropy:.4f}, {coders}")
        for compressor, called in COMPRESSORS.items():
            if f"bytes_{compressor}" in result:
                theirs = result[f"bytes_{compressor}"]
                yield row(f"coded bytes ÷ {called}, {case}", ours / theirs, "< 1", ours < theirs, f"{ours:.0f} ÷ {theirs:.0f}")
        rate = result["decode_rate"]
        yield row(f"decoded float32, GB a second and core, {case}", rate / 1e9, f"≥ {AT_LEAST_DECODED / 1e9}", rate >= AT_LEAST_DECODED,
                  ", ".join(f"{coder} {result['decode_rate_' + coder] / 1e9:.2f}" for coder in CODERS))
        for what, key, most in (("packing", "pack_seconds", AT_MOST_PACKING),
                                ("condensate info, whole process", "info_seconds", AT_MOST_INFO)):
            yield row(f"{what}, seconds, {case}", result[key], f"< {most}", result[key] < most, f"{result['weights'] / 1e6:.1f} M weights")


def bar_rows(rows, least):
    for what, ratio, spread, remark in rows:
        yield row(what, ratio, f"≥ {least:.2f}", ratio >= least, f"{remark}; rounds {spread[0]:.3f} … {spread[1]:.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built benchmarks, such as build/bench/benchmarks")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--quick", action="store_true", help="a few steps of each, to see that all works; the ratios are noise")
    arguments = parser.parse_args()
    programs, quick = arguments.programs.resolve(), arguments.quick
    window_built = (programs / "bench_window").exists()
    few, short = 1 if quick else 5, 2 if quick else 12
    sections = {
        "step": lambda: step_rows(programs, 2 if quick else 15),
        "memory": lambda: memory_rows(programs, 2 if quick else 8, 1 if quick else 5),
        "layout": lambda: layout_rows(programs, 2 if quick else 15),
        "wait": lambda: environment_rows(programs, few, short, "OpenMP's waiting threads asleep ÷ spinning",
                                         GOMP_SPINCOUNT="300000"),  # what libgomp does when nothing is set
        "blas": lambda: blas_rows(programs, few, 10 if quick else 1200) if window_built else [],
        "pages": lambda: environment_rows(programs, few, short, "huge ÷ plain pages", GLIBC_TUNABLES="glibc.malloc.hugetlb=0"),
        "kernel": lambda: kernel_rows(programs, 2 if quick else 25),
        "layers": lambda: layer_rows(programs, 2 if quick else 11),
        "peer": lambda: bar_rows(bench_peer.measure(programs, 1 if quick else 3, 2 if quick else 12), AT_LEAST_PEER),
        "coding": lambda: coding_rows(programs, 1 if quick else 5, *(["--part=32"] if quick else [])),
        "window": lambda: bar_rows(live_window.measure(programs, 1 if quick else 5, 0.1 if quick else 1.0), AT_LEAST_WINDOW)
        if window_built else [],
    }
    print("| figure | ratio | must be | | remark |\n|---|---|---|---|---|", flush=True)
    for section in arguments.only:
        print(f"benchmarks: {section}", file=sys.stderr)
        for line in sections[section]():
            print(line, flush=True)


if __name__ == "__main__":
    main()
