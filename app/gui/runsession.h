// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/undertaker.h"
#include "engine/run/run.h"
#include <QObject>
#include <QString>
#include <QStringList>
#include <memory>

namespace widgets {
class EngineLink;
class JournalModel;
class ParameterModel;
class RunModel;
}

namespace app {

/// The run of the window: starts it, feeds the models with what it tells, replaces it without waiting.
class RunSession : public QObject {
    Q_OBJECT

public:
    struct Models {
        widgets::RunModel &run;
        widgets::ParameterModel &parameters;
        widgets::JournalModel &journal;
    };
    explicit RunSession(Models models, QObject *parent = nullptr); ///< models are borrowed
    ~RunSession() override;

    void start(bool paused);          ///< a new run with the settings of the parameter model
    /// Goes on from a snapshot. The run there is stays until the file has proved good; `opened` or `failed` follows.
    void open(const QString &file, bool paused);
    void post(engine::Command command); ///< ignored without a run
    void save(const QString &file);   ///< a snapshot; once it is written, this is the run's file
    void copy(const QString &file);   ///< a snapshot for somebody else: `copySaved` or `copyFailed` follows, the run's file stays
    void measurePacked();             ///< the models hear of it; never in a hurry, for no user waits. Ignored without a run
    void stop();                      ///< the run ends, its pictures stay
    void abandon();                   ///< the run ends and is forgotten: a draft remains

    const QString &file() const noexcept { return m_file; } ///< empty: not saved yet
    bool isEnding() const noexcept { return !m_undertaker.isIdle(); }
    const widgets::EngineLink *link() const noexcept { return m_current.link.get(); }

Q_SIGNALS:
    void warned(const QString &sentence); ///< worth a message, the run goes on
    void failed(const QString &sentence);
    void opened(const QString &file); ///< the run of the window is now the one in this file
    void snapshotSaved(const QString &file);
    void snapshotFailed();
    void copySaved(const QString &file);
    void copyFailed(const QString &file); ///< why is told by `failed` or `warned`, unless the run was replaced
    void allEnded(); ///< runs that were replaced or abandoned are gone

private:
    /// A run and the link to it; the link goes first.
    struct Linked {
        std::unique_ptr<engine::Run> run;
        std::unique_ptr<widgets::EngineLink> link;
    };
    static Linked linked(std::unique_ptr<engine::Run> run);
    void adopt(Linked next);
    void bury();
    void dropCandidate();
    void onCandidateEvent(const engine::Event &event, const QString &file);
    void onEvent(const engine::Event &event);
    bool endsCopy(const engine::Event &event); ///< it tells what became of a copy, and nobody else has to know
    void onPrepared(const engine::Prepared &event);
    void onReply(const engine::CommandReplied &event);

    Models m_models;
    Undertaker m_undertaker;
    Linked m_current;
    Linked m_candidate; // a snapshot being opened
    QString m_file;
    QStringList m_copies; // asked for and not yet written
    bool m_adoptSettings = false; // of a snapshot, when it is known
    bool m_adoptLayers = false;
};

} // namespace app
