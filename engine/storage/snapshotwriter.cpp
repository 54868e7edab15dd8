// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotwriter.h"
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace engine {

struct SnapshotWriter::Impl {
    struct Job {
        std::shared_ptr<const SnapshotData> data;
        std::filesystem::path file, previous;
        Done done;
    };

    void work(const std::stop_token &stop)
    {
        std::unique_lock lock{mutex};
        while (changed.wait(lock, stop, [this] { return !queue.empty(); })) { // after a stop: until the queue is empty
            auto job = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            const auto result = writeSnapshot(*job.data, job.file, job.previous);
            const Step step = job.data->run.step;
            job.data.reset(); // `done` may take its time; the copy of the weights need not wait for it
            if (job.done)
                job.done(job.file, step, result);
            lock.lock();
            ++finished;
            changed.notify_all();
        }
    }

    std::mutex mutex;
    std::condition_variable_any changed;
    std::deque<Job> queue;                   // guarded by mutex
    std::uint64_t queued = 0, finished = 0;  // guarded by mutex
    std::jthread thread{[this](const std::stop_token &stop) { work(stop); }}; // last: starts when all else is there
};

SnapshotWriter::SnapshotWriter() : m_impl{std::make_unique<Impl>()} {}
SnapshotWriter::~SnapshotWriter() = default; // the thread is asked to stop and joined

void SnapshotWriter::write(std::shared_ptr<const SnapshotData> data, std::filesystem::path file, std::filesystem::path previous, Done done)
{
    {
        const std::scoped_lock lock{m_impl->mutex};
        m_impl->queue.push_back({std::move(data), std::move(file), std::move(previous), std::move(done)});
        ++m_impl->queued;
    }
    m_impl->changed.notify_all();
}

void SnapshotWriter::drain()
{
    std::unique_lock lock{m_impl->mutex};
    const auto target = m_impl->queued;
    m_impl->changed.wait(lock, [&] { return m_impl->finished >= target; });
}

} // namespace engine
