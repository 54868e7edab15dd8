// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/posttrainingjob.h"
#include "app/gui/dockset.h"
#include "engine/core/choices.h"
#include "widgets/docks/icons.h"
#include "widgets/docks/plotdock.h"
#include "widgets/models/texts.h"
#include "widgets/plots/tradeoffview.h"
#include <QAction>
#include <QJsonDocument>
#include <QJsonObject>
#include <utility>

namespace app {
namespace {

constexpr auto kRepresentatives = "2,3,4,6,8,16,32,64,128,256"; // of the points of each curve
constexpr int kNoteMilliseconds = 5000;

widgets::PostTrainingPoint pointOf(const QJsonObject &row)
{
    const auto number = [&row](const char *key) { return row.value(QLatin1String{key}).toDouble(); };
    return {.k = row.value(QLatin1String{"k"}).toInt(),
            .accuracy = number("validation_accuracy"),
            .reestimatedAccuracy = number("reestimated_validation_accuracy"),
            .floatBytes = number("float32_bytes"),
            .fixedBytes = number("theoretical_fixed_length_bytes"),
            .entropyBytes = number("theoretical_order_0_entropy_bytes")};
}

} // namespace

PostTrainingJob::PostTrainingJob(RunSession &session, const widgets::RunModel &run, const DockSet &docks, QString program, QObject *parent)
    : QObject{parent}, m_run{run}, m_view{*docks.tradeoffView}, m_action{new QAction{this}}, m_job{session, std::move(program), this}
{
    m_action->setObjectName(QStringLiteral("postTraining"));
    docks.tradeoff->addTitleAction(m_action);
    m_view.addAction(m_action);
    connect(m_action, &QAction::triggered, this, [this] { m_job.isBusy() ? m_job.cancel() : start(); });
    connect(&m_job, &SnapshotJob::wrote, this, &PostTrainingJob::add);
    connect(&m_job, &SnapshotJob::progressed, this, &PostTrainingJob::count);
    connect(&m_job, &SnapshotJob::done, this, [this] {
        end(m_cameTooLate
                ? QString{}
                : tr("The post-training curves of step %1 are measured.").arg(widgets::wholeNumber(engine::count(m_curves.step))));
        if (m_cameTooLate)
            Q_EMIT failed(tr("The commit stage began before the run could be copied: there is no float network any more to measure "
                             "post-training curves of."));
    });
    connect(&m_job, &SnapshotJob::failed, this, [this](const QString &why) {
        end(tr("The post-training curves were not measured."));
        if (!why.isEmpty())
            Q_EMIT failed(why);
    });
    connect(&m_job, &SnapshotJob::cancelled, this, [this] { end(tr("Post-training curves: cancelled.")); });
    connect(&run, &widgets::RunModel::changed, this, [this](widgets::RunModel::Changes changes) {
        if (changes & widgets::RunModel::DescriptionChanged)
            forget();
        if (changes & (widgets::RunModel::DescriptionChanged | widgets::RunModel::StateChanged))
            showState();
    });
    showState();
}

void PostTrainingJob::start()
{
    m_curves = {};
    m_done = m_all = 0;
    m_cameTooLate = false;
    Q_EMIT told(tr("Post-training curves: loading the data…"), 0);
    const bool isUnified = m_run.description()->settings.choice<engine::CodebookScope>() == engine::CodebookScope::Unified;
    m_job.start(QStringLiteral("quantize"),
                {QStringLiteral("--method"), QStringLiteral("all"), QStringLiteral("--k"), QString::fromLatin1(kRepresentatives),
                 QStringLiteral("--scope"), isUnified ? QStringLiteral("unified") : QStringLiteral("layer"), QStringLiteral("--validation"),
                 QStringLiteral("--json-lines"), QStringLiteral("--progress")});
    showState();
}

void PostTrainingJob::add(const QByteArray &line)
{
    const auto row = QJsonDocument::fromJson(line).object();
    if (row.isEmpty())
        return;
    const engine::Step step{static_cast<std::uint64_t>(row.value(QLatin1String{"step"}).toInteger())};
    m_cameTooLate = m_cameTooLate || isCommittedAt(step);
    if (m_cameTooLate)
        return;
    m_curves.step = step;
    m_curves.expected = m_all;
    m_curves.add(row.value(QLatin1String{"method"}).toString(), pointOf(row));
    m_view.setPostTraining(m_curves);
}

void PostTrainingJob::count(int done, int all)
{
    m_done = done;
    m_all = all;
    Q_EMIT told(tr("Post-training curves: %1 of %2 points measured").arg(done).arg(all), 0);
    showState();
}

/// The curves are as long as they will get.
void PostTrainingJob::end(const QString &note)
{
    if (!m_curves.empty()) {
        m_curves.expected = 0;
        m_view.setPostTraining(m_curves);
    }
    Q_EMIT told(note, kNoteMilliseconds);
    showState();
}

void PostTrainingJob::forget()
{
    m_job.cancel();
    m_curves = {};
    m_view.setPostTraining({});
}

bool PostTrainingJob::isCommittedAt(engine::Step step) const
{
    const auto &run = m_run.description();
    return run && run->commits() && engine::count(step) > run->warmupSteps + run->clusterSteps;
}

QString PostTrainingJob::whyNot() const
{
    if (!m_run.description())
        return tr("There is no run yet.");
    if (!m_run.canSave())
        return tr("The run has ended.");
    if (m_run.isCommitted())
        return tr("Since the commit stage the weights lie on their representatives: there is no float network any more.");
    return {};
}

void PostTrainingJob::showState()
{
    const bool isBusy = m_job.isBusy();
    const auto why = isBusy ? QString{} : whyNot();
    const auto help =
        isBusy && m_all > 0 ? tr("Cancel the post-training curves (%1 of %2 points measured)").arg(m_done).arg(m_all)
        : isBusy            ? tr("Cancel the post-training curves")
                 : tr("Post-training curves: what the quantizers make of the weights as they are now, without training, for k = 2 to 256. "
                      "Training goes on");
    m_action->setText(isBusy ? tr("Cancel post-training curves") : tr("Measure post-training curves"));
    m_action->setIcon(widgets::icon(isBusy ? QStringLiteral("stop") : QStringLiteral("posttraining")));
    m_action->setToolTip(why.isEmpty() ? help : tr("%1.\n%2").arg(help, why));
    m_action->setStatusTip(why.isEmpty() ? help : why);
    m_action->setEnabled(why.isEmpty());
}

} // namespace app
