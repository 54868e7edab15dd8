// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/sizeaccount.h"
#include "engine/core/result.h"
#include "engine/storage/snapshot.h"
#include <functional>
#include <memory>
#include <stop_token>

namespace engine {

/// Owns the thread on which the packed size of a run is measured, so that training goes on meanwhile; it
/// gives way to all others, and snapshots, which have a thread of their own, do not wait for it. One copy is
/// measured and one may wait: where a newer one comes before that one's turn it takes its place, and one
/// answer stands for both.
class PackedMeter {
public:
    /// What counts the bytes; on the meter's thread. It gives up when asked to stop.
    using Measure = std::function<Result<PackedAccount>(const PackableRun &, const std::stop_token &)>;
    /// Also on the meter's thread. A lack of memory is told as an error, too. If this throws, it is called once more.
    using Done = std::function<void(Step, Result<PackedAccount>)>;

    PackedMeter(Measure measure, Done done);
    ~PackedMeter(); ///< gives up what is not done, then joins
    PackedMeter(const PackedMeter &) = delete;
    PackedMeter &operator=(const PackedMeter &) = delete;

    /// `data`: of toPackable. `seconds`: that copying it took, which count among those of the account.
    void measure(std::unique_ptr<const PackableRun> data, double seconds);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
