// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/run/run.h"
#include <QString>
#include <QtGlobal>
#include <initializer_list>
#include <utility>
#include <vector>

namespace support {

/// A run of a second: lenet5 on made-up patterns, 60 steps, of which 30 are warm-up, 24 cluster and 6 commit.
inline engine::Settings quick(std::initializer_list<std::pair<engine::ParameterId, const char *>> more = {})
{
    engine::Settings settings;
    auto set = [&](engine::ParameterId id, const char *text) {
        if (!settings.setText(id, text))
            qFatal("bad value %s", text);
    };
    set(engine::ParameterId::Data, "generated");
    set(engine::ParameterId::Epochs, "2");
    set(engine::ParameterId::BatchSize, "60"); // 1,800 images train: 30 steps an epoch
    set(engine::ParameterId::LearningRate, "0.02"); // gentle: small minibatches of a small set
    set(engine::ParameterId::ClusterRate, "0.02");
    set(engine::ParameterId::Threads, "1");
    set(engine::ParameterId::FrameInterval, "5");
    set(engine::ParameterId::SnappedInterval, "10");
    set(engine::ParameterId::SnappedSubset, "50");
    for (const auto &[id, text] : more)
        set(id, text);
    return settings;
}

using Changes = std::vector<std::pair<engine::ParameterId, QString>>; ///< as columns of test data hold them

inline engine::Settings quick(const Changes &changes)
{
    engine::Settings settings = quick();
    for (const auto &[id, text] : changes) {
        if (!settings.setText(id, text.toStdString()))
            qFatal("bad value %s", qPrintable(text));
    }
    return settings;
}

inline bool applied(const engine::Reply &reply) { return std::holds_alternative<engine::Applied>(reply); }

} // namespace support
