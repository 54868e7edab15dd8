// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotwriter.h"
#include "engine/core/workerqueue.h"
#include "engine/files/atomicfile.h"
#include <fmt/format.h>
#include <optional>
#include <utility>

namespace engine {
namespace {

/// One file to write.
struct Job {
    std::shared_ptr<const SnapshotData> data;
    std::filesystem::path file, previous;
    SnapshotWriter::Done done;
    Step step = data->run.step;
    std::optional<Result<void>> result{}; ///< once it is known

    void work()
    {
        result = writeSnapshot(*data, file, previous);
        tell();
    }
    void fail(std::string_view why)
    {
        if (!result) // else it was telling that failed, which is tried once more
            result = engine::fail(ErrorCode::Unwritable, fmt::format("{} was not written: {}.", inQuotes(file), why));
        tell();
    }

private:
    void tell()
    {
        data.reset(); // `done` may take its time; the copy of the weights need not wait for it
        if (done)
            done(file, step, *result);
    }
};

} // namespace

struct SnapshotWriter::Impl {
    WorkerQueue<Job> queue{WorkerQueue<Job>::Keep::All, [](Job &job, const std::stop_token &) { job.work(); },
                           [](Job &job, std::string_view why, const std::stop_token &) { job.fail(why); }};
};

SnapshotWriter::SnapshotWriter() : m_impl{std::make_unique<Impl>()} {}
SnapshotWriter::~SnapshotWriter() = default; // the queue works off what waits

void SnapshotWriter::write(std::shared_ptr<const SnapshotData> data, std::filesystem::path file, std::filesystem::path previous, Done done)
{
    m_impl->queue.post({std::move(data), std::move(file), std::move(previous), std::move(done)});
}

void SnapshotWriter::drain()
{
    m_impl->queue.drain();
}

} // namespace engine
