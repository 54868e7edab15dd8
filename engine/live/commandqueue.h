// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace engine {

/// Commands from any thread to the training thread, which drains them between steps.
template <typename T>
class CommandQueue {
public:
    void post(T command)
    {
        {
            std::scoped_lock lock{m_mutex};
            m_pending.push_back(std::move(command));
        }
        m_posted.notify_all();
    }
    /// All posted since the last call, oldest first.
    std::vector<T> takeAll()
    {
        std::scoped_lock lock{m_mutex};
        return std::exchange(m_pending, {});
    }
    /// Blocks until something is posted or a stop is requested.
    void wait(const std::stop_token &stop)
    {
        std::unique_lock lock{m_mutex};
        m_posted.wait(lock, stop, [this] { return !m_pending.empty(); });
    }

private:
    std::mutex m_mutex;
    std::condition_variable_any m_posted;
    std::vector<T> m_pending; // guarded by m_mutex
};

} // namespace engine
