// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/scriptarchive_torch.h"
#include "engine/core/readable.h"
#include "engine/storage/snapshot.h"
#include <ATen/CPUGeneratorImpl.h>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <sstream>
#include <torch/torch.h>
#include <utility>

namespace engine {
namespace {

constexpr std::string_view kExpected = "a module that torch.jit.save wrote";

/// A parameter that a network might start with: numbers that neither vanish nor explode on their way through it.
torch::Tensor madeUp(std::string_view name, const torch::Tensor &parameter, at::Generator &generator)
{
    if (parameter.dim() < 2)
        return name.ends_with("weight") ? torch::ones(parameter.sizes()) : torch::zeros(parameter.sizes());
    const auto fanIn = static_cast<double>(parameter.numel()) / static_cast<double>(std::max<std::int64_t>(1, parameter.size(0)));
    return torch::randn(parameter.sizes(), generator) / std::sqrt(std::max(1.0, fanIn));
}

} // namespace

std::string reasonOf(const std::exception &thrown)
{
    const auto *error = dynamic_cast<const c10::Error *>(&thrown);
    std::string_view text = error ? error->what_without_backtrace() : thrown.what();
    constexpr std::string_view mark = "RuntimeError: "; // of an error inside the module's code
    if (const auto place = text.rfind(mark); place != std::string_view::npos)
        text.remove_prefix(place + mark.size());
    return std::string{text.substr(0, text.find('\n'))};
}

ScriptSlot slotOf(const torch::jit::Module &module, std::string_view name)
{
    auto owner = module._ivalue();
    std::string_view rest = name;
    for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        owner = owner->getAttr(std::string{rest.substr(0, dot)}).toObject();
        rest.remove_prefix(dot + 1);
    }
    return {owner, owner->type()->getAttributeSlot(std::string{rest})};
}

Result<torch::jit::Module> loadModule(const std::filesystem::path &file)
{
    const auto subject = fmt::format("TorchScript network {}", file.string());
    if (const auto readable = checkReadable(file, subject, kExpected); !readable)
        return std::unexpected(readable.error());
    try {
        return torch::jit::load(file.string(), torch::kCPU);
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::BadFormat, fmt::format("{}: expected {}, found something else ({}).", subject, kExpected, reasonOf(thrown)));
    }
}

Result<std::vector<std::byte>> codeOf(const torch::jit::Module &module)
{
    std::vector<std::pair<ScriptSlot, torch::Tensor>> values;
    const std::shared_ptr<void> putBack{nullptr, [&values](void *) {
        for (const auto &[slot, value] : values)
            slot.set(value);
    }};
    try {
        for (const auto &parameter : module.named_parameters()) {
            const torch::Tensor value = parameter.value;
            values.emplace_back(slotOf(module, parameter.name), value);
            if (value.numel() > 1) // one number, seen as all
                values.back().first.set(torch::zeros({1}).expand(value.sizes()));
        }
        std::ostringstream archive;
        module.save(archive);
        const std::string text = std::move(archive).str();
        if (text.size() > kMaxModuleBytes)
            return fail(ErrorCode::Unsupported, fmt::format("{} MB, more than {}", text.size() >> 20, kMaxModuleBytes >> 20));
        const auto bytes = std::as_bytes(std::span{text});
        return std::vector<std::byte>(bytes.begin(), bytes.end());
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Unsupported, reasonOf(thrown));
    }
}

Result<torch::jit::Module> readKept(const KeptModule &kept)
{
    try {
        std::istringstream archive{std::string{reinterpret_cast<const char *>(kept.code.data()), kept.code.size()}};
        auto module = torch::jit::load(archive, torch::kCPU);
        std::uint64_t values = 0;
        for (const auto &parameter : module.parameters())
            values += static_cast<std::uint64_t>(parameter.numel());
        if (values > kept.values)
            return fail(
                ErrorCode::BadFormat,
                fmt::format("TorchScript network: expected parameters of at most {} values, as are stored beside its code, found {}.",
                            kept.values, values));
        auto generator = at::make_generator<at::CPUGeneratorImpl>();
        for (const auto &parameter : module.named_parameters()) {
            if (parameter.value.scalar_type() == torch::kFloat32)
                slotOf(module, parameter.name).set(madeUp(parameter.name, parameter.value, generator));
        }
        return module;
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::BadFormat,
                    fmt::format("TorchScript network: expected the code of a module, found something else ({}).", reasonOf(thrown)));
    }
}

} // namespace engine
