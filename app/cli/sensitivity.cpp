// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sensitivity.h"
#include "engine/runs/signals.h"
#include "engine/sensitivity/allocation.h"
#include "engine/sensitivity/sensitivity.h"
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace app {
namespace {

constexpr int kInterrupted = 130; // as a shell tells SIGINT

int complain(const engine::Error &error)
{
    fmt::print(stderr, "condensate: {}\n", error.text);
    return 2;
}

/// Counts measurements, for programs in lines and else on a terminal, and ends them after Ctrl-C.
class Counter {
public:
    explicit Counter(bool inLines) : m_inLines{inLines}, m_shows{!inLines && ::isatty(STDERR_FILENO) != 0} {}
    engine::SensitivityProgress follow()
    {
        return [this](std::size_t done, std::size_t all) {
            if (m_inLines)
                fmt::print(stderr, "{} of {}\n", done, all);
            else if (m_shows)
                fmt::print(stderr, "\r{} of {} measured", done, all);
            return !interrupted();
        };
    }
    void clear() const
    {
        if (m_shows)
            fmt::print(stderr, "\r\033[K");
    }
    bool interrupted() const { return m_signals.endAsked(); }

private:
    const engine::Signals m_signals;
    const bool m_inLines, m_shows;
};

} // namespace

int printSensitivity(const SensitivityRequest &request)
{
    const auto snapshot = engine::readSnapshot(request.snapshot);
    if (!snapshot)
        return complain(snapshot.error());
    Counter counter{request.progress};
    const auto measured = engine::measureSensitivity(
        *snapshot, {.images = request.images, .k = request.k, .reestimatesNorms = request.reestimate}, counter.follow());
    counter.clear();
    if (!measured)
        return complain(measured.error());
    fmt::print("{}\n", request.json ? engine::sensitivityToJson(*measured) : engine::describeSensitivity(*measured));
    return counter.interrupted() ? kInterrupted : 0;
}

int printAllocation(const AllocateRequest &request)
{
    const auto snapshot = engine::readSnapshot(request.snapshot);
    if (!snapshot)
        return complain(snapshot.error());
    engine::AllocationRequest asked;
    asked.bytes = request.bytes;
    if (request.percent)
        asked.accuracy = *request.percent / 100;
    asked.candidates = request.candidates;
    asked.images = request.images;
    asked.reestimatesNorms = request.reestimate;
    Counter counter{request.progress};
    engine::AllocationPreview foretell;
    if (request.progress)
        foretell = [](const engine::Allocation &preview) { fmt::print(stderr, "{}\n", engine::allocationToJson(preview, true)); };
    const auto found = engine::allocate(*snapshot, asked, counter.follow(), foretell);
    counter.clear();
    if (!found)
        return counter.interrupted() ? kInterrupted : complain(found.error());
    fmt::print("{}\n", request.json ? engine::allocationToJson(*found) : engine::describeAllocation(*found));
    return counter.interrupted() ? kInterrupted : found->meets ? 0 : 1;
}

} // namespace app
