// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/data_files.h"
#include <QDir>
#include <QFile>
#include <functional>
#include <sys/stat.h>

/// What can be wrong with a folder of data, as changes to a good one.
namespace data_files {

using Damage = std::function<void(const QDir &)>;

inline Damage rewrite(const QString &file, std::function<void(QByteArray &)> change)
{
    return [=](const QDir &folder) {
        QByteArray bytes = read(folder.filePath(file));
        change(bytes);
        write(folder.filePath(file), bytes);
    };
}

inline Damage replaceFile(const QString &file, const QByteArray &bytes)
{
    return [=](const QDir &folder) { write(folder.filePath(file), bytes); };
}

inline Damage removeFile(const QString &file)
{
    return [=](const QDir &folder) { QFile::remove(folder.filePath(file)); };
}

inline Damage swapForFolder(const QString &file)
{
    return [=](const QDir &folder) { QFile::remove(folder.filePath(file)); folder.mkdir(file); };
}

inline Damage swapForLink(const QString &file, const QString &target)
{
    return [=](const QDir &folder) { QFile::remove(folder.filePath(file)); QFile::link(target, folder.filePath(file)); };
}

inline Damage swapForPipe(const QString &file)
{
    return [=](const QDir &folder) { QFile::remove(folder.filePath(file)); mkfifo(qPrintable(folder.filePath(file)), 0600); };
}

} // namespace data_files
