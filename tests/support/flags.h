// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include "engine/messages/commands.h"
#include <QStringList>
#include <QtGlobal>
#include <vector>

/// Parameters as columns of test data hold them, "key=value".
namespace support {

inline std::vector<engine::SetParameter> changesOf(const QStringList &flags)
{
    std::vector<engine::SetParameter> changes;
    for (const auto &flag : flags) {
        const auto *row = engine::findParameter(flag.section('=', 0, 0).toStdString());
        if (!row)
            qFatal("no parameter: %s", qPrintable(flag));
        auto value = engine::parseValue(*row, flag.section('=', 1).toStdString());
        if (!value)
            qFatal("%s", value.error().text.c_str());
        changes.push_back({row->id, *std::move(value)});
    }
    return changes;
}

/// These parameters set, all else as `settings` has it.
inline engine::Settings with(const QStringList &flags, engine::Settings settings = {})
{
    for (auto &change : changesOf(flags)) {
        if (!settings.set(change.id, std::move(change.value)))
            qFatal("bad value of %s", engine::spec(change.id).key.data());
    }
    return settings;
}

} // namespace support
