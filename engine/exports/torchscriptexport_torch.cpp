// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/torchscriptexport_torch.h"
#include "engine/exports/modelfacts.h"
#include "engine/nets/scriptarchive_torch.h"
#include "engine/nets/scriptednetwork_torch.h"
#include "engine/files/atomicfile.h"
#include <fmt/format.h>
#include <map>
#include <span>
#include <sstream>
#include <torch/script.h>
#include <torch/torch.h>

namespace engine {
namespace {

using Kind = Operation::Kind;

constexpr auto kFacts = "condensate.json";

using Tensors = std::map<std::string, torch::Tensor>;

torch::jit::Module emptyModule(const std::string &name)
{
    torch::jit::Module module{c10::QualifiedName{"__torch__.condensate." + name}};
    module.register_attribute("training", c10::BoolType::get(), false); // as PyTorch's own modules have it
    return module;
}

std::string sectionOf(const Operation &operation) { return operation.name.substr(0, operation.name.find('.')); }
std::string numberOf(const Operation &operation) { return operation.name.substr(operation.name.find('.') + 1); }

/// The tensors of one operation, and its part of the code: x becomes what the operation makes of it.
std::string addOperation(const Tensors &tensors, const Operation &operation, torch::jit::Module &part)
{
    const auto own = [&](const char *suffix) {
        return fmt::format("getattr(self.{}, \"{}\").{}", sectionOf(operation), numberOf(operation), suffix);
    };
    const auto take = [&](const char *suffix, bool isTrained) {
        const auto &tensor = tensors.at(operation.name + "." + suffix);
        isTrained ? part.register_parameter(suffix, tensor, false) : part.register_buffer(suffix, tensor);
        return own(suffix);
    };
    const auto bias = [&] { return operation.bias ? take("bias", true) : std::string{"None"}; };
    const auto square = [](int side) { return fmt::format("[{}, {}]", side, side); };
    switch (operation.kind) {
    case Kind::Convolution: {
        const auto kernel = take("weight", true);
        return fmt::format("x = torch.conv2d(x, {}, {}, {}, {})", kernel, bias(), square(operation.stride), square(operation.padding));
    }
    case Kind::Linear: {
        const auto kernel = take("weight", true);
        return fmt::format("x = torch.linear(x, {}, {})", kernel, bias());
    }
    case Kind::BatchNormRelu: {
        const auto scale = take("weight", true), shift = take("bias", true), mean = take("running_mean", false),
                   variance = take("running_var", false);
        return fmt::format("x = torch.relu(torch.batch_norm(x, {}, {}, {}, {}, False, 0.1, {}, False))", scale, shift, mean, variance,
                           kNormEpsilon);
    }
    case Kind::MaxPool:
        return fmt::format("x = torch.max_pool2d(x, {}, {}, [0, 0], [1, 1], True)", square(operation.kernel), square(operation.stride));
    case Kind::Relu: return "x = torch.relu(x)";
    case Kind::Flatten: return "x = torch.flatten(x, 1)";
    case Kind::Dropout: break;
    }
    return {};
}

void addFacts(const PackedModel &model, torch::jit::Module &module)
{
    const auto reals = [](const std::vector<float> &values) {
        return c10::List<double>(c10::ArrayRef<double>{std::vector<double>(values.begin(), values.end())});
    };
    module.register_attribute("mean", c10::ListType::ofFloats(), reals(model.data.mean));
    module.register_attribute("std", c10::ListType::ofFloats(), reals(model.data.deviation));
    module.register_attribute("classes", c10::ListType::ofStrings(),
                              c10::List<std::string>(c10::ArrayRef<std::string>{model.data.classNames}));
    module.register_attribute("input_shape", c10::ListType::ofInts(),
                              c10::List<std::int64_t>({model.network.channels, model.network.height, model.network.width}));
}

/// A module for each section of the plan ("features"), with one for each operation.
torch::jit::Module plannedModule(const PackedModel &model, const Tensors &tensors)
{
    const NetworkPlan plan = planOf(model);
    torch::jit::Module module = emptyModule("Network");
    std::string code = "def forward(self, x: Tensor) -> Tensor:\n";
    if (plan.channelsLast)
        code += fmt::format("    x = torch.contiguous(x, memory_format={})\n", static_cast<int>(at::MemoryFormat::ChannelsLast));
    for (const Operation &operation : plan.operations) {
        const std::string section = sectionOf(operation);
        if (!module.hasattr(section))
            module.register_module(section, emptyModule(section));
        torch::jit::Module part = emptyModule(section + "_" + numberOf(operation));
        if (const std::string line = addOperation(tensors, operation, part); !line.empty())
            code += "    " + line + "\n";
        module.attr(section).toModule().register_module(numberOf(operation), part);
    }
    addFacts(model, module);
    module.define(code + "    return x\n");
    return module;
}

} // namespace

Result<void> exportTorchScript(const PackedModel &model, const UnpackedNetwork &unpacked, const std::filesystem::path &file)
{
    std::string bytes;
    try {
        torch::NoGradGuard noGradient;
        const auto *scripted = dynamic_cast<const ScriptedNetwork *>(unpacked.network.get());
        const torch::jit::Module module = scripted ? scripted->withKernels(unpacked.kernels) : plannedModule(model, unpacked.tensors());
        std::ostringstream archive;
        module.save(archive, {{kFacts, factsAsJson(model)}});
        bytes = std::move(archive).str();
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Unsupported,
                    fmt::format("TorchScript: {} cannot be written as a module: {}.", networkNameOf(model), reasonOf(thrown)));
    }
    return replaceFile(file, std::as_bytes(std::span{bytes}));
}

} // namespace engine
