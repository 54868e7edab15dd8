// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include <QtTest>
#include <cstring>

/// Snapshots compared bit for bit.
namespace support {

inline bool sameBits(const std::vector<float> &a, const std::vector<float> &b)
{
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// All that a run goes on from, but for settings, history and times.
inline void compareBits(const engine::SnapshotData &found, const engine::SnapshotData &expected)
{
    QCOMPARE(count(found.step), count(expected.step));
    QVERIFY(found.stage == expected.stage);
    QCOMPARE(found.codebooksAreLive, expected.codebooksAreLive);
    QCOMPARE(found.layers.size(), expected.layers.size());
    for (std::size_t layer = 0; layer < expected.layers.size(); ++layer) {
        QVERIFY(sameBits(found.layers[layer].weights, expected.layers[layer].weights));
        QVERIFY(sameBits(found.layers[layer].representatives, expected.layers[layer].representatives));
        QVERIFY(found.layers[layer].identity == expected.layers[layer].identity);
        QCOMPARE(found.layers[layer].trajectories, expected.layers[layer].trajectories);
        QVERIFY(found.layers[layer].assignment == expected.layers[layer].assignment);
        QVERIFY(found.layers[layer].mixing == expected.layers[layer].mixing);
    }
    QCOMPARE(found.state.size(), expected.state.size());
    for (std::size_t i = 0; i < expected.state.size(); ++i) {
        QCOMPARE(found.state[i].name, expected.state[i].name);
        QVERIFY2(found.state[i].bytes == expected.state[i].bytes, found.state[i].name.c_str());
    }
}

} // namespace support
