// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/run/run.h"
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <type_traits>
#include <variant>

/// Collects what a run tells and waits, without sleeping, until something in particular was told.
class Follower {
public:
    explicit Follower(engine::Run &run) : m_run{run}
    {
        run.wake().listen([this] {
            {
                std::scoped_lock lock{m_mutex};
                m_woken = true;
            }
            m_condition.notify_all();
        });
    }
    ~Follower() { m_run.wake().listen(nullptr); }

    /// The first event of this kind for which `matches` holds and that no earlier call returned; nullptr
    /// after the timeout, or once the run has failed: then nothing but replies can come.
    template <typename Kind, typename Matches>
    const Kind *await(const Matches &matches, std::chrono::seconds timeout = std::chrono::seconds{100})
    {
        const auto until = std::chrono::steady_clock::now() + timeout;
        while (true) {
            for (; m_seen < events.size(); ++m_seen) {
                const auto *event = std::get_if<Kind>(&events[m_seen]);
                if (event && matches(*event)) {
                    ++m_seen;
                    return event;
                }
                if (!std::is_same_v<Kind, engine::CommandReplied> && std::holds_alternative<engine::Failed>(events[m_seen]))
                    return nullptr;
            }
            if (std::chrono::steady_clock::now() > until || !refill(until))
                return nullptr;
        }
    }
    template <typename Kind>
    const Kind *await() { return await<Kind>([](const Kind &) { return true; }); }

    /// Posts and waits for the answer.
    engine::Reply ask(engine::Command command)
    {
        const auto id = m_run.post(std::move(command));
        const auto *replied = await<engine::CommandReplied>([id](const auto &r) { return r.id == id; });
        return replied ? replied->reply : engine::Reply{engine::Rejected{{engine::ErrorCode::Internal, "no reply came"}}};
    }

    std::deque<engine::Event> events; ///< all so far, in order; addresses stay

private:
    bool refill(std::chrono::steady_clock::time_point until)
    {
        m_run.wake().rearm();
        auto batch = m_run.events().takeAll();
        if (batch.empty()) {
            std::unique_lock lock{m_mutex};
            m_condition.wait_until(lock, until, [this] { return m_woken; });
            m_woken = false;
        }
        for (auto &event : batch)
            events.push_back(std::move(event));
        return true;
    }

    engine::Run &m_run;
    std::size_t m_seen = 0;
    std::mutex m_mutex;
    std::condition_variable m_condition;
    bool m_woken = false; // guarded by m_mutex
};
