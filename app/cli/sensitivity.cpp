// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sensitivity.h"
#include "engine/runs/signals.h"
#include "engine/sensitivity/allocation.h"
#include "engine/sensitivity/sensitivity.h"
#include <array>
#include <fmt/format.h>

namespace app {
namespace {

/// Counts measurements, for programs in lines and else on a terminal, and ends them after Ctrl-C.
class Counter {
public:
    Counter(Console &console, bool inLines) : m_console{console}, m_inLines{inLines} {}
    engine::SensitivityProgress follow()
    {
        return [this](std::size_t done, std::size_t all) {
            if (m_inLines)
                m_console.note(fmt::format("{} of {}", done, all));
            else
                m_console.row(std::array{RowPart{fmt::format("{} of {} measured", done, all)}});
            return !interrupted();
        };
    }
    bool interrupted() const { return m_signals.endAsked(); }

private:
    Console &m_console;
    const engine::Signals m_signals;
    const bool m_inLines;
};

} // namespace

int printSensitivity(const SensitivityRequest &request, Console &console)
{
    const auto snapshot = engine::readSnapshot(request.snapshot);
    if (!snapshot)
        return console.complain(snapshot.error());
    Counter counter{console, request.progress};
    const auto measured = engine::measureSensitivity(
        *snapshot, {.images = request.images, .k = request.k, .reestimatesNorms = request.reestimate}, counter.follow());
    console.clearRow();
    if (!measured)
        return console.complain(measured.error());
    console.out((request.json ? engine::sensitivityToJson(*measured) : engine::describeSensitivity(*measured)) + '\n');
    return counter.interrupted() ? kExitInterrupted : kExitDone;
}

int printAllocation(const AllocateRequest &request, Console &console)
{
    const auto snapshot = engine::readSnapshot(request.snapshot);
    if (!snapshot)
        return console.complain(snapshot.error());
    engine::AllocationRequest asked;
    asked.bytes = request.bytes;
    if (request.percent)
        asked.accuracy = *request.percent / 100;
    asked.candidates = request.candidates;
    asked.images = request.images;
    asked.reestimatesNorms = request.reestimate;
    Counter counter{console, request.progress};
    engine::AllocationPreview foretell;
    if (request.progress)
        foretell = [&console](const engine::Allocation &preview) { console.note(engine::allocationToJson(preview, true)); };
    const auto found = engine::allocate(*snapshot, asked, counter.follow(), foretell);
    console.clearRow();
    if (!found)
        return counter.interrupted() ? kExitInterrupted : console.complain(found.error());
    console.out((request.json ? engine::allocationToJson(*found) : engine::describeAllocation(*found)) + '\n');
    return counter.interrupted() ? kExitInterrupted : found->meets ? kExitDone : kExitFailed;
}

} // namespace app
