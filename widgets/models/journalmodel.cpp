// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/journalmodel.h"
#include "engine/core/overloaded.h"
#include "widgets/models/texts.h"
#include <QStringList>

namespace widgets {
namespace {

/// With the day, where it is not today.
QString timeText(const QDateTime &time)
{
    const bool isToday = time.date() == QDate::currentDate();
    return time.toString(isToday ? QStringLiteral("HH:mm:ss") : QStringLiteral("yyyy-MM-dd HH:mm:ss"));
}

QString pathText(const std::filesystem::path &file)
{
    return QString::fromStdString(file.string());
}

/// By whom, where it was not by hand.
QString authorText(engine::Author by)
{
    return by == engine::Author::File ? JournalModel::tr(" (by its recipe)") : QString{};
}

/// What an entry of the log says; empty for those that an event of their own tells of.
QString textOf(const engine::LogEntry &entry)
{
    const auto inForce = [&](const QString &what) { return JournalModel::tr("In force%1: %2.").arg(authorText(entry.by), what); };
    return std::visit(
        engine::Overloaded{
            [](const engine::Started &start) {
                QStringList changed;
                for (const auto &change : start.changes)
                    changed << JournalModel::tr("%1 = %2").arg(qtext(engine::spec(change.id).label), shownValue(change.value));
                const auto with = JournalModel::tr("Condensate %1, threads: %2").arg(qtext(start.program)).arg(start.threads);
                return changed.isEmpty() ? JournalModel::tr("Started (%1).").arg(with)
                                         : JournalModel::tr("Branched off with %1 (%2).").arg(changed.join(QStringLiteral(", ")), with);
            },
            [&](const engine::SetParameter &c) {
                return inForce(JournalModel::tr("%1 = %2").arg(qtext(engine::spec(c.id).label), shownValue(c.value)));
            },
            [&](const engine::SetLayerLambda &c) {
                return inForce(c.lambda ? JournalModel::tr("λ of %1 = %2").arg(qtext(c.layer), shortNumber(*c.lambda))
                                        : JournalModel::tr("%1 follows the global λ").arg(qtext(c.layer)));
            },
            [&](const engine::PauseAt &c) { return inForce(JournalModel::tr("pause at step %1").arg(wholeNumber(count(c.step)))); },
            [&](const engine::NextStage &) { return inForce(JournalModel::tr("next stage")); },
            [](const auto &) { return QString{}; }},
        entry.what);
}

} // namespace

void JournalModel::apply(const engine::Event &event)
{
    std::visit([this](const auto &e) { line(e); }, event);
}

void JournalModel::add(Severity severity, const QString &text, engine::Step step)
{
    add({QDateTime::currentDateTime(), step, severity, text});
}

void JournalModel::add(Line line)
{
    if (m_lines.size() >= kCapacity) {
        beginRemoveRows({}, 0, 0);
        m_lines.pop_front();
        endRemoveRows();
    }
    const int row = static_cast<int>(m_lines.size());
    beginInsertRows({}, row, row);
    m_lastStep = line.step;
    m_lines.push_back(std::move(line));
    endInsertRows();
}

void JournalModel::logged(const engine::LogEntry &entry)
{
    if (const auto text = textOf(entry); !text.isEmpty())
        add({QDateTime::fromSecsSinceEpoch(entry.time), entry.step, Severity::Fact, text});
}

void JournalModel::clear()
{
    beginResetModel();
    m_lines.clear();
    m_lastStep = {};
    endResetModel();
}

void JournalModel::line(const engine::Prepared &event)
{
    const auto &run = *event.description;
    if (event.log) {
        for (const auto &entry : event.log->entries)
            logged(entry);
    }
    add(Severity::Fact,
        tr("%1 on %2: %3 + %4 + %5 images to train, validate and test; layers: %6, steps: %7, threads: %8.")
            .arg(QString::fromStdString(run.modelName), QString::fromStdString(run.dataName), wholeNumber(run.trainImages),
                 wholeNumber(run.validationImages), wholeNumber(run.testImages))
            .arg(run.layers.size())
            .arg(wholeNumber(run.totalSteps()))
            .arg(run.threads),
        event.history && !event.history->empty() ? event.history->samples().back().step : engine::Step{});
    if (event.log && !event.log->ahead.empty())
        add(Severity::Fact,
            tr("Its recipe changes settings %n time(s) on its way, next at step %1.", nullptr, static_cast<int>(event.log->ahead.size()))
                .arg(wholeNumber(count(event.log->ahead.front().step))),
            m_lastStep);
}

void JournalModel::line(const engine::CommandReplied &event)
{
    if (std::holds_alternative<engine::MeasurePacked>(event.command))
        return; // the window asks for it, not the user
    if (const auto *rejected = std::get_if<engine::Rejected>(&event.reply))
        return add(Severity::Warning, tr("Refused: %1").arg(QString::fromStdString(rejected->why.text)), m_lastStep);
    if (const auto *restart = std::get_if<engine::NeedsRestart>(&event.reply))
        add(Severity::Warning, tr("Needs a new run: %1").arg(QString::fromStdString(restart->because)), m_lastStep);
}

void JournalModel::line(const engine::StageEntered &event)
{
    add(Severity::Fact, tr("Stage: %1.").arg(qtext(engine::name(event.stage))), event.step);
}

void JournalModel::line(const engine::EpochEnded &event)
{
    add(Severity::Fact,
        tr("Epoch %1: validation accuracy latent %2, snapped %3.")
            .arg(event.epoch)
            .arg(shortShare(event.latentAccuracy), shortShare(event.snappedAccuracy)),
        event.step);
}

void JournalModel::line(const engine::Paused &event)
{
    if (event.reason.empty())
        add(Severity::Fact, tr("Paused."), event.step);
    else
        add(Severity::Warning, tr("Paused: %1").arg(QString::fromStdString(event.reason)), event.step);
}

void JournalModel::line(const engine::Resumed &event)
{
    add(Severity::Fact, tr("Resumed."), event.step);
}

void JournalModel::line(const engine::SnapshotSaved &event)
{
    add(Severity::Fact, tr("Saved %1.").arg(pathText(event.file)), event.step);
}

void JournalModel::line(const engine::SnapshotFailed &event)
{
    add(Severity::Error, QString::fromStdString(event.why.text), m_lastStep);
}

void JournalModel::line(const engine::Note &event)
{
    add(Severity::Fact, QString::fromStdString(event.text), event.step);
}

void JournalModel::line(const engine::Finished &event)
{
    const auto &s = event.summary;
    add(Severity::Fact,
        tr("Finished: test accuracy latent %1, snapped %2; ratio %3 (entropy, in theory), %4 bits a weight; %5.")
            .arg(shortShare(s.latentTestAccuracy), shortShare(s.snappedTestAccuracy), shortNumber(s.size.entropyRatio()),
                 shortNumber(s.size.bitsPerWeight()), duration(s.seconds)),
        s.step);
}

void JournalModel::line(const engine::Stopped &event)
{
    add(Severity::Fact, tr("Stopped."), event.step);
}

void JournalModel::line(const engine::Failed &event)
{
    add(Severity::Error, QString::fromStdString(event.why.text), m_lastStep);
}

int JournalModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size());
}

int JournalModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant JournalModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto &line = m_lines[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole)
        return index.column() == Time   ? timeText(line.time)
               : index.column() == Step ? wholeNumber(count(line.step))
                                        : line.text;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((index.column() == Step ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole)
        return line.text;
    if (role == Qt::UserRole)
        return static_cast<int>(line.severity);
    return {};
}

QVariant JournalModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue((section == Step ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    return section == Time ? tr("Time") : section == Step ? tr("Step") : tr("What happened");
}

QString JournalModel::plainText() const
{
    QStringList lines;
    for (const auto &line : m_lines)
        lines << timeText(line.time) + QLatin1Char('\t') + QString::number(count(line.step))
                     + QLatin1Char('\t') + line.text;
    return lines.join(QLatin1Char('\n'));
}

} // namespace widgets
