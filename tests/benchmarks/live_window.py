#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images per second of a run in the window divided by those of the same run without; process by process, alternately.

Both figures are what the engine itself reports. The window gets a display of its own from Xvfb, without Xvfb Qt's offscreen one.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

# (network, data, steps of one run): the default experiment, and one whose steps take longer
RUNS = [("lenet5", "fashion-mnist", 1200), ("vgg-small", "fashion-mnist", 120)]


def result(programs, mode, model, data, steps, **variables):
    command = [programs / "bench_window", mode, str(steps), f"model={model}", f"data={data}", "epochs=10"]
    with tempfile.TemporaryDirectory() as scratch:
        environment = dict(os.environ, XDG_CONFIG_HOME=scratch, XDG_CACHE_HOME=scratch, **variables)
        if mode == "window" and shutil.which("xvfb-run"):
            environment["QT_QPA_PLATFORM"] = "xcb"
            command = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24", *command]
        else:
            environment["QT_QPA_PLATFORM"] = "offscreen"
        text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    return json.loads(text)


def measure(programs, rounds, scale=1.0, runs=None):
    """Rows (what, ratio, spread of the rounds' ratios, remark). scale: of the number of steps."""
    rows = []
    for model, data, steps in runs or RUNS:
        steps = max(10, round(steps * scale))
        rates = {"window": [], "headless": []}
        longest = 0
        for turn in range(rounds):
            for mode in ("window", "headless") if turn % 2 == 0 else ("headless", "window"):
                found = result(programs, mode, model, data, steps)
                rates[mode].append(found["images_per_second"])
                longest = max(longest, found["longest_stretch_ms"])
            print(f"{model} round {turn + 1}: window {rates['window'][-1]:.0f}, headless {rates['headless'][-1]:.0f} images/s",
                  file=sys.stderr)
        ratios = [a / b for a, b in zip(rates["window"], rates["headless"])]
        window, headless = (statistics.median(rates[mode]) for mode in ("window", "headless"))
        rows.append((f"images/s, live window ÷ headless, {model} on {data}", window / headless,
                     (min(ratios), max(ratios)),
                     f"{window:.0f} ÷ {headless:.0f} images/s; GUI thread at most {longest:.0f} ms of computing at a stretch"))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built benchmarks, such as build/bench/benchmarks")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of steps")
    arguments = parser.parse_args()
    for what, ratio, spread, remark in measure(arguments.programs.resolve(), arguments.rounds, arguments.scale):
        print(f"{what}: {ratio:.3f} ({spread[0]:.3f} … {spread[1]:.3f}); {remark}")


if __name__ == "__main__":
    main()
