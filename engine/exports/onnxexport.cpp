// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/onnxexport.h"
#include "engine/exports/modelfacts.h"
#include "engine/packedtext/packednames.h"
#include "engine/files/atomicfile.h"
#include "condensateversion.h"
#include <algorithm>
#include <fmt/format.h>
#include <initializer_list>
#include <onnx/onnx_pb.h>
#include <span>

namespace engine {
namespace {

using Kind = Operation::Kind;

constexpr std::int64_t kOperators = 13; // a set that all current runtimes know, with all that is needed here
constexpr std::int64_t kFormat = 7;     // the version of the file format that came with it

std::string_view bytesOf(std::span<const std::byte> bytes) { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }

/// Appends nodes to a graph; each gives one value, named as asked.
class GraphMaker {
public:
    GraphMaker(const PackedModel &model, onnx::GraphProto &graph) : m_model{model}, m_graph{graph} {}

    void addInitializer(const std::string &name, onnx::TensorProto::DataType type, std::span<const std::int64_t> shape,
                        std::span<const std::byte> bytes)
    {
        onnx::TensorProto &tensor = *m_graph.add_initializer();
        tensor.set_name(name);
        tensor.set_data_type(type);
        for (const auto side : shape)
            tensor.add_dims(side);
        tensor.set_raw_data(std::string{bytesOf(bytes)});
    }
    /// A tensor of the network as it is.
    std::string addTensor(const std::string &name)
    {
        const PackedTensor &tensor = *std::ranges::find(m_model.tensors, name, &PackedTensor::name);
        addInitializer(name, onnx::TensorProto::FLOAT, tensor.shape, std::as_bytes(std::span{tensor.values}));
        return name;
    }
    onnx::NodeProto &add(const std::string &type, std::initializer_list<std::string> inputs, const std::string &output)
    {
        onnx::NodeProto &node = *m_graph.add_node();
        node.set_op_type(type);
        node.set_name(output + ":" + type);
        for (const auto &input : inputs)
            node.add_input(input);
        node.add_output(output);
        return node;
    }
    /// The weights of a layer with a codebook.
    std::string addGather(const PackedKernel &kernel)
    {
        const std::string layer = layerNameOf(kernel), codebook = layer + ".codebook", indices = layer + ".indices",
                          wide = indices + ".int32", weights = layer + ".weight";
        const std::int64_t k[] = {static_cast<std::int64_t>(kernel.codebook.size())};
        addInitializer(codebook, onnx::TensorProto::FLOAT, k, std::as_bytes(std::span{kernel.codebook}));
        addInitializer(indices, onnx::TensorProto::UINT8, shapeOf(kernel), std::as_bytes(std::span{kernel.codes}));
        setNumber(add("Cast", {indices}, wide), "to", onnx::TensorProto::INT32); // Gather takes no bytes
        setNumber(add("Gather", {codebook, wide}, weights), "axis", 0);
        return weights;
    }
    /// A kernel: of one codebook, of one for each range of its channels, or float as it is.
    std::string addKernel(const std::string &operation)
    {
        const std::string name = operation + ".weight";
        std::vector<std::string> parts;
        for (const PackedKernel &kernel : m_model.kernels) {
            if (kernel.name == operation)
                parts.push_back(addGather(kernel));
        }
        if (parts.empty())
            return addTensor(name);
        if (parts.size() == 1)
            return parts.front();
        onnx::NodeProto &whole = add("Concat", {}, name);
        for (const auto &part : parts)
            whole.add_input(part);
        setNumber(whole, "axis", 0);
        return name;
    }

    static void setNumber(onnx::NodeProto &node, const char *name, std::int64_t value)
    {
        onnx::AttributeProto &attribute = *node.add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::INT);
        attribute.set_i(value);
    }
    static void setNumbers(onnx::NodeProto &node, const char *name, std::initializer_list<std::int64_t> values)
    {
        onnx::AttributeProto &attribute = *node.add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::INTS);
        for (const auto value : values)
            attribute.add_ints(value);
    }
    static void setReal(onnx::NodeProto &node, const char *name, double value)
    {
        onnx::AttributeProto &attribute = *node.add_attribute();
        attribute.set_name(name);
        attribute.set_type(onnx::AttributeProto::FLOAT);
        attribute.set_f(static_cast<float>(value));
    }

private:
    const PackedModel &m_model;
    onnx::GraphProto &m_graph;
};

void setWindow(onnx::NodeProto &node, const Operation &operation)
{
    GraphMaker::setNumbers(node, "kernel_shape", {operation.kernel, operation.kernel});
    GraphMaker::setNumbers(node, "strides", {operation.stride, operation.stride});
    GraphMaker::setNumbers(node, "pads", {operation.padding, operation.padding, operation.padding, operation.padding});
}

/// Adds what the operation does to the value `x`; `output` is the name of the result.
void addOperation(GraphMaker &graph, const Operation &operation, const std::string &x, const std::string &output)
{
    const auto tensor = [&](const char *suffix) { return graph.addTensor(operation.name + suffix); };
    const auto kernelOf = [&] { return graph.addKernel(operation.name); };
    switch (operation.kind) {
    case Kind::Convolution: {
        const std::string kernel = kernelOf();
        onnx::NodeProto &node = graph.add("Conv", {x, kernel}, output);
        if (operation.bias)
            node.add_input(tensor(".bias"));
        return setWindow(node, operation);
    }
    case Kind::Linear: {
        const std::string kernel = kernelOf();
        onnx::NodeProto &node = graph.add("Gemm", {x, kernel}, output);
        if (operation.bias)
            node.add_input(tensor(".bias"));
        return GraphMaker::setNumber(node, "transB", 1); // kernels are (out, in)
    }
    case Kind::BatchNormRelu: {
        const std::string normalised = output + ".normalised";
        onnx::NodeProto &node = graph.add(
            "BatchNormalization", {x, tensor(".weight"), tensor(".bias"), tensor(".running_mean"), tensor(".running_var")}, normalised);
        GraphMaker::setReal(node, "epsilon", kNormEpsilon);
        graph.add("Relu", {normalised}, output);
        return;
    }
    case Kind::Relu: graph.add("Relu", {x}, output); return;
    case Kind::MaxPool: {
        onnx::NodeProto &node = graph.add("MaxPool", {x}, output);
        setWindow(node, operation);
        return GraphMaker::setNumber(node, "ceil_mode", 1);
    }
    case Kind::Flatten: return GraphMaker::setNumber(graph.add("Flatten", {x}, output), "axis", 1);
    case Kind::Dropout: return; // left out by the caller
    }
}

void describeValue(onnx::ValueInfoProto &value, const char *name, std::initializer_list<std::int64_t> sides)
{
    value.set_name(name);
    auto &type = *value.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    for (const auto side : sides)
        type.mutable_shape()->add_dim()->set_dim_value(side);
}

onnx::ModelProto messagesOf(const PackedModel &packed)
{
    const NetworkPlan plan = planOf(packed);
    onnx::ModelProto model;
    model.set_ir_version(kFormat);
    model.set_producer_name("Condensate");
    model.set_producer_version(CONDENSATE_VERSION);
    model.add_opset_import()->set_version(kOperators);
    for (const auto &[key, value] : factsAsTexts(packed)) {
        auto &fact = *model.add_metadata_props();
        fact.set_key(key);
        fact.set_value(value);
    }
    onnx::GraphProto &graph = *model.mutable_graph();
    graph.set_name(packed.network.name);
    graph.set_doc_string("images: (pixel / 255 - mean) / std of each channel; mean and std stand in the metadata.");
    describeValue(*graph.add_input(), "images", {plan.channels, plan.height, plan.width});
    describeValue(*graph.add_output(), "logits", {plan.classes});
    GraphMaker maker{packed, graph};
    std::string x = "images";
    for (const Operation &operation : plan.operations) {
        if (operation.kind == Kind::Dropout)
            continue;
        const std::string output = &operation == &plan.operations.back() ? "logits" : operation.name;
        addOperation(maker, operation, x, output);
        x = output;
    }
    return model;
}

} // namespace

Result<void> exportOnnx(const PackedModel &model, const std::filesystem::path &file)
{
    std::string bytes;
    if (!messagesOf(model).SerializeToString(&bytes))
        return fail(ErrorCode::Unsupported,
                    fmt::format("ONNX: expected a network of at most 2 GB, found {}, which takes more.", model.network.name));
    return replaceFile(file, std::as_bytes(std::span{bytes}));
}

} // namespace engine
