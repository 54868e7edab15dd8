// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/parametermodel.h"
#include "widgets/models/texts.h"
#include <cmath>

namespace widgets {
namespace {

constexpr int kTickMilliseconds = 33; // as the screen: a command that nobody could see apart from the next is none

engine::Command commandFor(const SettingKey &key, const SettingValue &value)
{
    if (key.layer.empty())
        return engine::SetParameter{key.id, value.value()};
    return engine::SetLayerLambda{key.layer, value ? std::optional{std::get<double>(*value)} : std::nullopt};
}

engine::Result<void> check(const SettingKey &key, const SettingValue &value)
{
    if (!value && key.layer.empty())
        return engine::fail(engine::ErrorCode::BadValue,
                            std::string{engine::spec(key.id).key} + ": expected a value, found nothing.");
    return value ? engine::validate(engine::spec(key.id), *value) : engine::Result<void>{};
}

} // namespace

ParameterModel::ParameterModel(QObject *parent) : QObject{parent}
{
    m_tick.setSingleShot(true);
    m_tick.setInterval(kTickMilliseconds);
    connect(&m_tick, &QTimer::timeout, this, &ParameterModel::postWaiting);
}

SettingValue ParameterModel::confirmed(const SettingKey &key) const
{
    if (key.layer.empty())
        return m_settings.value(key.id);
    const auto own = m_settings.layer(key.layer).lambda;
    return own ? SettingValue{*own} : SettingValue{};
}

SettingValue ParameterModel::shown(const SettingKey &key) const
{
    const auto entry = m_entries.find(key);
    if (entry != m_entries.end() && entry->second.waiting)
        return entry->second.waiting->value;
    if (entry != m_entries.end() && entry->second.inFlight)
        return entry->second.inFlight->value;
    return confirmed(key);
}

SettingState ParameterModel::state(const SettingKey &key) const
{
    const auto entry = m_entries.find(key);
    if (entry == m_entries.end())
        return SettingState::Confirmed;
    if (entry->second.waiting || entry->second.inFlight)
        return SettingState::Pending;
    return entry->second.rejected.isEmpty() ? SettingState::Confirmed : SettingState::Rejected;
}

QString ParameterModel::reason(const SettingKey &key) const
{
    const auto entry = m_entries.find(key);
    return entry == m_entries.end() ? QString{} : entry->second.rejected;
}

QString ParameterModel::conflict(engine::ParameterId id) const
{
    const auto found = m_conflicts.find(id);
    return found == m_conflicts.end() ? QString{} : found->second;
}

/// And tells of those that came or went.
void ParameterModel::findConflicts()
{
    std::map<engine::ParameterId, QString> found;
    if (!hasRun()) { // else they are refused one by one
        for (const auto &conflict : m_settings.conflicts())
            found.emplace(conflict.id, QString::fromStdString(conflict.text));
    }
    const auto before = std::exchange(m_conflicts, std::move(found));
    for (const auto &row : engine::parameterTable()) {
        const auto was = before.find(row.id);
        if (conflict(row.id) != (was == before.end() ? QString{} : was->second))
            Q_EMIT changed({row.id, {}});
    }
}

bool ParameterModel::isEditable(engine::ParameterId id) const
{
    return !hasRun() || engine::spec(id).change == engine::Change::Live;
}

void ParameterModel::reset(const engine::Settings &settings)
{
    m_settings = settings;
    m_planned.clear();
    m_entries.clear();
    findConflicts();
    Q_EMIT everythingChanged();
}

void ParameterModel::attach(Post post)
{
    m_post = std::move(post);
    m_entries.clear();
    findConflicts();
    Q_EMIT everythingChanged();
}

void ParameterModel::detach()
{
    m_tick.stop();
    m_post = nullptr;
    m_settings = next();
    m_planned.clear();
    m_entries.clear();
    findConflicts();
    Q_EMIT everythingChanged();
}

engine::Settings ParameterModel::next() const
{
    auto settings = m_settings;
    for (const auto &[id, value] : m_planned)
        (void)settings.set(id, value); // was valid when it was planned
    return settings;
}

std::optional<engine::ParameterValue> ParameterModel::planned(engine::ParameterId id) const
{
    const auto found = m_planned.find(id);
    return found == m_planned.end() ? std::nullopt : std::optional{found->second};
}

void ParameterModel::plan(engine::ParameterId id, const engine::ParameterValue &value, Origin origin)
{
    if (!hasRun())
        return propose({id, {}}, value, newDrag(), origin);
    const auto before = next().value(id);
    if (value == m_settings.value(id))
        m_planned.erase(id);
    else
        m_planned[id] = value;
    Q_EMIT changed({id, {}});
    if (origin == Origin::User && before != value)
        Q_EMIT replanned(id, before, value);
}

void ParameterModel::follow(const engine::LogEntry &entry)
{
    const auto *set = std::get_if<engine::SetParameter>(&entry.what);
    const auto *own = std::get_if<engine::SetLayerLambda>(&entry.what);
    if (!hasRun() || entry.by != engine::Author::File || !(set || own))
        return;
    const auto id = set ? set->id : engine::ParameterId::Layers;
    m_planned.try_emplace(id, m_settings.value(id));
    if (set) {
        (void)m_settings.set(id, set->value); // it is in force
    } else {
        auto rules = m_settings.layerRules();
        rules.setLambda(own->layer, own->lambda);
        m_settings.setLayerRules(std::move(rules));
        Q_EMIT changed({engine::ParameterId::Lambda, own->layer});
    }
    if (m_planned.at(id) == m_settings.value(id))
        m_planned.erase(id);
    Q_EMIT changed({id, {}});
}

void ParameterModel::propose(const SettingKey &key, const SettingValue &value, quint64 drag, Origin origin)
{
    if (const auto valid = check(key, value); !valid)
        return reject(key, valid.error());
    if (!isEditable(key.id))
        return reject(key, {engine::ErrorCode::BadValue,
                            tr("%1 is fixed while a run goes on; stop it or begin a new run.")
                                .arg(qtext(engine::spec(key.id).label)).toStdString()});
    if (!hasRun())
        return confirm(key, {value, drag, origin});
    auto &entry = m_entries[key];
    entry.rejected.clear();
    if (!entry.inFlight && !entry.waiting && value == confirmed(key)) {
        m_entries.erase(key);
        Q_EMIT changed(key);
        return;
    }
    entry.waiting = Proposal{value, drag, origin};
    if (!m_tick.isActive()) // start, never restart: a long drag is followed all the way
        m_tick.start();
    Q_EMIT changed(key);
}

void ParameterModel::postWaiting()
{
    bool any = false;
    for (auto &[key, entry] : m_entries) {
        if (!entry.waiting || entry.inFlight || !m_post)
            continue;
        entry.inFlight = std::exchange(entry.waiting, std::nullopt);
        entry.command = m_post(commandFor(key, entry.inFlight->value));
        any = true;
    }
    if (any)
        Q_EMIT posted();
}

void ParameterModel::replied(const engine::CommandReplied &event)
{
    const auto entry = std::ranges::find_if(m_entries, [&](const auto &item) {
        return item.second.inFlight && item.second.command == event.id;
    });
    if (entry == m_entries.end())
        return;
    const auto key = entry->first;
    const auto proposal = *std::exchange(entry->second.inFlight, std::nullopt);
    if (entry->second.waiting && !m_tick.isActive())
        m_tick.start();
    if (const auto *rejected = std::get_if<engine::Rejected>(&event.reply))
        reject(key, rejected->why);
    else if (const auto *restart = std::get_if<engine::NeedsRestart>(&event.reply))
        reject(key, {engine::ErrorCode::Unsupported, restart->because});
    else
        confirm(key, proposal);
}

void ParameterModel::confirm(const SettingKey &key, const Proposal &proposal)
{
    const auto before = confirmed(key);
    if (key.layer.empty()) {
        (void)m_settings.set(key.id, *proposal.value); // was checked when proposed
        m_planned.erase(key.id); // a hand's goes for the next run, too
    } else {
        auto rules = m_settings.layerRules();
        rules.setLambda(key.layer, proposal.value ? std::optional{std::get<double>(*proposal.value)} : std::nullopt);
        m_settings.setLayerRules(std::move(rules));
        Q_EMIT changed({engine::ParameterId::Layers, {}});
    }
    auto entry = m_entries.find(key);
    if (entry != m_entries.end()) {
        entry->second.rejected.clear();
        if (!entry->second.waiting)
            m_entries.erase(entry);
    }
    Q_EMIT changed(key);
    findConflicts();
    if (proposal.origin == Origin::User && before != confirmed(key))
        Q_EMIT applied(key, before, confirmed(key), proposal.drag);
}

void ParameterModel::reject(const SettingKey &key, const engine::Error &why)
{
    auto &entry = m_entries[key];
    entry.rejected = QString::fromStdString(why.text);
    Q_EMIT changed(key);
}

} // namespace widgets
