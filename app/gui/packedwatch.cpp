// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/packedwatch.h"
#include "app/gui/runsession.h"
#include "engine/coding/sizeaccount.h"
#include "widgets/docks/dock.h"

namespace app {
namespace {

widgets::PackedPacer::Time costOf(const widgets::RunModel &run)
{
    const std::chrono::duration<double> seconds{run.packed() ? run.packed()->seconds : 0.0};
    return std::chrono::duration_cast<widgets::PackedPacer::Time>(seconds);
}

} // namespace

PackedWatch::PackedWatch(RunSession &session, const widgets::RunModel &run, const widgets::Dock &dock, QObject *parent)
    : QObject{parent}, m_session{session}, m_run{run}, m_dock{dock}
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &PackedWatch::consider);
    connect(&run, &widgets::RunModel::changed, this, &PackedWatch::follow);
    connect(&dock, &QDockWidget::visibilityChanged, this, &PackedWatch::consider); // after the dock, which connected first, knows it
}

void PackedWatch::follow(widgets::RunModel::Changes changes)
{
    using widgets::RunModel;
    if (changes & RunModel::DescriptionChanged)
        m_pacer = {}; // what was asked of the run before nobody will answer
    else if (changes & RunModel::PackedChanged)
        m_pacer.answered(costOf(m_run));
    if (changes & (RunModel::FrameChanged | RunModel::HistoryChanged | RunModel::StateChanged))
        m_pacer.changed();
    consider();
}

void PackedWatch::consider()
{
    using widgets::RunState;
    m_timer.stop();
    if (!m_dock.isSeen() || !m_run.canSave())
        return;
    const widgets::PackedPacer::Time now = std::chrono::steady_clock::now().time_since_epoch();
    const auto wait = m_pacer.untilNext(now, m_run.state() == RunState::Paused || m_run.state() == RunState::Finished);
    if (!wait)
        return;
    if (*wait > widgets::PackedPacer::Time{0})
        return m_timer.start(std::chrono::ceil<std::chrono::milliseconds>(*wait));
    m_pacer.asked(now);
    m_session.measurePacked();
}

} // namespace app
