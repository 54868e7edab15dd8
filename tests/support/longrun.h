// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/runprogram.h"
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <sys/stat.h>

namespace support {

inline QStringList training(int epochs, const QString &out, const QStringList &more = {})
{
    return QStringList{"train", "--data", "generated", "--epochs", QString::number(epochs), "--batch-size", "60", "--threads", "1",
                       "--snapped-subset", "50", "--lr", "0.02", "--cluster-lr", "0.02", "--out", out} + more;
}
/// A run of a second or two.
inline QStringList quickTrain(const QString &out, const QStringList &more = {})
{
    return training(2, out, more);
}
/// One that goes on until it is told to end; it saves itself when it is asked to, and in five minutes.
inline QStringList longTrain(const QString &out, const QStringList &more = {})
{
    return training(100000, out, more);
}

inline QByteArray contents(const QString &file)
{
    QFile opened{file};
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray{};
}

inline void write(const QString &file, const QByteArray &bytes)
{
    QFile opened{file};
    if (opened.open(QIODevice::WriteOnly))
        opened.write(bytes);
}

/// All that lies in a folder.
inline std::map<QString, QByteArray> bytesIn(const QString &folder)
{
    std::map<QString, QByteArray> all;
    for (const auto &name : QDir{folder}.entryList(QDir::Files | QDir::Hidden))
        all[name] = contents(folder + '/' + name);
    return all;
}

/// What `info` knows of a snapshot; empty where it cannot be read.
inline QJsonObject infoOf(const QString &snapshot)
{
    const Outcome info = run({"info", snapshot, "--json"});
    return info.code == 0 ? QJsonDocument::fromJson(info.out.toUtf8()).object() : QJsonObject{};
}

/// -1 where the snapshot cannot be read.
inline qint64 stepOf(const QString &snapshot)
{
    return infoOf(snapshot)["step"].toInteger(-1);
}

/// A run in a process, which is looked at and sent signals while it trains. Killed with the object.
class LongRun {
public:
    explicit LongRun(QString folder) : m_folder{std::move(folder)} {}
    ~LongRun()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        if (const auto trains = pid(); trains > 0)
            ::kill(trains, SIGKILL);
        m_process.kill();
        m_process.waitForFinished();
    }
    LongRun(const LongRun &) = delete;
    LongRun &operator=(const LongRun &) = delete;

    static constexpr std::chrono::milliseconds kPatience{60000};

    QProcess &process() noexcept { return m_process; }
    QString file(const char *name) const { return m_folder + '/' + QString::fromLatin1(name); }
    QString snapshot() const { return file("snapshot.h5"); }

    void start(const QStringList &arguments) { m_process.start(QStringLiteral(CONDENSATE_PROGRAM), arguments); }
    /// In a shell that does `script`, in which "$@" is the command.
    void startInShell(const QString &script, const QStringList &arguments)
    {
        m_process.start(QStringLiteral("/bin/sh"), QStringList{"-c", script, "sh", QStringLiteral(CONDENSATE_PROGRAM)} + arguments);
    }
    /// Of the process that trains, as its lock says; 0 while there is none.
    pid_t pid() const { return static_cast<pid_t>(contents(file("run.lock")).split(' ').value(1).toLong()); }
    /// Only to one that trains.
    void send(int signal) const
    {
        if (const auto trains = pid(); trains > 0)
            ::kill(trains, signal);
    }

    /// Polls until it is so; false if it does not become so.
    bool reaches(const std::function<bool()> &isSo, std::chrono::milliseconds within = kPatience)
    {
        const auto seen = [&] {
            hear();
            return isSo();
        };
        return QTest::qWaitFor(seen, static_cast<int>(within.count()));
    }
    /// Until it has printed this, after what was waited for last.
    bool prints(const QByteArray &text)
    {
        const auto found = [&] { return m_said.indexOf(text, m_heard); };
        reaches([&] { return found() >= 0 || m_process.state() == QProcess::NotRunning; });
        if (found() < 0)
            return false;
        m_heard = found() + text.size();
        return true;
    }
    /// At any time; waits for it.
    bool hasPrinted(const QByteArray &text)
    {
        reaches([&] { return m_said.contains(text) || m_process.state() == QProcess::NotRunning; });
        return m_said.contains(text);
    }
    bool begins() { return reaches([this] { return QFile::exists(file("recipe.toml")); }); }
    /// Asked by this signal, again where it was still loading: until a newer state lies there. Returns its step, -1 if
    /// none came.
    qint64 saves(int signal)
    {
        const auto before = inode();
        for (int tries = 0; tries < 10; ++tries) {
            send(signal);
            if (reaches([&] { return inode() != 0 && inode() != before; }, kPatience / 10))
                return stepOf(snapshot());
        }
        return -1;
    }
    /// By itself, or by the signal sent just now. Returns the exit code, -1 if there is none.
    int ends()
    {
        const bool ended = reaches([this] { return m_process.state() == QProcess::NotRunning; });
        hear();
        return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    int endsBy(int signal)
    {
        send(signal);
        return ends();
    }
    /// All that it has printed.
    const QByteArray &said()
    {
        hear();
        return m_said;
    }

private:
    void hear()
    {
        m_said += m_process.readAllStandardOutput();
        m_said += m_process.readAllStandardError();
    }
    ino_t inode() const
    {
        struct stat found {};
        return ::stat(QFile::encodeName(snapshot()).constData(), &found) == 0 ? found.st_ino : 0;
    }

    const QString m_folder;
    QProcess m_process;
    QByteArray m_said;
    qsizetype m_heard = 0;
};

} // namespace support
