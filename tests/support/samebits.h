// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include <QtTest>
#include <algorithm>
#include <cstring>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

/// Snapshots compared bit for bit.
namespace support {

template <typename T>
bool sameBits(const T &a, const T &b)
{
    if constexpr (std::ranges::range<T>)
        return std::ranges::equal(a, b, [](const auto &x, const auto &y) { return sameBits(x, y); });
    else if constexpr (std::is_floating_point_v<T>)
        return std::memcmp(&a, &b, sizeof a) == 0;
    else
        return a == b;
}

inline bool sameBits(const std::optional<double> &a, const std::optional<double> &b)
{
    return a.has_value() == b.has_value() && (!a || sameBits(*a, *b));
}

inline std::string differingArray(const std::vector<engine::NamedArray> &a, const std::vector<engine::NamedArray> &b)
{
    if (a.size() != b.size())
        return "number of arrays";
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].name != b[i].name || a[i].type != b[i].type || a[i].shape != b[i].shape || a[i].bytes != b[i].bytes)
            return "array " + a[i].name;
    }
    return {};
}

/// The first part in which the states of two runs differ, bit for bit; empty if none. Histograms are not
/// compared: their range follows the frames that were looked at.
inline std::string stateDifference(const engine::SnapshotData &a, const engine::SnapshotData &b)
{
    if (a.run.step != b.run.step || a.run.stage != b.run.stage || a.run.codebooksAreLive != b.run.codebooksAreLive)
        return "step or stage";
    if (!std::ranges::equal(a.network.layers, b.network.layers, [](const auto &p, const auto &q) {
            return sameBits(p.representatives, q.representatives) && p.assignment == q.assignment;
        }))
        return "layers of the network";
    if (a.training.layers.size() != b.training.layers.size())
        return "number of layers of the checkpoint";
    for (std::size_t layer = 0; layer < a.training.layers.size(); ++layer) {
        const auto &p = a.training.layers[layer], &q = b.training.layers[layer];
        const auto at = [layer](std::string_view part) { return std::string{part} + " of layer " + std::to_string(layer); };
        if (!sameBits(p.weights, q.weights))
            return at("weights");
        if (p.identity != q.identity || p.trajectories != q.trajectories)
            return at("identities");
        if (!sameBits(p.mixing, q.mixing) || !sameBits(p.sigma, q.sigma))
            return at("mixing or scale");
    }
    if (auto array = differingArray(a.network.arrays, b.network.arrays); !array.empty())
        return array;
    if (auto array = differingArray(a.training.arrays, b.training.arrays); !array.empty())
        return array;
    return {};
}

/// All that a run goes on from, but for settings, history and times.
inline void compareBits(const engine::SnapshotData &found, const engine::SnapshotData &expected)
{
    const std::string part = stateDifference(found, expected);
    QVERIFY2(part.empty(), part.c_str());
}

} // namespace support
