// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/parallelfor.h"
#include "engine/core/machine.h"
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace engine {

Result<void> parallelFor(std::size_t count, unsigned threads, const std::stop_token &stop,
                         const std::function<Result<void>(std::size_t)> &body)
{
    std::atomic<std::size_t> next = 0, failedAt = count;
    std::mutex guard;
    Result<void> error;        // of failedAt, guarded
    std::exception_ptr thrown; // of failedAt, guarded
    const auto note = [&](std::size_t i, Result<void> why, std::exception_ptr what) {
        const std::scoped_lock lock{guard};
        if (i < failedAt) {
            failedAt = i;
            error = std::move(why);
            thrown = std::move(what);
        }
    };
    const auto work = [&] {
        // Numbers are given out in order: all below the one that fails are done or under way.
        for (std::size_t i = next++; i < failedAt && !stop.stop_requested(); i = next++) {
            try {
                if (auto done = body(i); !done)
                    note(i, std::move(done), nullptr);
            } catch (...) {
                note(i, {}, std::current_exception());
            }
        }
    };
    {
        const std::size_t wanted = threads > 0 ? threads : usableProcessors();
        std::vector<std::jthread> others;
        others.reserve(std::min(wanted, count));
        try {
            while (others.size() + 1 < std::min(wanted, count))
                others.emplace_back(work);
        } catch (const std::exception &) { // no memory or no right to another thread
        }
        work();
    }
    if (thrown)
        std::rethrow_exception(thrown);
    return error;
}

} // namespace engine
