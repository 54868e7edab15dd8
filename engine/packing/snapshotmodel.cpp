// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/snapshotmodel.h"
#include "engine/coding/half.h"
#include "engine/core/layerrules.h"
#include "engine/packedtext/packednames.h"
#include "engine/recipes/recipe.h"
#include "engine/storage/statenames.h"
#include "condensateversion.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string_view>

namespace engine {
namespace {

using Arrays = std::map<std::string_view, const NamedArray *>;

std::unexpected<Error> misfit(std::string_view what, std::string_view expected, std::string_view found)
{
    return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected {} {}, found {}.", what, expected, found));
}

Arrays arraysOf(const StoredNetwork &network)
{
    Arrays arrays;
    for (const auto &array : network.arrays)
        arrays.emplace(array.name, &array);
    return arrays;
}

template <typename Value>
std::vector<Value> valuesOf(const NamedArray &array)
{
    std::vector<Value> values(array.bytes.size() / sizeof(Value));
    if (!values.empty())
        std::memcpy(values.data(), array.bytes.data(), values.size() * sizeof(Value));
    return values;
}

const NamedArray *find(const Arrays &arrays, std::string_view name, NamedArray::Type type)
{
    const auto found = arrays.find(name);
    return found != arrays.end() && found->second->type == type ? found->second : nullptr;
}

bool isStatistic(std::string_view name) { return name.ends_with("running_mean") || name.ends_with("running_var"); }

const NamedArray *snappedTwin(const Arrays &arrays, std::string_view tensor)
{
    return find(arrays, std::string{statenames::kSnapped}.append(tensor), NamedArray::Type::Float32);
}

/// Packed files hold no control characters, names of classes may.
std::string plain(std::string text)
{
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }, '?');
    return text;
}

Result<void> describeImages(const RunDescription &run, const Arrays &arrays, PackedModel &model)
{
    const auto *shape = find(arrays, statenames::kImageShape, NamedArray::Type::Int64);
    const auto *mean = find(arrays, statenames::kMean, NamedArray::Type::Float32),
               *deviation = find(arrays, statenames::kDeviation, NamedArray::Type::Float32);
    const auto sides = shape ? valuesOf<std::int64_t>(*shape) : std::vector<std::int64_t>{};
    constexpr std::int64_t kMaxSide = 1 << 20; // of packed files
    if (sides.size() != 3 || !mean || !deviation ||
        std::ranges::any_of(sides, [](std::int64_t side) { return side < 1 || side > kMaxSide; }))
        return misfit("shape, mean and deviation of images", "among its arrays", "others");
    model.network.channels = static_cast<std::uint32_t>(sides[0]);
    model.network.height = static_cast<std::uint32_t>(sides[1]);
    model.network.width = static_cast<std::uint32_t>(sides[2]);
    model.data.name = plain(run.dataName);
    for (const auto &name : run.classNames)
        model.data.classNames.push_back(plain(name));
    model.data.mean = valuesOf<float>(*mean);
    model.data.deviation = valuesOf<float>(*deviation);
    std::ranges::replace_if(model.data.deviation, [](float d) { return d == 0; }, 1.0f); // a channel of one colour is only centred
    return {};
}

Result<void> describeNetwork(const RunDescription &run, const StoredNetwork &network, PackedModel &model)
{
    const std::string &name = run.settings.text(ParameterId::Model);
    const bool isScript = name.starts_with(std::get<ChoiceRange>(spec(ParameterId::Model).range).filePrefix);
    model.network.name = isScript ? std::string{kTorchScriptNetwork} : name;
    model.network.classes = static_cast<std::uint32_t>(run.classNames.size());
    if (!isScript)
        return {};
    if (network.module.empty())
        return fail(ErrorCode::Unsupported,
                    fmt::format("The network cannot be packed: expected the code of {} in the snapshot, found none.", name));
    model.network.code = network.module;
    return {};
}

/// Layers that are ranges of one kernel's output channels stand side by side.
void takeKernels(const RunDescription &run, const StoredNetwork &network, PackedModel &model)
{
    for (std::size_t from = 0; from < run.layers.size();) {
        const auto name = withoutChannels(run.layers[from].name);
        const bool isRange = name.size() < run.layers[from].name.size();
        std::size_t to = from + 1;
        auto shape = run.layers[from].shape;
        for (; isRange && to < run.layers.size() && withoutChannels(run.layers[to].name) == name; ++to)
            shape.front() += run.layers[to].shape.front();
        std::uint64_t channel = 0;
        for (; from < to; ++from) {
            const LayerInfo &info = run.layers[from];
            const StoredNetwork::Layer &layer = network.layers[from];
            const auto channels = static_cast<std::uint64_t>(info.shape.front());
            model.kernels.push_back({std::string{name}, info.kind, shape, channel, channels, layer.representatives, layer.assignment});
            channel += channels;
        }
    }
}

void roundToHalf(PackedTensor &tensor)
{
    if (!std::ranges::all_of(tensor.values, [](float value) { return std::abs(value) <= kLargestHalf; }))
        return;
    for (float &value : tensor.values)
        value = fromHalf(toHalf(value));
    tensor.stored = PackedTensor::Stored::Float16;
}

template <typename Whole>
Result<std::vector<float>> wholeNumbers(const NamedArray &array)
{
    std::vector<float> values;
    constexpr std::int64_t kMost = 1 << 24; // float32 has all whole numbers up to here
    for (const Whole value : valuesOf<Whole>(array)) {
        if (static_cast<std::int64_t>(value) > kMost || static_cast<std::int64_t>(value) < -kMost)
            return fail(ErrorCode::Unsupported,
                        fmt::format("The network cannot be packed: expected numbers up to {} in {}, found {}.", kMost, array.name, value));
        values.push_back(static_cast<float>(value));
    }
    return values;
}

Result<std::vector<float>> floatsOf(const NamedArray &array)
{
    switch (array.type) {
    case NamedArray::Type::Int64: return wholeNumbers<std::int64_t>(array);
    case NamedArray::Type::UInt8: return wholeNumbers<std::uint8_t>(array);
    default: return valuesOf<float>(array);
    }
}

Result<void> takeTensors(const StoredNetwork &network, const Arrays &arrays, PackedTensor::Stored floats, PackedModel &model)
{
    for (const auto &array : network.arrays) {
        if (!array.name.starts_with(statenames::kNetwork))
            continue;
        const std::string name = array.name.substr(statenames::kNetwork.size());
        if (isOfTrainingAlone(name))
            continue;
        const auto *twin = snappedTwin(arrays, name);
        if (twin && twin->shape != array.shape)
            return misfit(twin->name, "of the shape of " + array.name, "another");
        auto values = floatsOf(twin ? *twin : array);
        if (!values)
            return std::unexpected(values.error());
        PackedTensor tensor{name, array.shape, *std::move(values), PackedTensor::Stored::Float32};
        if (floats == PackedTensor::Stored::Float16 && array.type == NamedArray::Type::Float32)
            roundToHalf(tensor);
        model.tensors.push_back(std::move(tensor));
    }
    return {};
}

} // namespace

bool isReadyToPack(const RunRecord &run, const StoredNetwork &network)
{
    const auto arrays = arraysOf(network);
    if (run.stage != Stage::Finished || !std::isfinite(run.snappedTestAccuracy.value_or(kNotMeasured)) ||
        !arrays.contains(statenames::kImageShape))
        return false;
    if (isCommitted(run.description, run.stage)) // the network's own statistics are those of the snapped one
        return true;
    return std::ranges::all_of(network.arrays, [&](const NamedArray &array) {
        return !array.name.starts_with(statenames::kNetwork) || !isStatistic(array.name) ||
               snappedTwin(arrays, array.name.substr(statenames::kNetwork.size()));
    });
}

Result<PackedModel> packedModelOf(const RunRecord &run, const StoredNetwork &network, PackedTensor::Stored floats)
{
    const RunDescription &description = run.description;
    const auto arrays = arraysOf(network);
    PackedModel model;
    if (auto good = describeNetwork(description, network, model); !good)
        return std::unexpected(good.error());
    if (auto good = describeImages(description, arrays, model); !good)
        return std::unexpected(good.error());
    const auto measured = [](const std::optional<double> &share) { return share && std::isfinite(*share) ? share : std::nullopt; };
    model.accuracy = {measured(run.latentTestAccuracy),
                      floats == PackedTensor::Stored::Float16 ? std::nullopt : measured(run.snappedTestAccuracy), description.testImages};
    const auto title = fmt::format("{} on {}", description.modelName, description.dataName);
    model.provenance = {CONDENSATE_VERSION, static_cast<std::uint64_t>(description.settings.whole(ParameterId::Seed)),
                        recipeText(recipeOf(run.log), title), run.log.digest()};
    takeKernels(description, network, model);
    if (auto good = takeTensors(network, arrays, floats, model); !good)
        return std::unexpected(good.error());
    return model;
}

} // namespace engine
