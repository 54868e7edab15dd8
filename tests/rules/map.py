#!/usr/bin/python3 -B
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""map.py ROOT: holds includes and build against the table of folders in ARCHITECTURE.md. Prints each breach; 1 if
there is any.

A row of the table names a folder and those that it may include. All of these stand above it, so that no include goes
up or sideways. Every folder with sources has a row, a folder is a library (condensate_library in its CMakeLists.txt),
and the library's USES are the row's folders. What a row allows is made use of.
"""
import pathlib
import re
import sys

PROGRAMS = {"app", "app/launcher", "engine/decode"}  # their CMakeLists.txt make something else than a library


def table(page):
    """{folder: [folders it may include]}, in order."""
    rows = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        row = re.match(r"\| `((?:engine|widgets|app)[a-z/]*)` \|([^|]*)\|", line)
        if row:
            rows[row[1]] = row[2].replace("`", "").replace(",", " ").split()
    return rows


def full_name(folder, rows, seen_from):
    """`core` stands for engine/core; where two folders have the same last name, for the one in the same house."""
    named = [row for row in rows if row == folder or row.rsplit("/", 1)[-1] == folder]
    house = seen_from.split("/")[0]
    return next((row for row in named if row.split("/")[0] == house), named[0] if named else folder)


def includes(root, folder):
    """{folder included: a file that does it}"""
    found = {}
    for file in sorted((root / folder).iterdir()):
        if file.suffix not in (".cpp", ".h"):
            continue
        for name in re.findall(r'^#include "((?:engine|widgets|app)/[^"]+)"', file.read_text(encoding="utf-8"), re.M):
            other = name.rsplit("/", 1)[0]
            if other != folder:
                found.setdefault(other, f"{folder}/{file.name}")
    return found


def uses(root, folder):
    """USES of its library, or nothing where its CMakeLists.txt makes none."""
    lists = root / folder / "CMakeLists.txt"
    text = re.sub(r"#.*", "", lists.read_text(encoding="utf-8")) if lists.exists() else ""
    library = re.search(r"condensate_library\(([^)]*)\)", text)
    if not library:
        return None
    listed = re.search(r"\bUSES\b((?:\s+(?!(?:LINK|SOURCES|TORCH)\b)\S+)*)", library[1])
    return listed[1].split() if listed else []


def breaches(root):
    rows = table(root / "ARCHITECTURE.md")
    if len(rows) < 10:
        yield "ARCHITECTURE.md: expected a table of folders, found none"
        return
    folders = {str(file.parent.relative_to(root)) for house in ("engine", "widgets", "app")
               for pattern in ("*.cpp", "*.h") for file in (root / house).rglob(pattern)}
    for folder in sorted(folders - rows.keys()):
        yield f"{folder}: expected a row in ARCHITECTURE.md, found none"
    for folder in sorted(rows.keys() - folders):
        yield f"ARCHITECTURE.md: expected sources in {folder}, found none"
    order = list(rows)
    for folder in (row for row in order if row in folders):
        allowed = {full_name(name, rows, folder) for name in rows[folder]}
        for other in sorted(allowed):
            if other not in rows:
                yield f"ARCHITECTURE.md, {folder}: expected folders of the table, found {other}"
            elif order.index(other) >= order.index(folder):
                yield f"ARCHITECTURE.md, {folder}: expected folders above it, found {other}"
        found = includes(root, folder)
        for other in sorted(found.keys() - allowed):
            yield f"{found[other]}: {folder} must not include {other}"
        for other in sorted(allowed - found.keys()):
            yield f"ARCHITECTURE.md, {folder}: it may include {other} and does not"
        linked = uses(root, folder)
        if folder in PROGRAMS:
            continue
        if linked is None:
            yield f"{folder}/CMakeLists.txt: expected condensate_library, found none"
        elif {full_name(name, rows, folder) for name in linked} != allowed:
            yield (f"{folder}/CMakeLists.txt: expected USES {' '.join(rows[folder])}, as ARCHITECTURE.md says, "
                   f"found {' '.join(linked)}")


def main():
    root = pathlib.Path(sys.argv[1])
    lines = list(breaches(root))
    for line in lines:
        print(line)
    return 1 if lines else 0


sys.exit(main())
