#!/usr/bin/python3 -B
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""kills.py PROGRAM [--kills N]: starts training again and again, kills it with SIGKILL at a random moment, and looks at
what is left. With --window the window trains. 1 if anything was not as it should be.

A trial begins a run or goes on with the one before, so that a run is killed many times and still finishes; then it
must have the network of the same run that nobody disturbed, and leave nothing over. The moment counts from the start
of the process, so that some kills come while it still loads. After each kill

    readable    `info` reads every snapshot in the folder. There may be none before the first save.
    loss        the work since the newest snapshot is at most the autosave interval and the time that writes take.
                Work is measured as time: from the last line the run printed at a step not past the snapshot's to the
                kill. So a loss reads up to one line too long, never too short. A save becomes due one interval after
                the last one's copy was made, may wait for the copy of a stage's end to be written, and counts only
                when it is written itself: two writes, for which --write stands. The longest write that was seen, and
                the greatest loss, are printed. The window prints no lines: its loss is from when the newest file was
                written, or the lock was taken if that is later, to the kill.
    resumes     `train --resume` begins at the snapshot's step and gets past it; SIGTERM then ends it with a readable
                snapshot, not older. Where a kill came before the recipe was written nothing lies there to go on with,
                and the same command as at first must begin anew.

What is known is kept in --state after each trial: interrupted, the script goes on where it was.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

RECIPE = ["--data", "generated", "--batch-size", "60", "--threads", "1", "--lr", "0.02", "--cluster-lr", "0.02",
          "--frame-interval", "1", "--snapped-interval", "100000"]
DEADLINE = 120  # seconds, in which a command that is not killed gets where it is waited for
FAILURES = ("unreadable", "over_bound", "not_resumable", "different")


class Trainer:
    """A process that trains in a session of its own; knows when it printed what."""

    def __init__(self, arguments, log, environment):
        self.events = []  # (time, what it printed)
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                        start_new_session=True, env=environment)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            now = time.monotonic()
            try:
                self.events.append((now, json.loads(line)))
            except ValueError:
                pass  # cut off by the kill

    def steps(self):
        """Moments at which it was known to be at a step; not those of what happens beside the training."""
        return [(at, event["step"]) for at, event in list(self.events) if event.get("event") in ("sample", "stage", "epoch")]

    def wait(self, seconds, until=lambda: False):
        """Whether `until` became true, or it ended, in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None or until():
                return True
            time.sleep(0.01)
        return False

    def send(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def end(self, number):
        """How it ended, None if not in time."""
        self.send(number)
        ended = self.wait(DEADLINE)
        self.send(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        return self.process.returncode if ended else None


class Kills:
    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(options.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state_file = pathlib.Path(options.state or self.folder / "state.json")
        self.environment = dict(os.environ, XDG_CONFIG_HOME=str(self.folder / "config"), QT_QPA_PLATFORM="offscreen")
        self.state = {"seed": options.seed, "window": options.window, "trials": 0, "kills": 0, "without_snapshot": 0, "finished": 0,
                      "most_kills_of_a_finished_run": 0, "greatest_loss_seconds": 0.0, "greatest_loss_steps": 0,
                      "longest_write_seconds": 0.0, "run": None, "expected": None} | {kind: 0 for kind in FAILURES}
        if self.state_file.exists():
            known = json.loads(self.state_file.read_text())
            if (known["seed"], known["window"]) != (options.seed, options.window):
                sys.exit(f"{self.state_file}: expected a state with this --seed and --window, found another.")
            self.state.update(known)
        self.trainer = None

    # ---- What it keeps and says ----

    def store(self):
        part = self.state_file.with_suffix(".part")
        part.write_text(json.dumps(self.state, indent=1) + "\n")
        part.replace(self.state_file)

    def failed(self, kind, folder, text):
        self.state[kind] += 1
        kept = self.folder / f"failed-{self.state['trials']}-{kind}"
        shutil.rmtree(kept, ignore_errors=True)
        if folder and folder.exists():
            shutil.copytree(folder, kept)
        print(f"trial {self.state['trials']}, {kind}: {text} See {kept}.", flush=True)

    def summary(self):
        s = self.state
        return (f"{s['kills']} kills ({s['without_snapshot']} before the first save): {s['unreadable']} left an unreadable file, "
                f"{s['over_bound']} lost more than the bound, {s['not_resumable']} were not resumable, "
                f"{s['different']} finished runs of {s['finished']} were not as the undisturbed one. "
                f"Greatest loss {s['greatest_loss_seconds']:.2f} s, {s['greatest_loss_steps']} steps (bound {self.bound():.2f} s); "
                f"longest write {s['longest_write_seconds']:.2f} s; a finished run survived up to "
                f"{s['most_kills_of_a_finished_run']} kills.")

    def bound(self):
        return self.options.interval + self.options.write

    # ---- Commands ----

    def start(self, arguments):
        with open(self.folder / "stderr.log", "ab") as log:
            self.trainer = Trainer([self.options.program, *arguments], log, self.environment)
        return self.trainer

    def info(self, file):
        """What `info` tells of a snapshot, None where it cannot be read."""
        done = subprocess.run([self.options.program, "info", str(file), "--json"], capture_output=True, check=False, timeout=DEADLINE)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def recipe(self):
        epochs = 100000 if self.options.window else self.options.epochs
        return [*RECIPE, "--epochs", str(epochs), "--autosave-minutes", f"{self.options.interval / 60:.6f}"]

    def begin(self, home, folder):
        if self.options.window:
            return self.start(["--start", "--runs", str(home), *self.recipe()])
        return self.start(["train", "--json", "--out", str(folder), *self.recipe()])

    def resume(self, home, folder):
        if self.options.window:
            return self.start([str(folder / "snapshot.h5"), "--start", "--runs", str(home)])
        return self.start(["train", "--json", "--resume", str(folder)])

    # ---- A trial ----

    def trial(self):
        self.state["trials"] += 1
        dice = random.Random(f"{self.state['seed']} {self.state['trials']}")
        new = dice.random() < 0.1
        moment = dice.uniform(self.options.earliest, self.options.latest)
        run = self.state["run"]
        if run is None or new:
            if run:
                shutil.rmtree(run["home"], ignore_errors=True)
            run = {"home": str(self.folder / f"run-{self.state['trials']}"), "kills": 0, "step": 0}
            shutil.rmtree(run["home"], ignore_errors=True)
            pathlib.Path(run["home"]).mkdir()
        self.state["run"] = run
        home = pathlib.Path(run["home"])
        folder = self.folder_in(home)
        goes_on = folder is not None and ((folder / "snapshot.h5") if self.options.window else (folder / "recipe.toml")).exists()
        trainer = self.resume(home, folder) if goes_on else self.begin(home, home / "run")
        trainer.wait(moment)
        if trainer.process.poll() is not None:
            self.ended(trainer, self.folder_in(home))
        else:
            killed, wall = time.monotonic(), time.time()
            trainer.end(signal.SIGKILL)
            self.state["kills"] += 1
            run["kills"] += 1
            self.look(trainer, home, killed, wall)
        self.trainer = None
        self.store()

    def folder_in(self, home):
        """The folder of the one run there, None if none was made yet."""
        folders = [each for each in home.iterdir() if each.is_dir()] if home.exists() else []
        if len(folders) > 1:
            self.failed("not_resumable", home, f"expected the run to go on in its folder, found {len(folders)} folders.")
        return sorted(folders)[0] if folders else None

    def look(self, trainer, home, killed, wall):
        """At what a kill left."""
        folder = self.folder_in(home)
        files = sorted(folder.glob("*.h5")) if folder else []
        told = {each.name: self.info(each) for each in files}
        for name in [name for name, facts in told.items() if facts is None]:
            self.failed("unreadable", folder, f"{name} cannot be read.")
        if not files:
            self.state["without_snapshot"] += 1
        newest = told.get("snapshot.h5")
        step = newest["step"] if newest else 0
        if step < self.state["run"]["step"]:
            self.failed("over_bound", folder, f"the snapshot is of step {step}, it was of {self.state['run']['step']} before.")
        loss, steps = self.loss_of_window(folder, wall) if self.options.window else self.loss(trainer, step, killed)
        self.state["greatest_loss_seconds"] = max(self.state["greatest_loss_seconds"], loss)
        self.state["greatest_loss_steps"] = max(self.state["greatest_loss_steps"], steps)
        if loss > self.bound():
            self.failed("over_bound", folder, f"{loss:.2f} s, {steps} steps are lost, at most {self.bound():.2f} s are allowed.")
        if newest and newest["stage"] == "finished" and (folder / "report.md").exists():
            self.finished(folder, [])  # it was killed after all was done, or came too late
        elif folder and (files or (folder / "recipe.toml").exists()):
            self.go_on(["train", "--json", "--resume", str(folder)], folder, step)
        elif not self.options.window:
            self.go_on(["train", "--json", "--out", str(home / "run"), *self.recipe()], home / "run", 0)

    def loss(self, trainer, step, killed):
        """Seconds and steps of work since the snapshot."""
        steps = trainer.steps()
        for at, event in trainer.events:
            if event.get("event") == "snapshot":
                copied = max([moment for moment, reached in steps if reached <= event["step"]], default=at)
                self.state["longest_write_seconds"] = max(self.state["longest_write_seconds"], at - copied)
        if not steps:
            return 0.0, 0
        since = max([moment for moment, reached in steps if reached <= step], default=steps[0][0])
        return max(0.0, killed - since), max(0, steps[-1][1] - step)

    @staticmethod
    def loss_of_window(folder, wall):
        if folder is None or not (folder / "run.lock").exists():
            return 0.0, 0  # it had not begun
        written = [each.stat().st_mtime for each in folder.iterdir() if each.name in ("snapshot.h5", "recipe.toml", "run.lock")]
        return max(0.0, wall - max(written)), 0

    def go_on(self, arguments, folder, step):
        """Whether what was killed goes on."""
        trainer = self.start(arguments)
        trainer.wait(DEADLINE, lambda: any(reached > step for _, reached in trainer.steps()[-3:]))
        if trainer.process.poll() is not None:
            return self.ended(trainer, folder)
        reached = [at for _, at in trainer.steps()]  # before it is asked to end: while it writes it trains on
        code = trainer.end(signal.SIGTERM)
        facts = self.info(folder / "snapshot.h5")
        if code == 0:
            return self.ended(trainer, folder)
        if code != 130 or not reached or reached[0] != step or max(reached) <= step or not facts or facts["step"] < max(reached):
            self.failed("not_resumable", folder, f"after step {step}: exit code {code}, steps {reached[:1]} to {reached[-1:]}, "
                                                 f"snapshot of step {facts and facts['step']}.")
            self.state["run"] = None
        else:
            self.state["run"]["step"] = facts["step"]
        return None

    def ended(self, trainer, folder):
        """By itself."""
        trainer.end(signal.SIGKILL)
        code = trainer.process.returncode
        facts = self.info(folder / "snapshot.h5") if folder else None
        if code != 0 or not facts or facts["stage"] != "finished" or not (folder / "report.md").exists():
            self.failed("not_resumable", folder, f"it ended with exit code {code}, stage {facts and facts['stage']}; see "
                                                 f"{self.folder / 'stderr.log'}.")
            self.state["run"] = None
            return
        self.finished(folder, [each.name for each in folder.iterdir() if each.suffix == ".part" or each.name == "run.lock"])

    def finished(self, folder, left):
        """All is done. `left`: files that should be gone."""
        run = self.state["run"]
        self.state["run"] = None
        facts = self.info(folder / "snapshot.h5")
        self.state["finished"] += 1
        self.state["most_kills_of_a_finished_run"] = max(self.state["most_kills_of_a_finished_run"], run["kills"])
        if left:
            self.failed("different", folder, f"{', '.join(left)} is left over.")
        elif facts["layers"] != self.expected():
            self.failed("different", folder, "the network differs from that of the undisturbed run.")
        shutil.rmtree(run["home"], ignore_errors=True)

    def expected(self):
        """The layers of the run that nobody disturbs."""
        if self.state["expected"] is None:
            folder = self.folder / "undisturbed"
            subprocess.run([self.options.program, "train", "--quiet", "--overwrite", "--out", str(folder), *self.recipe()],
                           stdout=subprocess.DEVNULL, check=True)
            self.state["expected"] = self.info(folder / "snapshot.h5")["layers"]
        return self.state["expected"]

    def run(self):
        try:
            while self.state["kills"] < self.options.kills and sum(self.state[kind] for kind in FAILURES) < 10:
                self.trial()
        finally:
            if self.trainer:
                self.trainer.send(signal.SIGKILL)
        print(self.summary())
        return 1 if any(self.state[kind] for kind in FAILURES) else 0


def main():
    parser = argparse.ArgumentParser(description="Kills training at random moments and looks at what is left.")
    parser.add_argument("program", help="condensate")
    parser.add_argument("--kills", type=int, default=300, help="how many [300]")
    parser.add_argument("--window", action="store_true", help="the window trains, without a screen")
    parser.add_argument("--seed", type=int, default=1, help="of the moments [1]")
    parser.add_argument("--folder", help="for runs and what failed; without it a temporary one, which goes when nothing failed")
    parser.add_argument("--state", help="file that knows how far it is [state.json in the folder]")
    parser.add_argument("--interval", type=float, default=0.6, help="seconds between saves [0.6]")
    parser.add_argument("--write", type=float, default=2.0, help="seconds that the writes may take together on this machine [2]")
    parser.add_argument("--earliest", type=float, default=0.2, help="seconds after which it is killed [0.2]")
    parser.add_argument("--latest", type=float, default=6.0, help="and at the latest [6]")
    parser.add_argument("--epochs", type=int, default=40, help="of a run [40]")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    temporary = None if options.folder else tempfile.mkdtemp(prefix="condensate-kills-")
    options.folder = options.folder or temporary
    code = Kills(options).run()
    if temporary and code == 0:
        shutil.rmtree(temporary)
    return code


if __name__ == "__main__":
    sys.exit(main())
