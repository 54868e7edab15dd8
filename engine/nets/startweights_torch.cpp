// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/startweights_torch.h"
#include "engine/core/readable.h"
#include "engine/storage/safetensors.h"
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <torch/script.h>
#include <torch/torch.h>

namespace engine {
namespace {

using Tensors = std::map<std::string, torch::Tensor>;

constexpr std::size_t kNamedAtMost = 4;
constexpr std::string_view kExpected = "a .safetensors file or a TorchScript module (torch.jit.save)";

std::string plainName(std::string name)
{
    constexpr std::string_view wrapper = "module."; // of DataParallel
    return name.starts_with(wrapper) ? name.substr(wrapper.size()) : name;
}

torch::ScalarType typeOf(SafetensorsFile::Type type)
{
    switch (type) {
    case SafetensorsFile::Type::Float64: return torch::kFloat64;
    case SafetensorsFile::Type::Float16: return torch::kFloat16;
    case SafetensorsFile::Type::BFloat16: return torch::kBFloat16;
    case SafetensorsFile::Type::Float32: break;
    }
    return torch::kFloat32;
}

Result<Tensors> readSafetensors(const std::filesystem::path &file)
{
    const auto read = SafetensorsFile::read(file);
    if (!read)
        return std::unexpected(read.error());
    Tensors tensors;
    for (const auto &tensor : read->tensors()) {
        // Values may start at any byte; a tensor must not.
        torch::Tensor bytes = torch::empty({static_cast<std::int64_t>(tensor.bytes.size())}, torch::kUInt8);
        std::memcpy(bytes.data_ptr(), tensor.bytes.data(), tensor.bytes.size());
        tensors.emplace(plainName(tensor.name),
                        torch::from_blob(bytes.data_ptr(), tensor.shape, typeOf(tensor.type)).to(torch::kFloat32, false, /*copy=*/true));
    }
    return tensors;
}

Result<Tensors> readTorchScript(const std::filesystem::path &file)
{
    if (const auto readable = checkReadable(file, fmt::format("Start weights {}", file.string()), kExpected); !readable)
        return std::unexpected(readable.error());
    try {
        const auto module = torch::jit::load(file.string(), torch::kCPU);
        Tensors tensors;
        for (const auto &entry : module.named_parameters())
            tensors.emplace(plainName(entry.name), entry.value.detach().to(torch::kFloat32));
        for (const auto &entry : module.named_buffers())
            tensors.emplace(plainName(entry.name), entry.value.detach().to(torch::kFloat32));
        return tensors;
    } catch (const std::exception &) {
        return fail(
            ErrorCode::BadFormat,
            fmt::format("Start weights {}: expected {}, found something else.", file.string(), kExpected));
    }
}

std::string shapeText(const torch::Tensor &tensor) { return fmt::format("({})", fmt::join(tensor.sizes().vec(), ", ")); }

std::string listed(const std::vector<std::string> &items)
{
    const std::span<const std::string> first{items.data(), std::min(items.size(), kNamedAtMost)};
    return fmt::format("{}{}", fmt::join(first, ", "),
                       items.size() > kNamedAtMost ? fmt::format(" and {} others", items.size() - kNamedAtMost) : std::string{});
}

} // namespace

Result<std::string> loadStartWeights(Network &network, const std::filesystem::path &file)
{
    const auto read = file.extension() == ".safetensors" ? readSafetensors(file) : readTorchScript(file);
    if (!read)
        return std::unexpected(read.error());
    std::vector<std::pair<torch::Tensor, torch::Tensor>> taken; // to, from
    std::vector<std::string> kept;
    for (const auto &entry : network.tensors()) {
        if (entry.tensor.scalar_type() != torch::kFloat32)
            continue;
        const auto found = read->find(entry.name);
        if (found == read->end())
            kept.push_back(entry.name + " (missing)");
        else if (found->second.sizes() != entry.tensor.sizes())
            kept.push_back(fmt::format("{} (expected {}, found {})", entry.name, shapeText(entry.tensor), shapeText(found->second)));
        else if (!torch::isfinite(found->second).all().item<bool>())
            return fail(ErrorCode::BadFormat,
                        fmt::format("Start weights {}: expected finite values of {}, found others.", file.string(), entry.name));
        else
            taken.emplace_back(entry.tensor, found->second);
    }
    if (taken.empty())
        return fail(ErrorCode::BadFormat,
                    fmt::format("Start weights {}: expected tensors named and shaped as the network's, such as {} {}, found {}.",
                                file.string(), network.tensors().front().name, shapeText(network.tensors().front().tensor),
                                read->empty() ? "none" : fmt::format("{} {}", read->begin()->first, shapeText(read->begin()->second))));
    torch::NoGradGuard noGradient;
    for (auto &[to, from] : taken)
        to.copy_(from);
    return fmt::format("Start weights {}: {} tensors taken{}.", file.filename().string(), taken.size(),
                       kept.empty() ? std::string{} : fmt::format("; these keep the start they had: {}", listed(kept)));
}

} // namespace engine
