// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <mutex>
#include <utility>

namespace engine {

/// "Something is there": carries no data and calls the listener at most once per `rearm`.
/// The listener runs on the notifying thread with the lock held: it must only post a message to its own thread.
class Wake {
public:
    /// Replaces the listener; after `listen(nullptr)` returned, the old one is never called again.
    void listen(std::function<void()> listener)
    {
        std::scoped_lock lock{m_mutex};
        m_listener = std::move(listener);
        m_pending = false;
    }
    void notify()
    {
        std::scoped_lock lock{m_mutex};
        if (m_pending || !m_listener)
            return;
        m_pending = true;
        m_listener();
    }
    /// Call before taking the data, so that what comes later wakes again.
    void rearm()
    {
        std::scoped_lock lock{m_mutex};
        m_pending = false;
    }

private:
    std::mutex m_mutex;
    std::function<void()> m_listener; // guarded by m_mutex
    bool m_pending = false;           // guarded by m_mutex
};

} // namespace engine
