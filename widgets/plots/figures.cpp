// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/figures.h"
#include "widgets/plots/curvesview.h"
#include "widgets/plots/histogramview.h"
#include "widgets/plots/tradeoffview.h"
#include "widgets/plots/trajectoryview.h"
#include <QDir>
#include <QRegularExpression>

namespace widgets {
namespace {

/// Writes a view in all formats and keeps the list of files; after a failure it does nothing more.
class FigureWriter {
public:
    FigureWriter(QDir folder, const FigureOptions &options) : m_folder{std::move(folder)}, m_options{options} {}

    void write(const PlotView &view, const QString &name, double heightFactor = 1)
    {
        FigureOptions options = m_options;
        options.sizeMm.rheight() *= heightFactor;
        for (const char *ending : {"pdf", "svg", "png", "csv"}) {
            if (!m_outcome)
                return;
            const QString file = m_folder.filePath(name + QLatin1Char('.') + QLatin1String(ending));
            m_outcome = exportPlot(view, file, options);
            if (m_outcome)
                m_files << file;
        }
    }
    engine::Result<QStringList> outcome() const
    {
        if (!m_outcome)
            return std::unexpected(m_outcome.error());
        return m_files;
    }

private:
    QDir m_folder;
    const FigureOptions &m_options;
    QStringList m_files;
    engine::Result<void> m_outcome;
};

/// "02-classifier.0": in the layers' order and safe on every file system.
QString fileName(const engine::LayerInfo &layer)
{
    static const QRegularExpression odd{QStringLiteral("[^A-Za-z0-9._-]+")};
    return QStringLiteral("%1-%2").arg(engine::index(layer.id), 2, 10, QLatin1Char('0'))
        .arg(QString::fromStdString(layer.name).replace(odd, QStringLiteral("_")));
}

} // namespace

engine::Result<QStringList> renderFigures(const FigureInput &input, const QString &folder, const FigureOptions &options)
{
    if (!QDir{}.mkpath(folder))
        return engine::fail(engine::ErrorCode::Unwritable,
                            QStringLiteral("Cannot make the folder %1 for the figures.").arg(folder).toStdString());
    PlotData data;
    data.run = std::make_shared<const engine::RunDescription>(input.description);
    data.frame = std::make_shared<const engine::Frame>(input.frame);
    data.history = std::make_shared<const engine::History>(input.history);
    FigureWriter writer{QDir{folder}, options};
    HistogramView histogram;
    TrajectoryView trajectories;
    for (const auto &layer : input.description.layers) {
        data.layer = layer.id;
        histogram.setData(data);
        trajectories.setData(data);
        writer.write(histogram, QStringLiteral("histogram-") + fileName(layer));
        writer.write(trajectories, QStringLiteral("trajectories-") + fileName(layer));
    }
    TradeoffView tradeoff;
    tradeoff.setBaseline(input.baseline);
    tradeoff.setData(data);
    writer.write(tradeoff, QStringLiteral("tradeoff"));
    CurvesView curves;
    curves.setData(data);
    writer.write(curves, QStringLiteral("curves"), 1.4); // two plots above each other
    return writer.outcome();
}

} // namespace widgets
