// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/snapshotjob.h"
#include "app/console/console.h"
#include "app/gui/runsession.h"
#include "engine/core/machine.h"
#include <QCoreApplication>
#include <QRegularExpression>
#include <csignal>
#include <sys/resource.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <utility>

namespace app {
namespace {

constexpr int kAnsweredNo = 1; // of commands that were asked for something: it cannot be had, and the output says what can
constexpr QLatin1String kErrorMark{"condensate: "};

/// In the child, before the program: training goes first, and a window that dies leaves no job behind.
void behave()
{
    restoreSignals();
    ::setpriority(PRIO_PROCESS, 0, engine::kBesideTraining);
#ifdef __linux__
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
}

} // namespace

SnapshotJob::SnapshotJob(RunSession &session, QString program, QObject *parent)
    : QObject{parent}, m_session{session}, m_program{program.isEmpty() ? QCoreApplication::applicationFilePath() : std::move(program)}
{
    connect(&session, &RunSession::copySaved, this, [this](const QString &file) {
        m_givenUp.erase(file);
        if (isBusy() && file == m_snapshot)
            run(file);
    });
    connect(&session, &RunSession::copyFailed, this, [this](const QString &file) {
        m_givenUp.erase(file);
        if (!isBusy() || file != m_snapshot)
            return;
        clear();
        Q_EMIT failed({});
    });
}

SnapshotJob::~SnapshotJob()
{
    clear();
}

void SnapshotJob::start(const QString &command, const QStringList &options)
{
    m_folder = std::make_unique<QTemporaryDir>();
    if (!m_folder->isValid()) {
        const auto why = m_folder->errorString();
        clear();
        return Q_EMIT failed(tr("No temporary folder: %1.").arg(why));
    }
    m_command = command;
    m_options = options;
    m_complaints.clear();
    m_output.clear();
    m_told = 0;
    m_snapshot = m_folder->filePath(QStringLiteral("snapshot.h5"));
    m_session.copy(m_snapshot);
}

void SnapshotJob::cancel()
{
    if (!isBusy())
        return;
    if (!m_process) // without its folder the run could not write the snapshot, and would complain
        m_givenUp.emplace(m_snapshot, std::move(m_folder));
    clear();
    Q_EMIT cancelled();
}

void SnapshotJob::run(const QString &snapshot)
{
    m_process = std::make_unique<QProcess>();
    m_process->setChildProcessModifier(behave);
    m_process->setReadChannel(QProcess::StandardError);
    connect(m_process.get(), &QProcess::readyReadStandardError, this, &SnapshotJob::readProgress);
    connect(m_process.get(), &QProcess::readyReadStandardOutput, this, &SnapshotJob::readOutput);
    connect(m_process.get(), &QProcess::finished, this,
            [this](int code, QProcess::ExitStatus status) { finish(status == QProcess::NormalExit ? code : -1); });
    connect(m_process.get(), &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) // nothing else will be told
            finish(-1);
    });
    m_process->start(m_program, QStringList{m_command, snapshot} + m_options);
}

void SnapshotJob::readProgress()
{
    static const QRegularExpression count{QStringLiteral("^(\\d+) of (\\d+)$")};
    while (m_process->canReadLine()) {
        const auto line = QString::fromUtf8(m_process->readLine()).trimmed();
        if (const auto found = count.match(line); found.hasMatch())
            Q_EMIT progressed(found.captured(1).toInt(), found.captured(2).toInt());
        else if (line.startsWith(QLatin1Char('{')))
            Q_EMIT previewed(line.toUtf8());
        else if (!line.isEmpty())
            m_complaints.append(line);
    }
}

void SnapshotJob::readOutput()
{
    m_output += m_process->readAllStandardOutput();
    for (auto end = m_output.indexOf('\n', m_told); end >= 0; end = m_output.indexOf('\n', m_told)) {
        const auto line = m_output.mid(m_told, end - m_told);
        m_told = end + 1;
        Q_EMIT wrote(line);
    }
}

void SnapshotJob::finish(int code)
{
    readProgress();
    readOutput();
    const auto output = std::exchange(m_output, {});
    const auto trouble = m_process->errorString();
    const auto complaints = std::exchange(m_complaints, {});
    m_process.release()->deleteLater(); // it is telling us this
    clear();
    if (code == 0 || (code == kAnsweredNo && !output.isEmpty() && complaints.isEmpty()))
        return Q_EMIT done(output);
    const auto error = complaints.filter(QString{kErrorMark}); // other lines are remarks
    Q_EMIT failed(!error.isEmpty()        ? QString{error.front()}.remove(kErrorMark)
                  : !complaints.isEmpty() ? complaints.front()
                                          : tr("condensate %1 ended without an answer: %2.").arg(m_command, trouble));
}

void SnapshotJob::clear()
{
    if (m_process) {
        m_process->disconnect(this);
        m_process->kill();
        m_process->waitForFinished();
        m_process.reset();
    }
    m_folder.reset();
}

} // namespace app
