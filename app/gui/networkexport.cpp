// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/networkexport.h"
#include "app/gui/runsession.h"
#include "widgets/models/runmodel.h"
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <utility>

namespace app {

NetworkExport::NetworkExport(RunSession &session, const widgets::RunModel &run, QString program, QWidget *window)
    : QObject{window}, m_session{session}, m_run{run}, m_program{std::move(program)}, m_window{window}
{
    connect(&session, &RunSession::copySaved, this, &NetworkExport::convert);
    connect(&session, &RunSession::copyFailed, this, [this] {
        m_folder.reset();
        Q_EMIT told(tr("Nothing was exported."), 5000);
    });
    connect(&m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) { finish(status == QProcess::NormalExit ? code : -1); });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) // nothing else will be told
            finish(-1);
    });
}

NetworkExport::~NetworkExport()
{
    m_process.disconnect(this);
    m_process.kill();
    m_process.waitForFinished();
}

void NetworkExport::ask()
{
    auto *dialog = new QFileDialog{m_window, tr("Export network")};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("ONNX (*.onnx)"), tr("TorchScript (*.pt)"), tr("Safetensors (*.safetensors)")});
    dialog->setDefaultSuffix(QStringLiteral("onnx"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.section(QLatin1String{"*."}, 1).chopped(1));
    });
    dialog->selectFile(QString::fromStdString(m_run.description()->modelName).section(QLatin1Char('.'), 0, 0) + QStringLiteral(".onnx"));
    connect(dialog, &QFileDialog::fileSelected, this, &NetworkExport::write);
    dialog->open();
}

void NetworkExport::write(const QString &file)
{
    if (isBusy())
        return Q_EMIT failed(tr("%1 is still being exported; try again when that is done.").arg(m_file));
    m_folder = std::make_unique<QTemporaryDir>();
    if (!m_folder->isValid()) {
        Q_EMIT failed(tr("Export: no temporary folder: %1.").arg(m_folder->errorString()));
        return m_folder.reset();
    }
    m_file = file;
    Q_EMIT told(tr("Exporting %1…").arg(file), 0);
    m_session.copy(m_folder->filePath(QStringLiteral("snapshot.h5")));
}

void NetworkExport::convert(const QString &snapshot)
{
    m_process.start(m_program.isEmpty() ? QCoreApplication::applicationFilePath() : m_program,
                    {QStringLiteral("export"), snapshot, QStringLiteral("-o"), m_file});
}

void NetworkExport::finish(int code)
{
    m_folder.reset();
    const auto lines = [](const QByteArray &text) { return QString::fromUtf8(text).split(QLatin1Char('\n'), Qt::SkipEmptyParts); };
    if (code == 0) {
        const auto remarks = lines(m_process.readAllStandardOutput()).mid(1); // the first line is of sizes
        Q_EMIT told(tr("Wrote %1").arg(m_file), 5000);
        if (!remarks.isEmpty())
            Q_EMIT remarked(remarks.join(QLatin1Char(' ')));
        return;
    }
    const auto why = lines(m_process.readAllStandardError());
    Q_EMIT failed(why.isEmpty() ? tr("%1 was not exported: %2.").arg(m_file, m_process.errorString()) : QString{why.front()}.remove(QStringLiteral("condensate: ")));
}

} // namespace app
