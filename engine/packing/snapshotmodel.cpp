// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/snapshotmodel.h"
#include "engine/coding/half.h"
#include "engine/core/layerrules.h"
#include "engine/packedtext/packednames.h"
#include "engine/recipes/recipe.h"
#include "engine/storage/statenames.h"
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

Arrays arraysOf(const SnapshotData &data)
{
    Arrays arrays;
    for (const auto &array : data.state)
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

/// After a commit the network's own statistics are those of the snapped one.
bool endedCommitted(const SnapshotData &data) { return data.codebooksAreLive && data.description.commitSteps > 0; }

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

Result<void> describeImages(const SnapshotData &data, const Arrays &arrays, PackedModel &model)
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
    model.data.name = plain(data.description.dataName);
    for (const auto &name : data.description.classNames)
        model.data.classNames.push_back(plain(name));
    model.data.mean = valuesOf<float>(*mean);
    model.data.deviation = valuesOf<float>(*deviation);
    std::ranges::replace_if(model.data.deviation, [](float d) { return d == 0; }, 1.0f); // a channel of one colour is only centred
    return {};
}

Result<void> describeNetwork(const SnapshotData &data, PackedModel &model)
{
    const std::string &name = data.description.settings.text(ParameterId::Model);
    const bool isScript = name.starts_with(std::get<ChoiceRange>(spec(ParameterId::Model).range).filePrefix);
    model.network.name = isScript ? std::string{kTorchScriptNetwork} : name;
    model.network.classes = static_cast<std::uint32_t>(data.description.classNames.size());
    if (!isScript)
        return {};
    if (data.module.empty())
        return fail(ErrorCode::Unsupported,
                    fmt::format("The network cannot be packed: expected the code of {} in the snapshot, found none.", name));
    model.network.code = data.module;
    return {};
}

/// Layers that are ranges of one kernel's output channels stand side by side.
void takeKernels(const SnapshotData &data, PackedModel &model)
{
    for (std::size_t from = 0; from < data.layers.size();) {
        const auto name = withoutChannels(data.layers[from].info.name);
        const bool isRange = name.size() < data.layers[from].info.name.size();
        std::size_t to = from + 1;
        auto shape = data.layers[from].info.shape;
        for (; isRange && to < data.layers.size() && withoutChannels(data.layers[to].info.name) == name; ++to)
            shape.front() += data.layers[to].info.shape.front();
        std::uint64_t channel = 0;
        for (; from < to; ++from) {
            const LayerState &layer = data.layers[from];
            const auto channels = static_cast<std::uint64_t>(layer.info.shape.front());
            model.kernels.push_back(
                {std::string{name}, layer.info.kind, shape, channel, channels, layer.representatives, layer.assignment});
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

Result<void> takeTensors(const SnapshotData &data, const Arrays &arrays, PackedTensor::Stored floats, PackedModel &model)
{
    for (const auto &array : data.state) {
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

bool isReadyToPack(const SnapshotData &data)
{
    const auto arrays = arraysOf(data);
    if (data.stage != Stage::Finished || !std::isfinite(data.snappedTestAccuracy.value_or(kNotMeasured)) ||
        !arrays.contains(statenames::kImageShape))
        return false;
    return endedCommitted(data) || std::ranges::all_of(data.state, [&](const NamedArray &array) {
               return !array.name.starts_with(statenames::kNetwork) || !isStatistic(array.name) ||
                      snappedTwin(arrays, array.name.substr(statenames::kNetwork.size()));
           });
}

Result<PackedModel> packedModelOf(const SnapshotData &data, PackedTensor::Stored floats)
{
    const auto arrays = arraysOf(data);
    PackedModel model;
    if (auto good = describeNetwork(data, model); !good)
        return std::unexpected(good.error());
    if (auto good = describeImages(data, arrays, model); !good)
        return std::unexpected(good.error());
    const auto measured = [](const std::optional<double> &share) { return share && std::isfinite(*share) ? share : std::nullopt; };
    model.accuracy = {measured(data.latentTestAccuracy),
                      floats == PackedTensor::Stored::Float16 ? std::nullopt : measured(data.snappedTestAccuracy),
                      data.description.testImages};
    const auto title = fmt::format("{} on {}", data.description.modelName, data.description.dataName);
    model.provenance = {CONDENSATE_VERSION, static_cast<std::uint64_t>(data.description.settings.whole(ParameterId::Seed)),
                        recipeText(data.description.settings, title)};
    takeKernels(data, model);
    if (auto good = takeTensors(data, arrays, floats, model); !good)
        return std::unexpected(good.error());
    return model;
}

} // namespace engine
