// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QQueue>
#include <QString>
#include <functional>
#include <memory>

namespace widgets {
class PlotView;
class RunModel;
}

namespace app {

class DockSet;

/// Writes every plot of every layer as PDF, SVG, PNG and CSV, one file in each turn of the event loop, so that the
/// window stays alive. What is drawn is the run as it was when asked.
class FigureExporter : public QObject {
    Q_OBJECT

public:
    FigureExporter(const DockSet &docks, const widgets::RunModel &run, QString folder, QObject *parent);
    ~FigureExporter() override;
    void start(); ///< ends with done() or failed(), then deletes itself

Q_SIGNALS:
    void progressed(int written, int files);
    void done(const QString &folder, int files);
    void failed(const QString &sentence);

private:
    void enqueue(const std::shared_ptr<widgets::PlotView> &view);
    void next();

    struct Job {
        std::shared_ptr<widgets::PlotView> view;
        QString file;
    };
    QString m_folder;
    QQueue<Job> m_jobs;
    int m_files = 0;
};

} // namespace app
