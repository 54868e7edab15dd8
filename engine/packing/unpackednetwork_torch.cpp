// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/unpackednetwork_torch.h"
#include "engine/nets/listing.h"
#include "engine/nets/makenetwork_torch.h"
#include "engine/packedtext/packednames.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <span>
#include <string_view>
#include <torch/torch.h>

namespace engine {
namespace {

template <typename... Values>
std::unexpected<Error> misfit(fmt::format_string<Values...> text, Values &&...values)
{
    return fail(ErrorCode::BadFormat, "Packed network: " + fmt::format(text, std::forward<Values>(values)...));
}

std::uint64_t valuesIn(const PackedModel &model)
{
    std::uint64_t values = 0;
    for (const auto &kernel : model.kernels)
        values += kernel.codes.size();
    for (const auto &tensor : model.tensors)
        values += tensor.values.size();
    return values;
}

Result<std::unique_ptr<Network>> makeEmpty(const PackedModel &model)
{
    const PackedNetwork &of = model.network;
    if (!of.parameters.empty())
        return fail(ErrorCode::Unsupported,
                    fmt::format("Packed network: expected {} without further parameters, found {}.", of.name, of.parameters.front().first));
    const ImageShape images{static_cast<int>(of.channels), static_cast<int>(of.height), static_cast<int>(of.width)};
    const auto classes = static_cast<int>(of.classes);
    const auto values = valuesIn(model);
    if (of.name == kTorchScriptNetwork) {
        if (of.code.empty())
            return misfit("expected the code of a TorchScript network, found none.");
        return makeNetwork(kTorchScriptPrefix, images, classes, 0, {.code = of.code, .values = values});
    }
    const auto plan = planNetwork(of.name, images, classes);
    if (!plan)
        return std::unexpected(plan.error());
    if (const auto expected = plan->quantizedWeights() + plan->floatParameters(); expected != values) // before memory is taken for them
        return misfit("expected the {} values of {}, found {}.", expected, of.name, values);
    return makeNetwork(of.name, images, classes, 0);
}

/// The ranges of each kernel, by its name.
std::map<std::string_view, std::span<const PackedKernel>> rangesOf(const PackedModel &model)
{
    std::map<std::string_view, std::span<const PackedKernel>> ranges;
    const std::span all{model.kernels};
    for (std::size_t from = 0; from < all.size();) {
        std::size_t to = from + 1;
        while (to < all.size() && all[to].name == all[from].name)
            ++to;
        ranges.emplace(all[from].name, all.subspan(from, to - from));
        from = to;
    }
    return ranges;
}

/// Lying in memory as `parameter` does: routines for other orders of channels round otherwise.
torch::Tensor snappedKernel(std::span<const PackedKernel> ranges, const torch::Tensor &parameter)
{
    const torch::Tensor values = torch::empty(parameter.sizes());
    float *to = values.data_ptr<float>();
    for (const auto &range : ranges)
        to = std::ranges::transform(range.codes, to, [&](CodeIndex code) { return range.codebook[code]; }).out;
    return torch::empty_like(parameter).copy_(values);
}

Result<void> fill(Network::NamedTensor &entry, const std::map<std::string_view, const PackedTensor *> &tensors)
{
    const auto found = tensors.find(entry.name);
    if (found == tensors.end() && isOfTrainingAlone(entry.name))
        return {};
    if (found == tensors.end() || found->second->shape != entry.tensor.sizes().vec())
        return misfit("expected the tensor {} of shape [{}], found {}.", entry.name, fmt::join(entry.tensor.sizes().vec(), ", "),
                      found == tensors.end() ? "none" : fmt::format("[{}]", fmt::join(found->second->shape, ", ")));
    const auto &values = found->second->values;
    entry.tensor.copy_(torch::from_blob(const_cast<float *>(values.data()), entry.tensor.sizes()));
    return {};
}

} // namespace

std::map<std::string, torch::Tensor> UnpackedNetwork::tensors() const
{
    std::map<std::string, torch::Tensor> all;
    std::size_t kernel = 0;
    for (const auto &entry : network->tensors())
        all.emplace(entry.name, entry.role == Network::Role::Kernel ? kernels[kernel++] : entry.tensor.detach());
    return all;
}

Result<UnpackedNetwork> unpackNetwork(const PackedModel &model)
{
    torch::NoGradGuard noGradient;
    auto made = makeEmpty(model);
    if (!made)
        return std::unexpected(made.error());
    UnpackedNetwork unpacked{.network = *std::move(made), .kernels = {}};
    const auto ranges = rangesOf(model);
    std::map<std::string_view, const PackedTensor *> tensors;
    for (const auto &tensor : model.tensors)
        tensors.emplace(tensor.name, &tensor);
    auto floats = unpacked.network->layerNames();
    std::erase_if(floats, [&](const std::string &layer) { return ranges.contains(layer); });
    unpacked.network->keepFloat(floats);
    for (auto &entry : unpacked.network->tensors()) {
        if (entry.role != Network::Role::Kernel) {
            if (auto filled = fill(entry, tensors); !filled)
                return std::unexpected(filled.error());
            continue;
        }
        const auto &of = ranges.at(entry.layer());
        if (of.front().shape != entry.tensor.sizes().vec())
            return misfit("expected the kernel {} of shape [{}], found [{}].", entry.layer(), fmt::join(entry.tensor.sizes().vec(), ", "),
                          fmt::join(of.front().shape, ", "));
        unpacked.kernels.push_back(snappedKernel(of, entry.tensor));
    }
    if (unpacked.kernels.size() != ranges.size())
        return misfit("expected kernels of the network alone, found {} more.", ranges.size() - unpacked.kernels.size());
    return unpacked;
}

} // namespace engine
