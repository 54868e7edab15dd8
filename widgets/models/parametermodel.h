// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include <QObject>
#include <QTimer>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace widgets {

/// What can be set: a parameter of the run, or the λ of one layer.
struct SettingKey {
    engine::ParameterId id{};
    std::string layer{}; ///< its name, only with ParameterId::Lambda; empty: the parameter of the run
    auto operator<=>(const SettingKey &) const = default;
};
/// Nothing: the layer follows the global λ. Parameters always have a value.
using SettingValue = std::optional<engine::ParameterValue>;

enum class SettingState {
    Confirmed, ///< in force
    Pending,   ///< asked for, not yet answered
    Rejected   ///< refused; the old value is in force, see reason()
};

/// All values a user can set, confirmed and asked for. Without a run they are a draft and every valid value is taken
/// at once. With a run, live ones become commands: at most one for each key and tick, and the next one only when the
/// last is answered, so that a fast hand cannot flood a slow run.
class ParameterModel : public QObject {
    Q_OBJECT

public:
    using Post = std::function<engine::CommandId(engine::Command)>;
    enum class Origin { User, History }; ///< History: undo and redo, which make no new undo step

    explicit ParameterModel(QObject *parent = nullptr);

    const engine::Settings &settings() const noexcept { return m_settings; } ///< confirmed
    /// What a new run would begin with: the confirmed values, or in their place those that are planned.
    engine::Settings next() const;
    std::optional<engine::ParameterValue> planned(engine::ParameterId id) const; ///< nothing: the next run begins with the confirmed value
    SettingValue confirmed(const SettingKey &key) const;
    SettingValue shown(const SettingKey &key) const; ///< what was asked for last, else confirmed
    SettingState state(const SettingKey &key) const;
    QString reason(const SettingKey &key) const; ///< of a rejection, as a sentence
    /// Why a run cannot begin with this value and the others as they are, as a sentence; empty where it can.
    QString conflict(engine::ParameterId id) const;
    bool hasRun() const noexcept { return static_cast<bool>(m_post); }
    bool isEditable(engine::ParameterId id) const;

    void reset(const engine::Settings &settings); ///< all confirmed
    /// A run has begun: from now on changes are posted to it.
    void attach(Post post);
    /// The run is over: what is unanswered is forgotten, the values become a draft.
    void detach();

    /// Asks for a value. Moves with the same drag number (see newDrag) are one undo step.
    void propose(const SettingKey &key, const SettingValue &value, quint64 drag, Origin origin = Origin::User);
    /// Sets a value for the next run: at once without a run, else once the run is over; the run there is goes
    /// on as it is.
    /// Requires: a value that is valid for this parameter.
    void plan(engine::ParameterId id, const engine::ParameterValue &value, Origin origin = Origin::User);
    quint64 newDrag() noexcept { return ++m_lastDrag; }
    void replied(const engine::CommandReplied &event);
    /// What a recipe set in the run is in force; the next run begins with what was there before.
    void follow(const engine::LogEntry &entry);

Q_SIGNALS:
    void changed(const widgets::SettingKey &key);
    void everythingChanged(); ///< all values, or which of them can be edited
    void applied(const widgets::SettingKey &key, const widgets::SettingValue &before, const widgets::SettingValue &after,
                 quint64 drag); ///< in force now; not for undo and redo
    void replanned(engine::ParameterId id, const engine::ParameterValue &before,
                   const engine::ParameterValue &after); ///< in a run; not for undo and redo
    void posted();             ///< a command went out, an answer will come

private:
    struct Proposal {
        SettingValue value;
        quint64 drag = 0;
        Origin origin = Origin::User;
    };
    struct Entry {
        std::optional<Proposal> waiting;  // newest, not yet posted
        std::optional<Proposal> inFlight; // posted under the number below
        engine::CommandId command{};
        QString rejected;
    };
    void postWaiting();
    void findConflicts();
    void confirm(const SettingKey &key, const Proposal &proposal);
    void reject(const SettingKey &key, const engine::Error &why);

    engine::Settings m_settings;
    std::map<engine::ParameterId, QString> m_conflicts; // of a draft
    std::map<engine::ParameterId, engine::ParameterValue> m_planned; // for the next run
    std::map<SettingKey, Entry> m_entries;
    Post m_post;
    QTimer m_tick;
    quint64 m_lastDrag = 0;
};

} // namespace widgets
