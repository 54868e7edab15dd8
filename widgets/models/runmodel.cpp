// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/runmodel.h"
#include <algorithm>
#include <utility>

namespace widgets {

void RunModel::reset(RunState state)
{
    m_stage = engine::Stage::Preparing;
    m_description.reset();
    m_frame.reset();
    m_history = std::make_shared<engine::History>();
    m_log = {};
    m_file.clear();
    m_summary.reset();
    m_packed.reset();
    m_packedStep = engine::Step{};
    m_whyNotPacked.clear();
    m_pauseAt.reset();
    m_step = m_savedStep = engine::Step{};
    m_layer = engine::LayerId{};
    m_state = state;
    m_changes = Everything;
    flush();
}

void RunModel::apply(const engine::Event &event)
{
    std::visit([this](const auto &e) { on(e); }, event);
}

void RunModel::setFrame(const std::shared_ptr<const engine::Frame> &frame)
{
    m_frame = frame;
    if (m_stage != frame->stage) {
        m_stage = frame->stage;
        m_changes |= StateChanged;
    }
    reached(frame->step);
    m_changes |= FrameChanged;
}

void RunModel::setStopping()
{
    if (isLive() || m_state == RunState::Finished)
        enter(RunState::Stopping);
    flush();
}

bool RunModel::canSave() const noexcept
{
    return m_description && (m_state == RunState::Running || m_state == RunState::Paused || m_state == RunState::Finished);
}

std::optional<engine::Step> RunModel::savedStep() const noexcept
{
    return m_savedStep > engine::Step{} || !m_file.empty() ? std::optional{m_savedStep} : std::nullopt;
}

bool RunModel::isCommitted() const
{
    return m_description && engine::isCommitted(*m_description, m_stage);
}

void RunModel::flush()
{
    if (const auto changes = std::exchange(m_changes, {}))
        Q_EMIT changed(changes);
}

void RunModel::selectLayer(engine::LayerId layer)
{
    if (!m_description || index(layer) >= m_description->layers.size() || layer == m_layer)
        return;
    m_layer = layer;
    m_chosenLayer = layer;
    m_chosenAmong = m_description->layers;
    m_changes |= LayerChanged;
    flush();
}

void RunModel::selectFirstLayer()
{
    const auto &layers = m_description->layers;
    const auto same = [](const auto &a, const auto &b) { return a.name == b.name && a.shape == b.shape; };
    if (m_chosenLayer && std::ranges::equal(layers, m_chosenAmong, same)) {
        m_layer = *m_chosenLayer;
        return;
    }
    if (layers.empty())
        return;
    const auto most = std::ranges::max_element(layers, {}, &engine::LayerInfo::weightCount);
    m_layer = engine::LayerId{static_cast<std::uint16_t>(most - layers.begin())};
}

void RunModel::on(const engine::Prepared &event)
{
    m_description = event.description;
    m_history = event.history ? std::make_shared<engine::History>(*event.history) : std::make_shared<engine::History>();
    m_log = event.log ? *event.log : engine::RunLog{};
    m_step = m_savedStep = event.step;
    selectFirstLayer();
    m_changes |= Everything;
    if (m_state == RunState::Preparing)
        m_state = RunState::Running;
}

void RunModel::on(const engine::Sampled &event)
{
    m_history->add(event.sample);
    reached(event.sample.step);
    m_changes |= HistoryChanged;
}

void RunModel::on(const engine::CommandReplied &event)
{
    if (const auto *pauseAt = std::get_if<engine::PauseAt>(&event.command);
        pauseAt && std::holds_alternative<engine::Applied>(event.reply)) {
        m_pauseAt = pauseAt->step;
        m_changes |= StateChanged;
    }
}

/// What was ahead is done, or was refused, once it is logged or a later step is.
void RunModel::on(const engine::Logged &event)
{
    const engine::LogEntry &entry = event.entry;
    auto &ahead = m_log.ahead;
    auto due = std::ranges::find_if(ahead, [&](const engine::LogEntry &each) { return each.step >= entry.step; });
    if (entry.by == engine::Author::File && due != ahead.end() && due->what == entry.what)
        ++due;
    ahead.erase(ahead.begin(), due);
    m_log.entries.push_back(entry);
}

void RunModel::on(const engine::StageEntered &event)
{
    m_stage = event.stage;
    reached(event.step);
    m_changes |= StateChanged;
}

void RunModel::on(const engine::StagesChanged &event)
{
    m_description = event.description;
    m_changes |= StateChanged;
}

void RunModel::on(const engine::EpochEnded &event)
{
    reached(event.step);
}

void RunModel::on(const engine::Paused &event)
{
    reached(event.step);
    if (m_pauseAt && *m_pauseAt <= event.step)
        m_pauseAt.reset();
    if (m_state != RunState::Stopping) // the snapshot of a finished run opens paused, with nothing left to do
        enter(m_stage == engine::Stage::Finished ? RunState::Finished : RunState::Paused);
}

void RunModel::on(const engine::Resumed &event)
{
    reached(event.step);
    m_summary.reset(); // a finished run that was lengthened
    if (m_state != RunState::Stopping)
        enter(RunState::Running);
}

void RunModel::on(const engine::SnapshotSaved &event)
{
    if (event.use == engine::SnapshotUse::Copy)
        return; // for somebody else
    m_savedStep = event.step;
    m_file = event.file;
    m_changes |= SavedChanged;
}

void RunModel::on(const engine::PackedMeasured &event)
{
    m_packed = event.account;
    m_packedStep = event.step;
    m_whyNotPacked.clear();
    m_changes |= PackedChanged;
}

void RunModel::on(const engine::PackedFailed &event)
{
    m_whyNotPacked = event.why.text;
    m_changes |= PackedChanged;
}

void RunModel::on(const engine::Finished &event)
{
    m_summary = event.summary;
    m_stage = engine::Stage::Finished;
    reached(event.summary.step);
    if (m_state != RunState::Stopping)
        enter(RunState::Finished);
}

void RunModel::on(const engine::Stopped &event)
{
    reached(event.step);
    enter(RunState::Ended);
}

void RunModel::on(const engine::Failed &)
{
    enter(RunState::Ended);
}

void RunModel::enter(RunState state)
{
    m_state = state;
    m_changes |= StateChanged;
}

void RunModel::reached(engine::Step step)
{
    if (step > m_step) {
        m_step = step;
        m_changes |= SavedChanged;
    }
}

} // namespace widgets
