// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/networkexport.h"
#include "engine/coding/sizeaccount.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"
#include <QFileDialog>
#include <utility>

namespace app {
namespace {

const char *const kPackedFilter = QT_TRANSLATE_NOOP("app::NetworkExport", "Packed network (*.cnd)");

bool isPacked(const QString &file) { return file.endsWith(QLatin1String{".cnd"}, Qt::CaseInsensitive); }

} // namespace

NetworkExport::NetworkExport(RunSession &session, const widgets::RunModel &run, QString program, QWidget *window)
    : QObject{window}, m_run{run}, m_window{window}, m_job{session, std::move(program), this}
{
    connect(&m_job, &SnapshotJob::done, this, &NetworkExport::tellWritten);
    connect(&m_job, &SnapshotJob::failed, this, [this](const QString &why) {
        if (why.isEmpty())
            Q_EMIT told(tr("Nothing was written."), 5000);
        else
            Q_EMIT failed(why);
    });
}

void NetworkExport::tellWritten(const QByteArray &output)
{
    if (isPacked(m_file))
        return tellPacked();
    const auto remarks = QString::fromUtf8(output).split(QLatin1Char('\n'), Qt::SkipEmptyParts).mid(1); // the first line is of sizes
    Q_EMIT told(tr("Wrote %1").arg(m_file), 5000);
    if (!remarks.isEmpty())
        Q_EMIT remarked(remarks.join(QLatin1Char(' ')));
}

void NetworkExport::tellPacked()
{
    const auto contents = engine::readPackedHeader(m_file.toStdString());
    if (!contents)
        return Q_EMIT failed(QString::fromStdString(contents.error().text));
    const auto size = engine::accountBytes(*contents);
    Q_EMIT told(tr("Wrote %1: %2 bytes, %3× smaller than as float32")
                    .arg(m_file, widgets::wholeNumber(size.total()), widgets::shortNumber(size.ratio())),
                15000);
}

void NetworkExport::askExport()
{
    ask(tr("Export network"), {tr("ONNX (*.onnx)"), tr("TorchScript (*.pt)"), tr("Safetensors (*.safetensors)"), tr(kPackedFilter)});
}

void NetworkExport::askPack()
{
    ask(tr("Pack network"), {tr(kPackedFilter)});
}

void NetworkExport::ask(const QString &title, const QStringList &filters)
{
    const auto ending = [](const QString &filter) { return filter.section(QLatin1String{"*."}, 1).chopped(1); };
    auto *dialog = new QFileDialog{m_window, title};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    dialog->setDefaultSuffix(ending(filters.front()));
    connect(dialog, &QFileDialog::filterSelected, dialog,
            [dialog, ending](const QString &filter) { dialog->setDefaultSuffix(ending(filter)); });
    dialog->selectFile(QString::fromStdString(m_run.description()->modelName).section(QLatin1Char('.'), 0, 0) + QLatin1Char('.') +
                       ending(filters.front()));
    connect(dialog, &QFileDialog::fileSelected, this, &NetworkExport::write);
    dialog->open();
}

void NetworkExport::write(const QString &file)
{
    if (m_job.isBusy())
        return Q_EMIT failed(tr("%1 is still being written; try again when that is done.").arg(m_file));
    m_file = file;
    Q_EMIT told(tr("Writing %1…").arg(file), 0);
    m_job.start(isPacked(m_file) ? QStringLiteral("pack") : QStringLiteral("export"), {QStringLiteral("-o"), m_file});
}

} // namespace app
