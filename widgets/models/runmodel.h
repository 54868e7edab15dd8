// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include <QObject>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace widgets {

/// Where the run of the window stands, as the window knows it.
enum class RunState {
    Idle,      ///< none; settings are a draft
    Preparing, ///< started, not yet training
    Running,
    Paused,
    Finished,  ///< all steps done; snapshots can still be taken
    Stopping,  ///< asked to end
    Ended      ///< stopped or failed; its pictures stay
};

/// What the window knows of its run: grows by events and frames, tells once a batch what changed. GUI thread only.
class RunModel : public QObject {
    Q_OBJECT

public:
    enum Change {
        DescriptionChanged = 1, ///< another run: everything older is forgotten
        FrameChanged = 2,
        HistoryChanged = 4,
        StateChanged = 8,       ///< state or stage
        LayerChanged = 16,      ///< the selected layer
        SavedChanged = 32,      ///< file or step of the newest snapshot
        PackedChanged = 64,     ///< the packed size was measured anew, or could not be
        Everything = 127
    };
    Q_DECLARE_FLAGS(Changes, Change)

    explicit RunModel(QObject *parent = nullptr) : QObject{parent} {}

    /// Forgets the run; a new one is about to begin (Preparing), or none (Idle).
    void reset(RunState state);
    void apply(const engine::Event &event);
    void setFrame(const std::shared_ptr<const engine::Frame> &frame);
    void setStopping();
    /// Tells what changed since the last call, if anything did. Call after each batch.
    void flush();

    RunState state() const noexcept { return m_state; }
    /// Steps are done or may still be done.
    bool isLive() const noexcept { return m_state != RunState::Idle && m_state != RunState::Finished && m_state != RunState::Ended; }
    bool canSave() const noexcept;
    /// Its weights lie on their representatives, since a commit stage: there is no latent network any more.
    bool isCommitted() const;
    engine::Stage stage() const noexcept { return m_stage; }
    const std::shared_ptr<const engine::RunDescription> &description() const noexcept { return m_description; }
    const std::shared_ptr<const engine::Frame> &frame() const noexcept { return m_frame; }
    std::shared_ptr<const engine::History> history() const noexcept { return m_history; }
    /// What was done in the run, with what it began with.
    const engine::RunLog &log() const noexcept { return m_log; }
    /// Where it was saved last, as its own; empty: nowhere yet.
    const std::filesystem::path &file() const noexcept { return m_file; }
    const std::optional<engine::Summary> &summary() const noexcept { return m_summary; }
    /// The newest packed size and when it was measured; null: none was yet.
    const std::shared_ptr<const engine::PackedAccount> &packed() const noexcept { return m_packed; }
    engine::Step packedStep() const noexcept { return m_packedStep; }
    const std::string &whyNotPacked() const noexcept { return m_whyNotPacked; } ///< why the last attempt failed; empty: it did not
    std::optional<engine::Step> pauseAt() const noexcept { return m_pauseAt; }
    engine::Step step() const noexcept { return m_step; } ///< newest that is known
    bool hasUnsavedSteps() const noexcept { return m_step > m_savedStep; }
    /// That of its newest file, or of the one it goes on from; nothing: none was written yet.
    std::optional<engine::Step> savedStep() const noexcept;

    engine::LayerId selectedLayer() const noexcept { return m_layer; }
    /// Which layer the plots show; one that does not exist is ignored. Tells at once. Until one is chosen it
    /// is the layer with most weights, the first of them; what is chosen stays for later runs of the same
    /// layers.
    void selectLayer(engine::LayerId layer);

Q_SIGNALS:
    void changed(widgets::RunModel::Changes what);

private:
    void on(const engine::Prepared &event);
    void on(const engine::Sampled &event);
    void on(const engine::CommandReplied &event);
    void on(const engine::Logged &event);
    void on(const engine::StageEntered &event);
    void on(const engine::StagesChanged &event);
    void on(const engine::EpochEnded &event);
    void on(const engine::Paused &event);
    void on(const engine::Resumed &event);
    void on(const engine::SnapshotSaved &event);
    void on(const engine::SnapshotFailed &) {}
    void on(const engine::PackedMeasured &event);
    void on(const engine::PackedFailed &event);
    void on(const engine::Note &) {}
    void on(const engine::Finished &event);
    void on(const engine::Stopped &event);
    void on(const engine::Failed &event);
    void selectFirstLayer();
    void enter(RunState state);
    void reached(engine::Step step);

    RunState m_state = RunState::Idle;
    engine::Stage m_stage = engine::Stage::Preparing;
    std::shared_ptr<const engine::RunDescription> m_description;
    std::shared_ptr<const engine::Frame> m_frame;
    std::shared_ptr<engine::History> m_history = std::make_shared<engine::History>();
    engine::RunLog m_log;
    std::filesystem::path m_file;
    std::optional<engine::Summary> m_summary;
    std::shared_ptr<const engine::PackedAccount> m_packed;
    engine::Step m_packedStep{};
    std::string m_whyNotPacked;
    std::optional<engine::Step> m_pauseAt;
    engine::Step m_step{}, m_savedStep{};
    engine::LayerId m_layer{};
    std::optional<engine::LayerId> m_chosenLayer;   // by somebody, of
    std::vector<engine::LayerInfo> m_chosenAmong;   // these
    Changes m_changes;
};
Q_DECLARE_OPERATORS_FOR_FLAGS(RunModel::Changes)

} // namespace widgets
