// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/packedmeter.h"
#include "engine/core/machine.h"
#include <condition_variable>
#include <exception>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace engine {

struct PackedMeter::Impl {
    Impl(Measure how, Done then) : measure{std::move(how)}, done{std::move(then)} {}

    struct Job {
        std::unique_ptr<const PackableRun> data;
        double seconds = 0;
    };

    Result<PackedAccount> tried(const Job &job, const std::stop_token &stop) const
    {
        const auto begin = threadTime();
        try {
            auto account = measure(*job.data, stop);
            if (account)
                account->seconds = job.seconds + std::chrono::duration<double>{threadTime() - begin}.count();
            return account;
        } catch (const std::exception &thrown) {
            return fail(ErrorCode::Internal, fmt::format("The packed size cannot be measured: {}.", thrown.what()));
        }
    }

    void work(const std::stop_token &stop)
    {
        giveWay();
        std::unique_lock lock{mutex};
        while (changed.wait(lock, stop, [this] { return waiting.has_value(); }) && !stop.stop_requested()) {
            auto job = std::exchange(waiting, std::nullopt);
            lock.unlock();
            auto account = tried(*job, stop);
            const Step step = job->data->run.step;
            job.reset(); // `done` may take its time; the copy need not wait for it
            if (!stop.stop_requested())
                done(step, std::move(account));
            lock.lock();
        }
    }

    const Measure measure;
    const Done done;
    std::mutex mutex;
    std::condition_variable_any changed;
    std::optional<Job> waiting; // guarded by mutex
    std::jthread thread{[this](const std::stop_token &stop) { work(stop); }}; // last: starts when all else is there
};

PackedMeter::PackedMeter(Measure measure, Done done) : m_impl{std::make_unique<Impl>(std::move(measure), std::move(done))} {}
PackedMeter::~PackedMeter() = default; // the thread is asked to stop and joined

void PackedMeter::measure(std::unique_ptr<const PackableRun> data, double seconds)
{
    std::optional<Impl::Job> job{Impl::Job{std::move(data), seconds}};
    {
        const std::scoped_lock lock{m_impl->mutex};
        m_impl->waiting.swap(job); // what it displaces is freed after the lock
    }
    m_impl->changed.notify_all();
}

} // namespace engine
