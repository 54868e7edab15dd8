// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/runsession.h"
#include "engine/runs/legresult.h"
#include "widgets/link/enginelink.h"
#include "widgets/models/journalmodel.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"
#include <utility>

namespace app {

RunSession::RunSession(Models models, QString runs, QObject *parent) : QObject{parent}, m_models{models}, m_runs{std::move(runs)}
{
    connect(&m_background, &BackgroundWork::allEnded, this, &RunSession::allEnded);
    connect(&m_models.parameters, &widgets::ParameterModel::posted, this, [this] {
        if (m_current.link)
            m_current.link->expedite();
    });
}

RunSession::~RunSession() = default;

// ---- Runs come and go ----

RunSession::Linked RunSession::linked(RunHome home, engine::StartPoint from)
{
    auto run = std::make_unique<engine::Run>(std::move(from));
    auto link = std::make_unique<widgets::EngineLink>(widgets::RunDoor{run->events(), run->frames(), run->wake()});
    return {std::move(home), std::move(run), std::move(link)};
}

void RunSession::begin(Linked &linked, bool paused)
{
    linked.run->start({.paused = paused, .keeps = linked.home.keeps(), .shelf = {}, .ready = linked.home.ready()});
}

void RunSession::start(bool paused)
{
    const auto settings = m_models.parameters.next();
    if (const auto together = settings.checkTogether(); !together) {
        Q_EMIT failed(QString::fromStdString(together.error().text));
        return;
    }
    bury(m_candidate);
    m_adoptSettings = false;
    adopt(linked(homeForNew(m_runs, settings), engine::FromSettings{settings, m_script}));
    begin(m_current, paused);
}

void RunSession::open(const QString &file, bool paused)
{
    bury(m_candidate);
    m_candidate = linked(homeForSnapshot(m_runs, file, m_current.home.folder), engine::FromSnapshot{file.toStdString(), {}});
    connect(m_candidate.link.get(), &widgets::EngineLink::eventArrived, this,
            [this, file](const engine::Event &event) { onCandidateEvent(event, file); });
    if (!m_current.run)
        m_models.run.reset(widgets::RunState::Preparing);
    begin(m_candidate, paused);
}

void RunSession::onCandidateEvent(const engine::Event &event, const QString &file)
{
    if (std::holds_alternative<engine::Prepared>(event)) {
        m_candidate.link->disconnect(this);
        m_adoptSettings = true;
        adopt(std::exchange(m_candidate, {}));
        Q_EMIT opened(file);
        onEvent(event);
    } else if (const auto *bad = std::get_if<engine::Failed>(&event)) {
        if (!m_current.run) {
            m_models.run.apply(event);
            m_models.run.flush();
        }
        const auto text = QString::fromStdString(bad->why.text);
        bury(m_candidate);
        Q_EMIT failed(text);
    }
}

void RunSession::adopt(Linked next)
{
    bury(m_current);
    m_models.journal.clear();
    m_models.run.reset(widgets::RunState::Preparing);
    m_current = std::move(next);
    if (!m_current.home.warning.isEmpty())
        Q_EMIT warned(m_current.home.warning);
    const auto *link = m_current.link.get();
    connect(link, &widgets::EngineLink::eventArrived, this, &RunSession::onEvent);
    connect(link, &widgets::EngineLink::frameArrived, &m_models.run, &widgets::RunModel::setFrame);
    connect(link, &widgets::EngineLink::pulled, &m_models.run, &widgets::RunModel::flush);
    attachParameters();
}

void RunSession::attachParameters()
{
    m_models.parameters.attach([this](engine::Command command) { return m_current.run->post(std::move(command)); });
}

/// Nobody watches it any more; what it had to write it still writes.
void RunSession::bury(Linked &dead)
{
    dead.link.reset();
    if (!dead.run)
        return;
    if (&dead == &m_current) {
        if (m_models.parameters.hasRun())
            m_models.parameters.detach();
        m_saves.clear();
        m_lastSave = {};
        m_hasTrained = false;
        for (const auto &[id, file] : std::exchange(m_copies, {}))
            Q_EMIT copyFailed(file); // nobody hears of them any more
    }
    dead.run->stop();
    m_background.start([home = std::exchange(dead.home, {}), run = std::move(dead.run)]() mutable {
        run.reset(); // waits
        home.leave();
    });
}

void RunSession::stop()
{
    if (!m_current.run)
        return;
    if (m_models.run.canSave() && hasHome())
        postAtOnce(engine::TakeSnapshot{});
    m_current.run->stop();
    m_models.run.setStopping();
}

void RunSession::abandon()
{
    bury(m_candidate);
    bury(m_current);
    m_models.journal.clear();
    m_models.run.reset(widgets::RunState::Idle);
}

// ---- What it is asked ----

engine::CommandId RunSession::postAtOnce(engine::Command command)
{
    const auto id = m_current.run->post(std::move(command));
    m_current.link->expedite();
    return id;
}

void RunSession::post(engine::Command command)
{
    if (m_current.run)
        postAtOnce(std::move(command));
}

bool RunSession::hasHome() const { return m_current.run && !file().isEmpty(); }

QString RunSession::file() const
{
    const auto &saved = m_models.run.file();
    return QString::fromStdString((saved.empty() ? m_current.home.keeps().newest : saved).string());
}

void RunSession::save()
{
    if (m_current.run)
        m_saves.insert(postAtOnce(engine::TakeSnapshot{}));
}

void RunSession::saveAs(const QString &file)
{
    if (m_current.run)
        m_saves.insert(postAtOnce(engine::TakeSnapshot{file.toStdString(), engine::SnapshotUse::Keep}));
}

void RunSession::copy(const QString &file)
{
    if (!m_current.run)
        return Q_EMIT copyFailed(file);
    m_copies.emplace(postAtOnce(engine::TakeSnapshot{file.toStdString(), engine::SnapshotUse::Copy}), file);
}

void RunSession::measurePacked()
{
    if (m_current.run)
        m_current.run->post(engine::MeasurePacked{});
}

// ---- What it tells ----

/// Somebody else's snapshot is nothing that happened in the run.
bool RunSession::isOfCopy(const engine::Event &event) const
{
    const auto *saved = std::get_if<engine::SnapshotSaved>(&event);
    const auto *unsaved = std::get_if<engine::SnapshotFailed>(&event);
    return (saved && m_copies.contains(saved->command)) || (unsaved && m_copies.contains(unsaved->command));
}

void RunSession::onEvent(const engine::Event &event)
{
    m_models.run.apply(event);
    if (!isOfCopy(event))
        m_models.journal.apply(event);
    if (const auto *prepared = std::get_if<engine::Prepared>(&event))
        onPrepared(*prepared);
    else if (const auto *reply = std::get_if<engine::CommandReplied>(&event))
        onReply(*reply);
    else if (const auto *paused = std::get_if<engine::Paused>(&event))
        onPaused(*paused);
    else if (const auto *logged = std::get_if<engine::Logged>(&event))
        onLogged(*logged);
    else if (std::holds_alternative<engine::Finished>(event))
        onFinished();
    else if (const auto *saved = std::get_if<engine::SnapshotSaved>(&event))
        onSaved(*saved);
    else if (const auto *unsaved = std::get_if<engine::SnapshotFailed>(&event))
        onUnsaved(unsaved->command, QString::fromStdString(unsaved->why.text));
    else if (const auto *end = std::get_if<engine::Failed>(&event))
        Q_EMIT failed(QString::fromStdString(end->why.text));
    const auto state = m_models.run.state();
    const bool isOver = state == widgets::RunState::Finished || state == widgets::RunState::Ended;
    if (isOver && m_models.parameters.hasRun()) {
        m_models.parameters.detach(); // what is set from now on is for the next run
    } else if (!isOver && !m_models.parameters.hasRun() && m_models.run.description()) { // it was lengthened
        m_models.parameters.reset(m_models.run.description()->settings);
        attachParameters();
    }
}

void RunSession::onLogged(const engine::Logged &event)
{
    m_hasTrained = m_hasTrained || std::holds_alternative<engine::Ended>(event.entry.what);
    m_models.parameters.follow(event.entry);
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
        const auto why = QString::fromStdString(rejected->why.text);
        std::holds_alternative<engine::TakeSnapshot>(event.command) ? onUnsaved(event.id, why) : Q_EMIT warned(why);
    } else if (const auto *restart = std::get_if<engine::NeedsRestart>(&event.reply)) {
        Q_EMIT warned(QString::fromStdString(restart->because));
    }
}

/// One that paused by itself may stand so all night.
void RunSession::onPaused(const engine::Paused &event)
{
    if (event.reason.empty())
        return;
    Q_EMIT warned(QString::fromStdString(event.reason));
    if (hasHome())
        postAtOnce(engine::TakeSnapshot{});
}

/// The snapshot of a finished run that is looked at stays as it is.
void RunSession::onFinished()
{
    if (std::exchange(m_hasTrained, false) && hasHome())
        m_lastSave = postAtOnce(engine::TakeSnapshot{});
}

void RunSession::onSaved(const engine::SnapshotSaved &event)
{
    const auto file = QString::fromStdString(event.file.string());
    if (m_copies.erase(event.command) > 0)
        Q_EMIT copySaved(file);
    if (event.use == engine::SnapshotUse::Keep)
        Q_EMIT kept(file);
    if (m_saves.erase(event.command) > 0)
        Q_EMIT snapshotSaved(file);
    if (isSavingEnd() && event.command == m_lastSave)
        takeStock();
}

void RunSession::onUnsaved(engine::CommandId command, const QString &sentence)
{
    Q_EMIT failed(sentence);
    if (command == m_lastSave)
        m_lastSave = {};
    if (const auto copy = m_copies.extract(command))
        Q_EMIT copyFailed(copy.mapped());
    if (m_saves.erase(command) > 0)
        Q_EMIT snapshotFailed();
}

/// What a finished run leaves beside its snapshot: packed network, recipe, report.
void RunSession::takeStock()
{
    m_lastSave = {};
    if (!m_current.home.folder)
        return;
    m_background.start([this, folder = m_current.home.folder] {
        auto remarks = engine::takeStock(*folder);
        QMetaObject::invokeMethod(this, [this, remarks = std::move(remarks), path = QString::fromStdString(folder->path().string())] {
            if (!remarks)
                return Q_EMIT failed(QString::fromStdString(remarks.error().text));
            for (const auto &remark : *remarks)
                Q_EMIT warned(QString::fromStdString(remark.text));
            Q_EMIT told(tr("The run is saved, packed and reported in %1").arg(path));
        });
    });
}

} // namespace app
