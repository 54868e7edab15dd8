// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>

namespace engine {

/// A thread of its own that works off jobs, one after the other, while its owner goes on. What a job throws never
/// leaves that thread: the owner is told, as a value.
template <typename Job>
class WorkerQueue {
public:
    /// Which jobs wait for the one in hand, and what becomes of them when the queue goes.
    enum class Keep {
        All,   ///< every one, in order; the destructor waits until the last is done
        Newest ///< one alone: a newer one takes its place; the destructor gives it up
    };
    /// On the queue's thread. `stop` is asked for when the queue goes.
    using Work = std::function<void(Job &, const std::stop_token &stop)>;
    /// On the queue's thread, after work(job) threw. `why`: a phrase for a sentence, such as "not enough memory".
    /// What this throws in turn is lost.
    using Failed = std::function<void(Job &, std::string_view why, const std::stop_token &stop)>;

    WorkerQueue(Keep keep, Work work, Failed failed) : m_keep{keep}, m_work{std::move(work)}, m_failed{std::move(failed)} {}
    WorkerQueue(const WorkerQueue &) = delete;
    WorkerQueue &operator=(const WorkerQueue &) = delete;

    /// Returns at once. From any thread.
    void post(Job job)
    {
        std::deque<Job> jobs;
        jobs.push_back(std::move(job));
        {
            const std::scoped_lock lock{m_mutex};
            if (m_keep == Keep::Newest)
                m_waiting.swap(jobs); // what it displaces is freed after the lock
            else
                m_waiting.push_back(std::move(jobs.front()));
        }
        m_changed.notify_all();
    }
    /// Blocks until no job waits and none is in hand. Not from the queue's thread.
    void drain()
    {
        std::unique_lock lock{m_mutex};
        m_changed.wait(lock, [this] { return m_waiting.empty() && !m_busy; });
    }

private:
    void run(const std::stop_token &stop)
    {
        std::unique_lock lock{m_mutex};
        // After a stop the wait ends at once, and tells whether there is more to do.
        while (m_changed.wait(lock, stop, [this] { return !m_waiting.empty(); })) {
            if (m_keep == Keep::Newest && stop.stop_requested())
                return;
            m_busy = true;
            {
                Job job = std::move(m_waiting.front());
                m_waiting.pop_front();
                lock.unlock();
                workOff(job, stop);
            }
            lock.lock();
            m_busy = false;
            m_changed.notify_all();
        }
    }

    void workOff(Job &job, const std::stop_token &stop) noexcept
    {
        try {
            m_work(job, stop);
        } catch (const std::bad_alloc &) {
            tellFailed(job, "not enough memory", stop);
        } catch (const std::exception &thrown) {
            tellFailed(job, thrown.what(), stop);
        } catch (...) {
            tellFailed(job, "for no known reason", stop);
        }
    }

    void tellFailed(Job &job, std::string_view why, const std::stop_token &stop) noexcept
    try {
        m_failed(job, why, stop);
    } catch (...) { // nobody is left to be told
    }

    const Keep m_keep;
    const Work m_work;
    const Failed m_failed;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Job> m_waiting; // guarded by m_mutex
    bool m_busy = false;       // guarded by m_mutex
    std::jthread m_thread{[this](const std::stop_token &stop) { run(stop); }}; // last: starts when all else is there
};

} // namespace engine
