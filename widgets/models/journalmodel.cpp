// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/journalmodel.h"
#include "engine/core/overloaded.h"
#include "widgets/models/texts.h"
#include <QStringList>

namespace widgets {
namespace {

QString pathText(const std::filesystem::path &file)
{
    return QString::fromStdString(file.string());
}

/// What a command asks for; empty for those whose effect has an event of its own.
QString askedFor(const engine::Command &command, const std::vector<engine::LayerInfo> &layers)
{
    const auto nameOf = [&layers](engine::LayerId layer) {
        return index(layer) < layers.size() ? qtext(layers[index(layer)].name) : QString::number(index(layer));
    };
    return std::visit(
        engine::Overloaded{
            [](const engine::SetParameter &c) {
                return JournalModel::tr("%1 = %2").arg(qtext(engine::spec(c.id).label), shownValue(c.value));
            },
            [&nameOf](const engine::SetLayerLambda &c) {
                return c.lambda ? JournalModel::tr("λ of %1 = %2").arg(nameOf(c.layer), shortNumber(*c.lambda))
                                : JournalModel::tr("%1 follows the global λ").arg(nameOf(c.layer));
            },
            [](const engine::PauseAt &c) { return JournalModel::tr("pause at step %1").arg(wholeNumber(count(c.step))); },
            [](const engine::NextStage &) { return JournalModel::tr("next stage"); },
            [](const auto &) { return QString{}; }},
        command);
}

} // namespace

void JournalModel::apply(const engine::Event &event)
{
    std::visit([this](const auto &e) { line(e); }, event);
}

void JournalModel::add(Severity severity, const QString &text, engine::Step step)
{
    if (m_lines.size() >= kCapacity) {
        beginRemoveRows({}, 0, 0);
        m_lines.pop_front();
        endRemoveRows();
    }
    const int row = static_cast<int>(m_lines.size());
    beginInsertRows({}, row, row);
    m_lines.push_back({QTime::currentTime(), step, severity, text});
    m_lastStep = step;
    endInsertRows();
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
    m_layers = run.layers;
    add(Severity::Fact,
        tr("%1 on %2: %3 + %4 + %5 images to train, validate and test; layers: %6, steps: %7, threads: %8.")
            .arg(QString::fromStdString(run.modelName), QString::fromStdString(run.dataName), wholeNumber(run.trainImages),
                 wholeNumber(run.validationImages), wholeNumber(run.testImages))
            .arg(run.layers.size())
            .arg(wholeNumber(run.totalSteps()))
            .arg(run.threads),
        event.history && !event.history->empty() ? event.history->samples().back().step : engine::Step{});
}

void JournalModel::line(const engine::CommandReplied &event)
{
    if (std::holds_alternative<engine::MeasurePacked>(event.command))
        return; // the window asks for it, not the user
    const auto asked = askedFor(event.command, m_layers);
    if (const auto *rejected = std::get_if<engine::Rejected>(&event.reply))
        return add(Severity::Warning, tr("Refused: %1").arg(QString::fromStdString(rejected->why.text)), m_lastStep);
    if (const auto *restart = std::get_if<engine::NeedsRestart>(&event.reply))
        return add(Severity::Warning, tr("Needs a new run: %1").arg(QString::fromStdString(restart->because)), m_lastStep);
    if (!asked.isEmpty())
        add(Severity::Fact, tr("In force: %1.").arg(asked), std::get<engine::Applied>(event.reply).step);
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
        return index.column() == Time   ? line.time.toString(QStringLiteral("HH:mm:ss"))
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
        lines << line.time.toString(QStringLiteral("HH:mm:ss")) + QLatin1Char('\t') + QString::number(count(line.step))
                     + QLatin1Char('\t') + line.text;
    return lines.join(QLatin1Char('\n'));
}

} // namespace widgets
