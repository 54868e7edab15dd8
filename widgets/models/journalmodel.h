// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include <QAbstractTableModel>
#include <QDateTime>
#include <deque>

namespace widgets {

/// The log of a run and what it tells beside that, as lines for people, newest last. Keeps the newest kCapacity.
class JournalModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Time, Step, Text, ColumnCount };
    enum class Severity { Fact, Warning, Error };
    static constexpr std::size_t kCapacity = 5000;

    using QAbstractTableModel::QAbstractTableModel;

    /// Most events are a line; samples are none.
    void apply(const engine::Event &event);
    void add(Severity severity, const QString &text, engine::Step step);
    void clear();

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    QString plainText() const; ///< all lines, for the clipboard

private:
    struct Line {
        QDateTime time;
        engine::Step step{};
        Severity severity = Severity::Fact;
        QString text;
    };
    void line(const engine::Prepared &event);
    void line(const engine::Sampled &) {}
    void line(const engine::CommandReplied &event);
    void line(const engine::Logged &event) { logged(event.entry); }
    void line(const engine::StageEntered &event);
    void line(const engine::StagesChanged &) {}
    void line(const engine::EpochEnded &event);
    void line(const engine::Paused &event);
    void line(const engine::Resumed &event);
    void line(const engine::SnapshotSaved &event);
    void line(const engine::SnapshotFailed &event);
    void line(const engine::PackedMeasured &) {}
    void line(const engine::PackedFailed &) {} // the dock that asked says why
    void line(const engine::Note &event);
    void line(const engine::Finished &event);
    void line(const engine::Stopped &event);
    void line(const engine::Failed &event);

    void logged(const engine::LogEntry &entry);
    void add(Line line);

    std::deque<Line> m_lines;
    engine::Step m_lastStep{};
};

} // namespace widgets
