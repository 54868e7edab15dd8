// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/runsession.h"
#include "widgets/link/enginelink.h"
#include "widgets/models/journalmodel.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"

namespace app {

RunSession::RunSession(Models models, QObject *parent) : QObject{parent}, m_models{models}
{
    connect(&m_undertaker, &Undertaker::allEnded, this, &RunSession::allEnded);
    connect(&m_models.parameters, &widgets::ParameterModel::posted, this, [this] {
        if (m_current.link)
            m_current.link->expedite();
    });
}

RunSession::~RunSession() = default;

void RunSession::start(bool paused)
{
    const auto settings = m_models.parameters.next();
    if (const auto together = settings.checkTogether(); !together) {
        Q_EMIT failed(QString::fromStdString(together.error().text));
        return;
    }
    dropCandidate();
    m_adoptSettings = m_adoptLayers = false;
    m_file.clear();
    adopt(linked(std::make_unique<engine::Run>(settings)));
    m_current.run->start(paused);
}

void RunSession::open(const QString &file, bool paused)
{
    dropCandidate();
    m_candidate = linked(engine::Run::resumed(file.toStdString()));
    connect(m_candidate.link.get(), &widgets::EngineLink::eventArrived, this,
            [this, file](const engine::Event &event) { onCandidateEvent(event, file); });
    if (!m_current.run)
        m_models.run.reset(widgets::RunState::Preparing);
    m_candidate.run->start(paused);
}

void RunSession::onCandidateEvent(const engine::Event &event, const QString &file)
{
    if (std::holds_alternative<engine::Prepared>(event)) {
        m_candidate.link->disconnect(this);
        m_file = file;
        m_adoptSettings = m_adoptLayers = true;
        adopt(std::move(m_candidate));
        Q_EMIT opened(file);
        onEvent(event);
    } else if (const auto *bad = std::get_if<engine::Failed>(&event)) {
        if (!m_current.run) {
            m_models.run.apply(event);
            m_models.run.flush();
        }
        const auto text = QString::fromStdString(bad->why.text);
        dropCandidate();
        Q_EMIT failed(text);
    }
}

RunSession::Linked RunSession::linked(std::unique_ptr<engine::Run> run)
{
    auto link = std::make_unique<widgets::EngineLink>(widgets::RunDoor{run->events(), run->frames(), run->wake()});
    return {std::move(run), std::move(link)};
}

void RunSession::adopt(Linked next)
{
    bury();
    m_models.journal.clear();
    m_models.run.reset(widgets::RunState::Preparing);
    m_current = std::move(next);
    const auto *link = m_current.link.get();
    connect(link, &widgets::EngineLink::eventArrived, this, &RunSession::onEvent);
    connect(link, &widgets::EngineLink::frameArrived, this, [this](const auto &frame) {
        if (std::exchange(m_adoptLayers, false))
            m_models.parameters.adoptLayers(*frame);
        m_models.run.setFrame(frame);
    });
    connect(link, &widgets::EngineLink::pulled, &m_models.run, &widgets::RunModel::flush);
    m_models.parameters.attach([this](engine::Command command) { return m_current.run->post(std::move(command)); });
}

void RunSession::bury()
{
    m_current.link.reset();
    if (m_models.parameters.hasRun())
        m_models.parameters.detach();
    if (m_current.run)
        m_undertaker.bury(std::move(m_current.run));
    for (const auto &file : std::exchange(m_copies, {}))
        Q_EMIT copyFailed(file); // nobody hears of them any more
}

void RunSession::dropCandidate()
{
    m_candidate.link.reset();
    if (m_candidate.run)
        m_undertaker.bury(std::move(m_candidate.run));
}

void RunSession::post(engine::Command command)
{
    if (!m_current.run)
        return;
    m_current.run->post(std::move(command));
    m_current.link->expedite();
}

void RunSession::save(const QString &file)
{
    post(engine::TakeSnapshot{file.toStdString()});
}

void RunSession::copy(const QString &file)
{
    if (!m_current.run)
        return Q_EMIT copyFailed(file);
    m_copies.append(file);
    post(engine::TakeSnapshot{file.toStdString()});
}

void RunSession::measurePacked()
{
    if (m_current.run)
        m_current.run->post(engine::MeasurePacked{});
}

bool RunSession::endsCopy(const engine::Event &event)
{
    const auto forget = [this](const std::filesystem::path &file) { return m_copies.removeOne(QString::fromStdString(file.string())); };
    if (const auto *saved = std::get_if<engine::SnapshotSaved>(&event); saved && forget(saved->file)) {
        Q_EMIT copySaved(QString::fromStdString(saved->file.string()));
        return true;
    }
    if (const auto *unsaved = std::get_if<engine::SnapshotFailed>(&event); unsaved && forget(unsaved->file)) {
        Q_EMIT failed(QString::fromStdString(unsaved->why.text));
        Q_EMIT copyFailed(QString::fromStdString(unsaved->file.string()));
        return true;
    }
    return false;
}

void RunSession::stop()
{
    if (!m_current.run)
        return;
    m_current.run->stop();
    m_models.run.setStopping();
    m_current.link->expedite();
}

void RunSession::abandon()
{
    dropCandidate();
    bury();
    m_file.clear();
    m_models.journal.clear();
    m_models.run.reset(widgets::RunState::Idle);
}

void RunSession::onEvent(const engine::Event &event)
{
    if (endsCopy(event))
        return;
    m_models.run.apply(event);
    m_models.journal.apply(event);
    if (const auto *prepared = std::get_if<engine::Prepared>(&event))
        onPrepared(*prepared);
    else if (const auto *reply = std::get_if<engine::CommandReplied>(&event))
        onReply(*reply);
    else if (const auto *paused = std::get_if<engine::Paused>(&event); paused && !paused->reason.empty())
        Q_EMIT warned(QString::fromStdString(paused->reason));
    else if (const auto *saved = std::get_if<engine::SnapshotSaved>(&event)) {
        m_file = QString::fromStdString(saved->file.string());
        Q_EMIT snapshotSaved(m_file);
    } else if (const auto *unsaved = std::get_if<engine::SnapshotFailed>(&event)) {
        Q_EMIT failed(QString::fromStdString(unsaved->why.text));
        Q_EMIT snapshotFailed();
    } else if (const auto *end = std::get_if<engine::Failed>(&event))
        Q_EMIT failed(QString::fromStdString(end->why.text));
    const auto state = m_models.run.state();
    if ((state == widgets::RunState::Finished || state == widgets::RunState::Ended) && m_models.parameters.hasRun())
        m_models.parameters.detach(); // what is set from now on is for the next run
}

void RunSession::onPrepared(const engine::Prepared &event)
{
    if (std::exchange(m_adoptSettings, false))
        m_models.parameters.reset(event.description->settings);
    if (event.description->slowBlas)
        Q_EMIT warned(tr("Training runs on a slow BLAS library (%1) and takes many times longer than it needs to. "
                         "Install the package libopenblas0-pthread and start Condensate again.")
                          .arg(event.description->blasName.empty() ? tr("reference BLAS")
                                                                   : QString::fromStdString(event.description->blasName)));
}

void RunSession::onReply(const engine::CommandReplied &event)
{
    if (std::holds_alternative<engine::MeasurePacked>(event.command))
        return; // refused by a run that has ended meanwhile, perhaps: nobody has to know
    m_models.parameters.replied(event);
    if (const auto *rejected = std::get_if<engine::Rejected>(&event.reply)) {
        Q_EMIT warned(QString::fromStdString(rejected->why.text));
        if (const auto *take = std::get_if<engine::TakeSnapshot>(&event.command)) {
            const auto file = QString::fromStdString(take->file.string());
            m_copies.removeOne(file) ? Q_EMIT copyFailed(file) : Q_EMIT snapshotFailed();
        }
    } else if (const auto *restart = std::get_if<engine::NeedsRestart>(&event.reply)) {
        Q_EMIT warned(QString::fromStdString(restart->because));
    }
}

} // namespace app
