// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/description.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <string_view>

namespace engine::description {
namespace {

template <typename... Values>
std::unexpected<Error> bad(fmt::format_string<Values...> text, Values &&...values)
{
    return fail(ErrorCode::BadFormat, fmt::format(text, std::forward<Values>(values)...));
}

/// Texts from files end up in terminals and windows: no control characters, such as those that move a cursor.
bool isPlain(std::string_view text)
{
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

bool isName(std::string_view name) { return !name.empty() && isPlain(name); }

Result<void> checkNetwork(const PackedContents &contents)
{
    const auto &[name, parameters, classes, channels, height, width, code] = contents.network;
    if (!isName(name) || !std::ranges::all_of(parameters, [](const auto &p) { return isName(p.first) && isPlain(p.second); }))
        return bad("network: expected a name and parameters without control characters, found others");
    if (classes == 0 || channels == 0 || height == 0 || width == 0 || std::max({classes, channels, height, width}) > kMaxSide)
        return bad("network {}: expected 1 to {} classes, channels and pixels a side, found {}, {}, {} and {}", name, kMaxSide, classes,
                   channels, height, width);
    const auto &data = contents.data;
    if (data.mean.size() != channels || data.deviation.size() != channels
        || !std::ranges::all_of(data.mean, [](float v) { return std::isfinite(v); })
        || !std::ranges::all_of(data.deviation, [](float v) { return std::isfinite(v) && v > 0; }))
        return bad("data: expected a finite mean and a deviation above 0 for each of {} channels, found others", channels);
    if (!isPlain(data.name) || !std::ranges::all_of(data.classNames, isPlain) ||
        (!data.classNames.empty() && data.classNames.size() != classes))
        return bad("data: expected names of {} classes, or none, without control characters, found {}", classes, data.classNames.size());
    for (const auto &share : {contents.accuracy.latent, contents.accuracy.snapped})
        if (share && !(*share >= 0 && *share <= 1))
            return bad("accuracy: expected 0 to 1, found {}", *share);
    if (!isPlain(contents.provenance.programVersion))
        return bad("provenance: expected a program version without control characters, found others");
    return {};
}

/// Kernels are whole, or their ranges stand side by side.
Result<void> checkOrder(const PackedKernelEntry *before, const PackedKernelEntry &entry, std::set<std::string_view> &names)
{
    const auto outputs = static_cast<std::uint64_t>(entry.shape.front());
    const bool goesOn =
        before && before->name == entry.name && before->firstChannel + before->channels < static_cast<std::uint64_t>(before->shape.front());
    const std::uint64_t first = goesOn ? before->firstChannel + before->channels : 0;
    if (before && !goesOn && before->firstChannel + before->channels != static_cast<std::uint64_t>(before->shape.front()))
        return bad("kernel {}: expected all {} output channels, found {}", before->name, before->shape.front(),
                   before->firstChannel + before->channels);
    if (entry.firstChannel != first || entry.channels == 0 || entry.channels > outputs - first ||
        (goesOn && (entry.shape != before->shape || entry.kind != before->kind)))
        return bad("kernel {}: expected a range of its {} output channels from {} on, found {} from {}", entry.name, outputs, first,
                   entry.channels, entry.firstChannel);
    if (!goesOn && !names.insert(entry.name).second)
        return bad("kernel {}: expected it once, found it twice", entry.name);
    return {};
}

Result<void> checkKernels(const PackedContents &contents, std::uint64_t maxWeights)
{
    if (std::ranges::any_of(contents.codebooks, [](int k) { return k < 1 || k > kMaxRepresentatives; }))
        return bad("codebooks: expected k from 1 to {}, found others", kMaxRepresentatives);
    std::set<std::string_view> names;
    const PackedKernelEntry *before = nullptr;
    std::uint64_t sum = 0;
    for (const auto &entry : contents.kernels) {
        if (!isName(entry.name) || !isName(entry.kind))
            return bad("kernels: expected names and kinds without control characters, found others");
        const auto weights = product(entry.shape);
        if (entry.shape.empty() || entry.shape.size() > kMaxDimensions || !weights || *weights == 0)
            return bad("kernel {}: expected 1 to {} extents above 0, found {}", entry.name, kMaxDimensions, fmt::join(entry.shape, " × "));
        if (auto good = checkOrder(before, entry, names); !good)
            return good;
        if (entry.weights > maxWeights - sum) // its own count and the sum before are no more than that
            return bad("kernel {}: expected at most {} weights in all kernels, found {} and {} before them", entry.name, maxWeights,
                       entry.weights, sum);
        sum += entry.weights;
        if (entry.used < 1 || entry.used > entry.k || static_cast<std::uint64_t>(entry.used) > entry.weights)
            return bad("kernel {}: expected 1 to {} used representatives, found {}", entry.name, entry.k, entry.used);
        if (!(entry.entropy >= 0 && entry.entropy <= 8))
            return bad("kernel {}: expected an entropy of 0 to 8 bits, found {}", entry.name, entry.entropy);
        before = &entry;
    }
    if (before && before->firstChannel + before->channels != static_cast<std::uint64_t>(before->shape.front()))
        return bad("kernel {}: expected all {} output channels, found {}", before->name, before->shape.front(),
                   before->firstChannel + before->channels);
    return {};
}

} // namespace

Result<void> checkContents(const PackedContents &contents, std::uint64_t maxWeights)
{
    if (auto good = checkNetwork(contents); !good)
        return good;
    if (auto good = checkKernels(contents, maxWeights); !good)
        return good;
    std::set<std::string_view> names;
    for (const auto &entry : contents.tensors) {
        if (!isName(entry.name) || !names.insert(entry.name).second)
            return bad("tensor {}: expected different names without control characters, found others",
                       isPlain(entry.name) ? entry.name : "?");
        if (const auto values = product(entry.shape); entry.shape.size() > kMaxDimensions || !values || *values != entry.values)
            return bad("tensor {}: expected {} values, found a shape of {}", entry.name, entry.values, fmt::join(entry.shape, " × "));
    }
    return {};
}

} // namespace engine::description
