#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The Condensate authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads exported networks as other programs do, and computes with them.

exported.py safetensors FILE
exported.py torchscript FILE IMAGES LOGITS
exported.py onnx FILE IMAGES LOGITS

IMAGES: float32 values, normalised; LOGITS: where the network's answer goes. Prints what the file says of itself
as JSON, and under "agrees" the libraries safetensors and onnxruntime, where they are installed and find the same
in the file. Exit status 77: a module is missing, named on stderr; 1: a rule is broken.
"""
import importlib
import json
import re
import sys


def installed(module):
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


def images_of(path, shape):
    images = torch.frombuffer(bytearray(open(path, "rb").read()), dtype=torch.float32)
    return images.view(-1, *shape)


def write_logits(path, logits):
    logits.detach().contiguous().numpy().tofile(path)


# ---- safetensors: by the letter of the format, not by the library ----


def read_safetensors(path):
    content = open(path, "rb").read()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    values = content[8 + length :]
    metadata = header.pop("__metadata__")
    assert all(isinstance(text, str) for text in metadata.values()), "metadata is text"
    assert length % 8 == 0, "values begin aligned"
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, after = entry["data_offsets"]
        kind = numpy.dtype({"F32": "<f4", "I64": "<i8", "U8": "u1"}[entry["dtype"]])
        assert begin == end, f"{name}: a hole before it"
        assert begin % kind.itemsize == 0, f"{name}: not aligned"
        tensors[name] = numpy.frombuffer(values[begin:after], kind).reshape(entry["shape"])
        end = after
    assert end == len(values), "values without a name"
    return metadata, tensors


def agrees_with_safetensors(path, metadata, tensors):
    library = installed("safetensors")
    if not library:
        return []
    with library.safe_open(path, framework="numpy") as file:
        assert file.metadata() == metadata, "safetensors reads other facts"
        assert set(file.keys()) == set(tensors), "safetensors reads other names"
        for name, values in tensors.items():
            assert numpy.array_equal(file.get_tensor(name), values), f"safetensors reads other values of {name}"
    return ["safetensors"]


def check_safetensors(path):
    metadata, tensors = read_safetensors(path)
    coded = 0
    for name, indices in tensors.items():
        if not name.endswith(".indices"):
            continue
        layer = name[: -len(".indices")]
        codebook = tensors[layer + ".codebook"]
        assert indices.dtype == numpy.uint8 and codebook.dtype == numpy.float32 and (numpy.diff(codebook) >= 0).all(), layer
        part = re.fullmatch(r"(.*)\[(\d+):(\d+)\]", layer)
        kernel = tensors[part[1] + ".weight"][int(part[2]) : int(part[3])] if part else tensors[layer + ".weight"]
        assert (codebook[indices] == kernel).all(), f"{layer}: other weights than its codes say"
        coded += indices.size
    shapes = {name: list(values.shape) for name, values in tensors.items()}
    return {"facts": metadata, "shapes": shapes, "coded": coded, "agrees": agrees_with_safetensors(path, metadata, tensors)}


# ---- TorchScript ----


def run_torchscript(path, images, logits):
    torch.set_num_threads(1)
    extra = {"condensate.json": ""}
    module = torch.jit.load(path, _extra_files=extra)
    facts = json.loads(extra["condensate.json"])
    if hasattr(module, "input_shape"):
        found = [module.mean, module.std, module.classes, module.input_shape]
        assert found == [facts[key] for key in ("mean", "std", "classes", "input_shape")]
    module.eval()
    write_logits(logits, module(images_of(images, facts["input_shape"])))
    return {"facts": facts, "shapes": {name: list(value.shape) for name, value in module.state_dict().items()}}


# ---- ONNX: the operators that exported networks use, as the standard defines them ----


def conv(x, kernel, bias=None, *, kernel_shape, strides, pads):
    assert list(kernel.shape[2:]) == list(kernel_shape) and pads[:2] == pads[2:]
    return functional.conv2d(x, kernel, bias, strides, pads[:2])


def gemm(x, kernel, bias=None, *, transB=0):
    product = x @ (kernel.t() if transB else kernel)
    return product if bias is None else product + bias


def norm(x, scale, shift, mean, variance, *, epsilon):
    def wide(values):
        return values.view(1, -1, 1, 1)

    return wide(scale) * (x - wide(mean)) / torch.sqrt(wide(variance) + epsilon) + wide(shift)


def pool(x, *, kernel_shape, strides, pads, ceil_mode):
    return functional.max_pool2d(x, kernel_shape, strides, pads[:2], ceil_mode=bool(ceil_mode))


def operators():
    return {
        "BatchNormalization": norm,
        "Cast": lambda x, *, to: x.to({onnx.TensorProto.INT32: torch.int32}[to]),
        "Concat": lambda *parts, axis: torch.cat(parts, axis),
        "Conv": conv,
        "Flatten": lambda x, *, axis: x.flatten(axis),
        "Gather": lambda data, indices, *, axis: torch.index_select(data, axis, indices.flatten()).view(indices.shape),
        "Gemm": gemm,
        "MaxPool": pool,
        "Relu": torch.relu,
    }


def agrees_with_onnxruntime(path, images, logits):
    library = installed("onnxruntime")
    if not library:
        return []
    session = library.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(["logits"], {"images": images.numpy()})
    difference, largest = abs(found - logits.numpy()).max(), abs(logits).max().item()
    assert difference <= 1e-5 * largest, f"onnxruntime gives other logits: {difference} of {largest}"
    return ["onnxruntime"]


def run_onnx(path, images, logits):
    torch.set_num_threads(1)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    assert len(inferred.graph.value_info) == len(model.graph.node) - 1, "not every shape follows"
    facts = {fact.key: fact.value for fact in model.metadata_props}
    values = {tensor.name: torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy()) for tensor in model.graph.initializer}
    types = {name: str(value.dtype) for name, value in values.items()}
    shapes = {name: list(value.shape) for name, value in values.items()}
    shape = [side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim][1:]
    assert shape == json.loads(facts["input_shape"])
    values["images"] = images_of(images, shape)
    known = operators()
    for node in model.graph.node:
        attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
        values[node.output[0]] = known[node.op_type](*(values[name] for name in node.input), **attributes)
    write_logits(logits, values["logits"])
    agrees = agrees_with_onnxruntime(path, values["images"], values["logits"])
    return {"facts": facts, "shapes": shapes, "types": types, "opset": model.opset_import[0].version, "agrees": agrees}


mode, arguments = sys.argv[1], sys.argv[2:]
try:
    import numpy

    if mode != "safetensors":
        import torch
        from torch.nn import functional
    if mode == "onnx":
        import onnx
        from onnx import checker, helper, numpy_helper, shape_inference
except ImportError as missing:
    print(missing, file=sys.stderr)
    sys.exit(77)

json.dump({"safetensors": check_safetensors, "torchscript": run_torchscript, "onnx": run_onnx}[mode](*arguments), sys.stdout)
