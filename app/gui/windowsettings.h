// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QString>
#include <QStringList>

namespace app {

enum class Appearance { System, Light, Dark };

/// What the window remembers from one time to the next. Reads and writes nothing by itself.
struct WindowSettings {
    QByteArray geometry, docks;
    Appearance appearance = Appearance::System;
    bool advancedShown = false;
    bool logarithmicCounts = true;
    QStringList recentFiles; ///< newest first

    static constexpr int kSchema = 1; ///< of what is stored; another one is ignored
    static constexpr int kRecentFiles = 8;

    static WindowSettings load();
    void save() const;
    void addRecent(const QString &file);
};

} // namespace app
