// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/scriptgraph_torch.h"
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/inliner.h>

namespace engine {
namespace {

using torch::jit::Block;
using torch::jit::Node;
using torch::jit::Value;

constexpr std::array kWithKernel = {"aten::conv1d",           "aten::conv2d",           "aten::conv3d",
                                    "aten::_convolution",     "aten::convolution",      "aten::conv_transpose1d",
                                    "aten::conv_transpose2d", "aten::conv_transpose3d", "aten::linear"};
constexpr std::size_t kKernelInput = 1; // of each of them

/// Operations that behave otherwise in training, and the input that tells them.
struct ModalOperation {
    std::string_view name;
    std::size_t trainingInput;
};
constexpr std::array kModal = {ModalOperation{"aten::batch_norm", 5}, ModalOperation{"aten::dropout", 2},
                               ModalOperation{"aten::feature_dropout", 2}, ModalOperation{"aten::alpha_dropout", 2},
                               ModalOperation{"aten::feature_alpha_dropout", 2}};

/// The dotted name of the parameter that a value is, if it is one.
std::optional<std::string> parameterName(const Value *value)
{
    std::string name;
    const Node *node = value->node();
    for (; node->kind() == c10::prim::GetAttr; node = node->input(0)->node())
        name = node->s(c10::attr::name) + (name.empty() ? "" : "." + name);
    if (name.empty() || node->kind() != c10::prim::Param)
        return std::nullopt;
    return name;
}

void read(const Block &block, ScriptGraph &graph)
{
    for (const Node *node : block.nodes()) {
        const std::string_view kind = node->kind().toQualString();
        if (std::ranges::find(kWithKernel, kind) != kWithKernel.end()) {
            const auto name = parameterName(node->input(kKernelInput));
            if (name && std::ranges::find(graph.kernels, *name) == graph.kernels.end())
                graph.kernels.push_back(*name);
        }
        const auto modal = std::ranges::find(kModal, kind, &ModalOperation::name);
        if (modal != kModal.end() && graph.fixedOperation.empty() && torch::jit::toIValue(node->input(modal->trainingInput)))
            graph.fixedOperation = kind.substr(kind.find("::") + 2);
        for (const Block *inner : node->blocks())
            read(*inner, graph);
    }
}

} // namespace

ScriptGraph readGraph(const torch::jit::Module &module)
{
    const auto code = module.get_method("forward").graph()->copy();
    torch::jit::Inline(*code);
    ScriptGraph graph;
    read(*code->block(), graph);
    return graph;
}

} // namespace engine
