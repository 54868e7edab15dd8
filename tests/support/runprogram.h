// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QProcess>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

namespace support {

/// How a command ended and what it printed.
struct Outcome {
    int code = -1; ///< -1: it did not end by itself, or not in time
    QString out, err;
};

/// Runs the built program, and the one given in its place, to the end.
inline Outcome run(const QStringList &arguments, const QString &program = QStringLiteral(CONDENSATE_PROGRAM),
                   const QProcessEnvironment &environment = QProcessEnvironment::systemEnvironment())
{
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    const bool ended = process.waitForFinished(110000);
    if (!ended) { // its exit code would read 0
        process.kill();
        process.waitForFinished();
    }
    return {ended && process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

/// The same in a shell that does `script`, in which "$@" is the command.
inline Outcome runInShell(const QString &script, const QStringList &arguments)
{
    return run(QStringList{QStringLiteral("-c"), script, QStringLiteral("sh"), QStringLiteral(CONDENSATE_PROGRAM)} + arguments,
               QStringLiteral("/bin/sh"));
}

} // namespace support
