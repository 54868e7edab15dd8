// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProcess>
#include <QString>

namespace support {

/// Whether Debian's Python is there and finds that module. One that is there and broken counts: tests with it fail.
inline bool hasPythonModule(const QString &name)
{
    constexpr int kMissing = 77;
    const QString find = QStringLiteral("import importlib.util, sys; sys.exit(0 if importlib.util.find_spec('%1') else %2)");
    const int code = QProcess::execute(QStringLiteral("/usr/bin/python3"), {QStringLiteral("-c"), find.arg(name).arg(kMissing)});
    constexpr int kNoProgram = -2;
    return code != kMissing && code != kNoProgram;
}

} // namespace support
