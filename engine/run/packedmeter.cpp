// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/packedmeter.h"
#include "engine/core/machine.h"
#include "engine/core/workerqueue.h"
#include <fmt/format.h>
#include <utility>

namespace engine {

struct PackedMeter::Impl {
    struct Job {
        std::unique_ptr<const PackableRun> data;
        double seconds = 0;
        Step step = data->run.step;
    };

    Impl(Measure how, Done then) : measure{std::move(how)}, done{std::move(then)} {}

    void work(Job &job, const std::stop_token &stop) const
    {
        giveWay();
        const auto begin = threadTime();
        auto account = measure(*job.data, stop);
        if (account)
            account->seconds = job.seconds + std::chrono::duration<double>{threadTime() - begin}.count();
        tell(job, std::move(account), stop);
    }
    void fail(Job &job, std::string_view why, const std::stop_token &stop) const
    {
        tell(job, engine::fail(ErrorCode::Internal, fmt::format("The packed size cannot be measured: {}.", why)), stop);
    }
    void tell(Job &job, Result<PackedAccount> account, const std::stop_token &stop) const
    {
        job.data.reset(); // `done` may take its time; the copy need not wait for it
        if (!stop.stop_requested())
            done(job.step, std::move(account));
    }

    const Measure measure;
    const Done done;
    WorkerQueue<Job> queue{WorkerQueue<Job>::Keep::Newest, [this](Job &job, const std::stop_token &stop) { work(job, stop); },
                           [this](Job &job, std::string_view why, const std::stop_token &stop) { fail(job, why, stop); }}; // last
};

PackedMeter::PackedMeter(Measure measure, Done done) : m_impl{std::make_unique<Impl>(std::move(measure), std::move(done))} {}
PackedMeter::~PackedMeter() = default; // the queue gives up what is not done

void PackedMeter::measure(std::unique_ptr<const PackableRun> data, double seconds)
{
    m_impl->queue.post({std::move(data), seconds});
}

} // namespace engine
