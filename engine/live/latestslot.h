// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <mutex>
#include <utility>

namespace engine {

/// Hands the newest value from one thread to another. A value that nobody took is replaced, never queued.
/// Any thread may call either function.
template <typename T>
class LatestSlot {
public:
    /// The displaced value is freed after the lock is released, together with the argument.
    void put(std::shared_ptr<const T> value)
    {
        std::scoped_lock lock{m_mutex};
        m_value.swap(value);
    }
    /// The newest value that nobody took yet, or null.
    std::shared_ptr<const T> take()
    {
        std::scoped_lock lock{m_mutex};
        return std::exchange(m_value, nullptr);
    }

private:
    std::mutex m_mutex;
    std::shared_ptr<const T> m_value; // guarded by m_mutex
};

} // namespace engine
