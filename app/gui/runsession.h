// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/backgroundwork.h"
#include "app/gui/runhome.h"
#include "engine/run/run.h"
#include <QObject>
#include <QString>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace widgets {
class EngineLink;
class JournalModel;
class ParameterModel;
class RunModel;
}

namespace app {

/// The run of the window: starts it, feeds the models with what it tells, has it saved, replaces it without waiting.
class RunSession : public QObject {
    Q_OBJECT

public:
    struct Models {
        widgets::RunModel &run;
        widgets::ParameterModel &parameters;
        widgets::JournalModel &journal;
    };
    /// Models are borrowed. `runs`: the folder below which runs have theirs.
    RunSession(Models models, QString runs, QObject *parent = nullptr);
    ~RunSession() override;

    void start(bool paused); ///< a new run with the settings of the parameter model, and the script
    /// What the next runs do at which step, as a recipe says; it stays until the next one is set.
    void setScript(std::vector<engine::LogEntry> script) { m_script = std::move(script); }
    const std::vector<engine::LogEntry> &script() const noexcept { return m_script; }
    /// Goes on from a snapshot. The run there is stays until the file has proved good; `opened` or `failed` follows.
    void open(const QString &file, bool paused);
    void post(engine::Command command);    ///< ignored without a run
    void save();                           ///< where the run saves itself. Requires: hasHome()
    void saveAs(const QString &file);      ///< a snapshot; once it is written, the run saves itself there
    void copy(const QString &file);        ///< a snapshot for somebody else: `copySaved` or `copyFailed` follows, the run's file stays
    void measurePacked();                  ///< the models hear of it; never in a hurry, for no user waits. Ignored without a run
    void stop();                           ///< the run ends once its steps are saved; its pictures stay
    void abandon();                        ///< the run ends and is forgotten: a draft remains

    const QString &runs() const noexcept { return m_runs; }
    bool hasHome() const;                  ///< the run saves itself somewhere
    QString file() const;                  ///< where, or where it was saved last; empty: nowhere
    bool isSavingEnd() const noexcept { return m_lastSave != engine::CommandId{}; } ///< of a run that has just finished
    bool isEnding() const noexcept { return !m_background.isIdle(); }
    const widgets::EngineLink *link() const noexcept { return m_current.link.get(); }

Q_SIGNALS:
    void warned(const QString &sentence); ///< worth a message, the run goes on
    void failed(const QString &sentence);
    void told(const QString &note);       ///< for the status bar
    void opened(const QString &file);     ///< the run of the window is now the one in this file
    void kept(const QString &file);       ///< the run saved itself, or was saved, there
    void snapshotSaved(const QString &file); ///< as somebody asked
    void snapshotFailed();
    void copySaved(const QString &file);
    void copyFailed(const QString &file); ///< why is told by `failed` or `warned`, unless the run was replaced
    void allEnded();                      ///< what went on in the background is done

private:
    /// A run, the link to it, and where it saves itself; the link goes first, the folder last.
    struct Linked {
        RunHome home;
        std::unique_ptr<engine::Run> run;
        std::unique_ptr<widgets::EngineLink> link;
    };
    static Linked linked(RunHome home, engine::StartPoint from);
    static void begin(Linked &linked, bool paused);
    void adopt(Linked next);
    void attachParameters();
    void bury(Linked &dead);
    engine::CommandId postAtOnce(engine::Command command);
    void onCandidateEvent(const engine::Event &event, const QString &file);
    void onEvent(const engine::Event &event);
    bool isOfCopy(const engine::Event &event) const;
    void onLogged(const engine::Logged &event);
    void onPrepared(const engine::Prepared &event);
    void onReply(const engine::CommandReplied &event);
    void onPaused(const engine::Paused &event);
    void onFinished();
    void onSaved(const engine::SnapshotSaved &event);
    void onUnsaved(engine::CommandId command, const QString &sentence);
    void takeStock();

    Models m_models;
    const QString m_runs;
    BackgroundWork m_background;
    Linked m_current;
    Linked m_candidate; // a snapshot being opened
    std::vector<engine::LogEntry> m_script;
    std::map<engine::CommandId, QString> m_copies; // asked for and not yet written
    std::set<engine::CommandId> m_saves;           // likewise
    engine::CommandId m_lastSave{};                // after which the run has finished
    bool m_hasTrained = false;                     // to its end, and that is not saved
    bool m_adoptSettings = false;                  // of a snapshot, when it is known
};

} // namespace app
