// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/networkexport.h"
#include "widgets/models/runmodel.h"
#include <QFileDialog>
#include <utility>

namespace app {

NetworkExport::NetworkExport(RunSession &session, const widgets::RunModel &run, QString program, QWidget *window)
    : QObject{window}, m_run{run}, m_window{window}, m_job{session, std::move(program), this}
{
    connect(&m_job, &SnapshotJob::done, this, [this](const QByteArray &output) {
        const auto remarks = QString::fromUtf8(output).split(QLatin1Char('\n'), Qt::SkipEmptyParts).mid(1); // the first line is of sizes
        Q_EMIT told(tr("Wrote %1").arg(m_file), 5000);
        if (!remarks.isEmpty())
            Q_EMIT remarked(remarks.join(QLatin1Char(' ')));
    });
    connect(&m_job, &SnapshotJob::failed, this, [this](const QString &why) {
        if (why.isEmpty())
            Q_EMIT told(tr("Nothing was exported."), 5000);
        else
            Q_EMIT failed(why);
    });
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
    if (m_job.isBusy())
        return Q_EMIT failed(tr("%1 is still being exported; try again when that is done.").arg(m_file));
    m_file = file;
    Q_EMIT told(tr("Exporting %1…").arg(file), 0);
    m_job.start(QStringLiteral("export"), {QStringLiteral("-o"), m_file});
}

} // namespace app
