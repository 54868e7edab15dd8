// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/runcontrols.h"
#include "widgets/docks/stagestrip.h"
#include "widgets/models/texts.h"
#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QToolButton>
#include <QVBoxLayout>

namespace widgets {

RunControls::RunControls(const RunModel &run, const QList<QAction *> &buttons, QWidget *parent)
    : QWidget{parent}, m_run{run}, m_stages{new StageStrip{this}}, m_progress{new QProgressBar{this}}, m_pace{new QLabel{this}}
{
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    for (auto *action : buttons) {
        auto *button = new QToolButton{this};
        button->setDefaultAction(action);
        button->setObjectName(action->objectName() + QStringLiteral("Button"));
        button->setAccessibleName(action->toolTip());
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setIconSize({16, 16});
        button->setFocusPolicy(Qt::StrongFocus);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        row->addWidget(button, 1);
    }
    m_progress->setObjectName(QStringLiteral("progress"));
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setAlignment(Qt::AlignCenter);
    m_progress->setToolTip(tr("Steps done, of all stages together."));
    m_pace->setObjectName(QStringLiteral("pace"));
    m_pace->setAccessibleName(tr("Pace"));
    m_pace->setToolTip(tr("Epochs done, training images a second, and the time that the rest takes at this pace."));
    auto *layout = new QVBoxLayout{this};
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(5);
    layout->addLayout(row);
    layout->addWidget(m_stages);
    layout->addWidget(m_progress);
    layout->addWidget(m_pace);
    connect(&run, &RunModel::changed, this, &RunControls::update);
    update(RunModel::Everything);
}

void RunControls::update(RunModel::Changes changes)
{
    if (changes & (RunModel::DescriptionChanged | RunModel::FrameChanged | RunModel::StateChanged | RunModel::HistoryChanged)) {
        m_stages->show(m_run);
        showProgress();
    }
}

void RunControls::showProgress()
{
    const auto &description = m_run.description();
    const auto &frame = m_run.frame();
    if (!description) {
        const bool preparing = m_run.state() == RunState::Preparing;
        m_progress->setRange(0, preparing ? 0 : 1); // 0…0: busy
        m_progress->setValue(0);
        m_progress->setFormat(preparing ? QString{} : tr("no run yet"));
        m_pace->setText(preparing ? tr("Loading data and building the network…")
                        : m_run.state() == RunState::Ended ? tr("Ended.") : tr("Ready. Press Run to begin."));
        return;
    }
    const auto total = description->totalSteps(), done = count(m_run.step());
    m_progress->setRange(0, 1000);
    m_progress->setValue(total > 0 ? static_cast<int>(1000 * done / total) : 0);
    m_progress->setFormat(tr("step %1 of %2").arg(wholeNumber(done), wholeNumber(total)));
    if (m_run.summary())
        m_pace->setText(tr("Finished after %1.").arg(duration(m_run.summary()->seconds)));
    else if (m_run.state() == RunState::Finished || m_run.state() == RunState::Ended)
        m_pace->setText(m_run.state() == RunState::Finished ? tr("Finished.") : tr("Ended."));
    else if (m_run.state() == RunState::Paused)
        m_pace->setText(tr("Paused."));
    else if (m_run.state() == RunState::Stopping)
        m_pace->setText(tr("Ending…"));
    else if (frame)
        m_pace->setText(tr("epoch %1 · %2 images/s · %3 to go")
                            .arg(frame->epoch, 0, 'f', 1)
                            .arg(wholeNumber(static_cast<std::uint64_t>(frame->imagesPerSecond)), duration(frame->etaSeconds)));
}

} // namespace widgets
