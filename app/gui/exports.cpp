// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/exports.h"
#include "app/gui/figureexporter.h"
#include "widgets/docks/plotdock.h"
#include "widgets/plots/export.h"
#include "widgets/plots/plotview.h"
#include <QFileDialog>

namespace app {

Exports::Exports(const DockSet &docks, const widgets::RunModel &run, QWidget *window)
    : QObject{window}, m_docks{docks}, m_run{run}, m_window{window}
{
}

void Exports::askData(widgets::PlotDock *dock)
{
    auto *dialog = new QFileDialog{m_window, tr("Export data"), {}, tr("Comma-separated values (*.csv)")};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(dock->view().subject() + QStringLiteral(".csv"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, dock](const QString &file) {
        if (const auto written = widgets::exportData(dock->view(), file); !written)
            Q_EMIT failed(QString::fromStdString(written.error().text));
        else
            Q_EMIT told(tr("Wrote %1").arg(file), 5000);
    });
    dialog->open();
}

void Exports::askAll()
{
    auto *dialog = new QFileDialog{m_window, tr("Folder for all figures")};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this, &Exports::exportAll);
    dialog->open();
}

void Exports::exportAll(const QString &folder)
{
    auto *exporter = new FigureExporter{m_docks, m_run, folder, this};
    connect(exporter, &FigureExporter::progressed, this,
            [this](int written, int files) { Q_EMIT told(tr("Exporting figure file %1 of %2…").arg(written).arg(files), 0); });
    connect(exporter, &FigureExporter::done, this,
            [this](const QString &where, int files) { Q_EMIT told(tr("Files written to %1: %2").arg(where).arg(files), 8000); });
    connect(exporter, &FigureExporter::failed, this, &Exports::failed);
    exporter->start();
}

} // namespace app
