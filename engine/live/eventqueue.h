// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace engine {

/// Lossless queue of facts from one thread to another.
/// Above the high-water mark the writer waits until the reader took the batch, or until a stop is requested.
template <typename T>
class EventQueue {
public:
    explicit EventQueue(std::size_t highWater = 4096) : m_highWater{highWater} {}

    void put(T value, const std::stop_token &stop = {})
    {
        std::unique_lock lock{m_mutex};
        m_taken.wait(lock, stop, [this] { return m_pending.size() < m_highWater; });
        m_pending.push_back(std::move(value)); // also after a stop: no fact is lost
    }
    /// The same without ever waiting, for a thread that must not: also above the high-water mark.
    void putAtOnce(T value)
    {
        const std::scoped_lock lock{m_mutex};
        m_pending.push_back(std::move(value));
    }
    /// All that came since the last call, oldest first.
    std::vector<T> takeAll()
    {
        std::vector<T> batch;
        {
            std::scoped_lock lock{m_mutex};
            batch.swap(m_pending);
        }
        m_taken.notify_all();
        return batch;
    }

private:
    const std::size_t m_highWater;
    std::mutex m_mutex;
    std::condition_variable_any m_taken;
    std::vector<T> m_pending; // guarded by m_mutex
};

} // namespace engine
