#!/usr/bin/python3 -B
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""rules_test.py ROOT: breaks one rule after the other in a copy of ROOT's files, and expects rules.sh or map.py to say
so, by the name of the file. Prints each that is not caught; 1 if there is any.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def copy(root, to):
    """What git knows of, or without git all but what is built."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        for name in filter(None, listed.stdout.decode().split("\0")):
            source = root / name
            if source.is_file():  # it may be removed and not yet forgotten
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, to / name)
    else:
        shutil.copytree(root, to, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns("build", ".*"))


def append(text):
    return lambda page: page + text


def swap(old, new):
    """The first `old`, which must be there."""
    def edit(page):
        if old not in page:
            raise ValueError(f"expected {old!r}")
        return page.replace(old, new, 1)
    return edit


def with_91_lines(page):
    return "\n".join(page.splitlines()[:80] + ["more"] * 11) + "\n"


def without_licence(page):
    return re.sub(r".*SPDX-License-Identifier.*\n", "", page)


# (what is broken, file, edit, who says it, what is said)
CASES = [
    ("an include that goes up", "engine/core/text.cpp", append('#include "engine/run/run.h"\n'), "map.py",
     "engine/core/text.cpp: engine/core must not include engine/run"),
    ("an include that goes up to the window", "engine/run/run.cpp", append('#include "widgets/link/enginelink.h"\n'), "map.py",
     "engine/run/run.cpp: engine/run must not include widgets/link"),
    ("an include that goes sideways", "engine/regularizers/registry.cpp", append('#include "engine/storage/h5.h"\n'), "map.py",
     "engine/regularizers/registry.cpp: engine/regularizers must not include engine/storage"),
    ("an include of a program's folder", "app/gui/menus.cpp", append('#include "app/cli/train.h"\n'), "map.py",
     "app/gui/menus.cpp: app/gui must not include app/cli"),
    ("a build that uses more than the table", "engine/live/CMakeLists.txt", swap("condensate_library()", "condensate_library(USES core)"),
     "map.py", "engine/live/CMakeLists.txt: expected USES"),
    ("a table that allows more than the build", "ARCHITECTURE.md", swap("| `engine/bench` | core,", "| `engine/bench` | core, files,"),
     "map.py", "engine/bench/CMakeLists.txt: expected USES core files"),
    ("a table that allows less", "ARCHITECTURE.md", swap("| `engine/bench` | core, frame,", "| `engine/bench` | core,"), "map.py",
     "engine/bench must not include engine/frame"),
    ("a row that allows what stands below", "ARCHITECTURE.md", swap("| `engine/files` | core |", "| `engine/files` | core, frame |"),
     "map.py", "ARCHITECTURE.md, engine/files: expected folders above it, found engine/frame"),
    ("a folder without a row", "engine/unknown/new.h", append("// SPDX-License-Identifier: GPL-3.0-or-later\n"), "map.py",
     "engine/unknown: expected a row"),
    ("a row without a folder", "ARCHITECTURE.md", swap("| `engine/files` |", "| `engine/gone` | core | nothing |\n| `engine/files` |"),
     "map.py", "expected sources in engine/gone"),
    ("code over 140 columns", "engine/core/text.cpp", append("int " + "x" * 136 + ";\n"), "rules.sh", "engine/core/text.cpp"),
    ("code over 140 columns in a test", "tests/engine/tst_text.cpp", append("int " + "x" * 136 + ";\n"), "rules.sh", "tst_text.cpp"),
    ("a comment over 120 columns", "engine/core/text.cpp", append("// " + "ü" * 118 + "\n"), "rules.sh", "engine/core/text.cpp"),
    ("the same in a script", "tests/rules/map.py", append("# " + "x" * 119 + "\n"), "rules.sh", "tests/rules/map.py"),
    ("prose over 120 columns", "tests/README.md", append("x" * 121 + "\n"), "rules.sh", "tests/README.md"),
    ("ARCHITECTURE.md of 91 lines", "ARCHITECTURE.md", with_91_lines, "rules.sh", "91 ARCHITECTURE.md"),
    ("a source of 426 lines", "engine/core/text.cpp", append("\n" * 426), "rules.sh", "engine/core/text.cpp"),
    ("a source without a licence", "engine/core/text.cpp", without_licence, "rules.sh", "engine/core/text.cpp"),
    ("Qt in the engine", "engine/core/text.cpp", append("#include <QString>\n"), "rules.sh", "engine/core/text.cpp"),
    ("LibTorch in a header of the engine", "engine/core/text.h", append("#include <torch/torch.h>\n"), "rules.sh", "engine/core/text.h"),
    ("LibTorch in the window", "app/gui/menus.cpp", append("#include <torch/torch.h>\n"), "rules.sh", "app/gui/menus.cpp"),
    ("HDF5 outside storage", "engine/run/run.cpp", append("#include <hdf5.h>\n"), "rules.sh", "engine/run/run.cpp"),
    ("a left-over", "engine/core/text.cpp", append("// TO" "DO\n"), "rules.sh", "engine/core/text.cpp"),
]
# What only just keeps to the rules.
KEPT = [
    ("code of 140 columns", "engine/core/text.cpp", append("int " + "x" * 135 + ";\n")),
    ("a comment of 120 columns", "engine/core/text.cpp", append("// " + "ü" * 117 + "\n")),
    ("an include of a folder it may include", "engine/files/atomicfile.cpp", append('#include "engine/core/text.h"\n')),
]


def check(root, tool):
    done = subprocess.run([root / "tests/rules" / tool, root], capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")  # lines are cut within characters


class Broken:
    """A file of the copy, edited for a while."""

    def __init__(self, path, edit):
        self.path = path
        self.is_new = not path.exists()
        self.before = "" if self.is_new else path.read_text(encoding="utf-8")
        self.after = edit(self.before)

    def __enter__(self):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(self.after, encoding="utf-8")

    def __exit__(self, *_):
        if self.is_new:
            shutil.rmtree(self.path.parent)
        else:
            self.path.write_text(self.before, encoding="utf-8")


def complaints(root):
    for tool in ("rules.sh", "map.py"):
        code, text = check(root, tool)
        if code != 0:
            yield f"{tool}: expected nothing to say before anything is broken, found {code}: {text}"
            return
    for what, name, edit, tool, says in CASES:
        broken = Broken(root / name, edit)
        if broken.after == broken.before:
            yield f"{what}: expected an edit of {name}, found none"
            continue
        with broken:
            code, text = check(root, tool)
        if code != 1 or says not in text:
            yield f"{what}: expected {tool} to end with 1 and say {says!r}, found {code}: {text}"
    for what, name, edit in KEPT:
        with Broken(root / name, edit):
            found = [check(root, tool) for tool in ("rules.sh", "map.py")]
        if any(code for code, _ in found):
            yield f"{what}: expected nothing to say, found {found}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        copy(pathlib.Path(sys.argv[1]), root)
        lines = list(complaints(root))
    for line in lines:
        print(line)
    return 1 if lines else 0


sys.exit(main())
