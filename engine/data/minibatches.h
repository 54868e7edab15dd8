// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/dataset.h"
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

namespace engine {

/// A normalised minibatch. Pixels (count, channels, height, width) float32, row-major.
struct Minibatch {
    std::vector<float> pixels;
    std::vector<std::int64_t> labels; ///< (count)
};

struct MinibatchOptions {
    int batchSize = 128;
    bool pad = true;    ///< random crop after padding by 4 (by 2 where a side is below 30) with black
    bool mirror = true; ///< random left-right flip
    std::uint64_t seed = 1;
};

/// Endless stream of shuffled, augmented training minibatches, made ahead on a thread of its own. Minibatch
/// number s (s = 0, 1, …) is a pure function of seed, options and s, so a run continues anywhere without
/// stored state: epoch = s ÷ batchesPerEpoch, order = permutation of (seed, epoch), augmentation of (seed,
/// epoch, position). Each epoch drops its incomplete last minibatch. No WorkerQueue: nobody posts jobs, a ring of
/// buffers goes round.
class MinibatchStream {
public:
    /// `images` and `indices` must outlive the stream. Requires: at least batchSize indices.
    MinibatchStream(const ImageSet &images, std::span<const std::uint32_t> indices, Normalisation normalisation,
                    MinibatchOptions options, std::uint64_t firstBatch);
    ~MinibatchStream();
    MinibatchStream(const MinibatchStream &) = delete;
    MinibatchStream &operator=(const MinibatchStream &) = delete;

    /// The next minibatch; waits only if the maker is behind, and adds that time to `waited`. Memory
    /// allocation failures of the maker thread surface here as std::bad_alloc. The buffers may be moved from;
    /// hand them back with `recycle` to avoid new pages.
    Minibatch next();
    void recycle(Minibatch &&used);
    std::chrono::nanoseconds waited() const noexcept; ///< in `next`, since construction
    static std::uint64_t batchesPerEpoch(std::size_t images, int batchSize) noexcept
    {
        return images / static_cast<std::size_t>(batchSize);
    }

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Plain normalised images without augmentation, for evaluation. Appends nothing: `out` is resized to fit.
void fillPlain(const ImageSet &images, std::span<const std::uint32_t> indices, const Normalisation &normalisation, Minibatch &out);

} // namespace engine
