// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/figureexporter.h"
#include "app/gui/dockset.h"
#include "widgets/docks/plotdock.h"
#include "widgets/docks/sensitivitydock.h"
#include "widgets/plots/export.h"
#include "widgets/plots/plotview.h"
#include "widgets/plots/sensitivityview.h"
#include <QDir>
#include <QTimer>

namespace app {

FigureExporter::FigureExporter(const DockSet &docks, const widgets::RunModel &run, QString folder, QObject *parent)
    : QObject{parent}, m_folder{std::move(folder)}
{
    // The run's history grows while files are written: draw from a copy.
    widgets::PlotData data{run.description(), run.frame(), std::make_shared<const engine::History>(*run.history()), {}};
    const auto twinOf = [&](widgets::PlotDock *dock) {
        std::shared_ptr<widgets::PlotView> twin = dock->view().twin();
        twin->setData(data);
        enqueue(twin);
    };
    for (const auto &layer : data.run->layers) {
        data.layer = layer.id;
        twinOf(docks.histogram);
        twinOf(docks.trajectories);
    }
    twinOf(docks.tradeoff);
    twinOf(docks.curves);
    if (docks.sensitivity->sensitivity().measured())
        twinOf(docks.sensitivity);
    m_files = static_cast<int>(m_jobs.size());
}

FigureExporter::~FigureExporter() = default;

void FigureExporter::enqueue(const std::shared_ptr<widgets::PlotView> &view)
{
    auto name = view->subject();
    name.replace(QLatin1Char(' '), QLatin1Char('-')).replace(QLatin1Char('/'), QLatin1Char('-'));
    for (const auto *ending : {"pdf", "svg", "png", "csv"})
        m_jobs.enqueue({view, QDir{m_folder}.filePath(name + QLatin1Char('.') + QLatin1String{ending})});
}

void FigureExporter::start()
{
    QTimer::singleShot(0, this, &FigureExporter::next);
}

void FigureExporter::next()
{
    if (m_jobs.isEmpty()) {
        Q_EMIT done(m_folder, m_files);
        return deleteLater();
    }
    const auto job = m_jobs.dequeue();
    if (const auto written = widgets::exportPlot(*job.view, job.file); !written) {
        Q_EMIT failed(QString::fromStdString(written.error().text));
        return deleteLater();
    }
    Q_EMIT progressed(m_files - static_cast<int>(m_jobs.size()), m_files);
    start();
}

} // namespace app
