# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a snapshot as a user of h5py or of a NeXus viewer would.

check_snapshot.py FILE: checks the rules of NeXus that make plots appear, then prints as JSON what is in the file
(every dataset with shape, type and a hash of its bytes, every attribute). Exit status 77: h5py is missing;
1: a rule is broken, named on stderr.
"""
import hashlib
import json
import sys

try:
    import h5py
    import numpy
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)


def plain(value):
    """An attribute as JSON can hold it."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, numpy.ndarray):
        return [plain(entry) for entry in value.tolist()]
    return value.item() if isinstance(value, numpy.generic) else value


def texts(value):
    value = plain(value)
    return [value] if isinstance(value, str) else value


def check_plot(group):
    """The rules of NXdata: signal and axes exist, an axis has one value for each point or one more (edges of bins)."""
    signal = group[plain(group.attrs["signal"])]
    axes = texts(group.attrs["axes"])
    assert len(axes) == signal.ndim, f"{group.name}: {len(axes)} axes for {signal.ndim} dimensions"
    for axis, extent in zip(axes, signal.shape):
        assert group[axis].shape in ((extent,), (extent + 1,)), f"{group.name}/{axis}: {group[axis].shape} for {extent}"
    for name in texts(group.attrs.get("auxiliary_signals", numpy.array([]))):
        assert group[name].shape == signal.shape, f"{group.name}/{name}: not the shape of the signal"
    for name in axes + [signal.name]:
        assert "long_name" in group[name].attrs, f"{group.name}/{name}: no long_name"


def default_plot(group):
    """Where a viewer ends up that follows `default` from here."""
    while plain(group.attrs["NX_class"]) != "NXdata":
        group = group[plain(group.attrs["default"])]
    return group


def check(file):
    assert plain(file.attrs["NX_class"]) == "NXroot"
    assert plain(file["run"].attrs["NX_class"]) == "NXentry"

    def visit(_, item):
        if isinstance(item, h5py.Group):
            assert "NX_class" in item.attrs, f"{item.name}: no NX_class"
            if plain(item.attrs["NX_class"]) == "NXdata":
                check_plot(item)
            elif "default" in item.attrs:
                default_plot(item)

    file.visititems(visit)
    for layer in file["run/layers"].values():
        counts, edges = layer["histogram/counts"], layer["histogram/edges"]
        assert edges.shape == (counts.shape[0] + 1,), f"{layer.name}: {edges.shape} edges for {counts.shape} counts"
        assert (numpy.diff(edges[...]) > 0).all(), f"{layer.name}: edges do not ascend"
        outside = sum(plain(layer["histogram"].attrs[name]) for name in ("underflow", "overflow", "nan", "inf"))
        assert counts[...].sum() + outside == layer["weights"].size, f"{layer.name}: the histogram misses weights"
        # The whole point of a snapshot for others: the snapped weights in one line.
        snapped = layer["codebook"][...][layer["assignment"][...]]
        assert snapped.shape == layer["weights"].shape


def check_copy(file):
    """Parts of a snapshot can be copied into a file of one's own, also one for older tools."""
    with h5py.File("copy.h5", "w", driver="core", backing_store=False, libver="earliest") as other:
        file.copy("run", other)
        assert (other["run/series/step"][...] == file["run/series/step"][...]).all()


def contents(file):
    found = {"default": default_plot(file).name, "attributes": {}, "datasets": {}}

    def visit(name, item):
        found["attributes"][name] = {key: plain(value) for key, value in item.attrs.items()}
        if isinstance(item, h5py.Dataset):
            found["datasets"][name] = {
                "shape": list(item.shape),
                "type": item.dtype.str,
                "sha256": hashlib.sha256(numpy.ascontiguousarray(item[...]).tobytes()).hexdigest(),
                "compression": item.compression,
                "chunk_bytes": int(numpy.prod(item.chunks)) * item.dtype.itemsize if item.chunks else 0,
            }

    visit("", file)
    file.visititems(visit)
    return found


def main():
    with h5py.File(sys.argv[1], "r") as file:
        try:
            check(file)
            check_copy(file)
        except (AssertionError, KeyError) as broken:
            print(f"broken rule: {broken}", file=sys.stderr)
            sys.exit(1)
        json.dump(contents(file), sys.stdout)


main()
