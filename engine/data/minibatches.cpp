// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/minibatches.h"
#include "engine/core/random.h"
#include "engine/data/augmentation.h"
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <mutex>
#include <numeric>
#include <stop_token>
#include <thread>

namespace engine {
namespace {

constexpr std::size_t kAhead = 4;              // ready minibatches: enough to ride out an evaluation, 6 MB at 128×3×32×32
constexpr std::size_t kSpare = kAhead + 2;     // those, one being made, one being used

void resize(Minibatch &batch, std::size_t images, std::size_t imageValues)
{
    batch.pixels.resize(images * imageValues);
    batch.labels.resize(images);
}

/// Makes minibatch number s, a pure function of seed, options and s. Keeps the order of the newest epoch.
class Maker {
public:
    Maker(const ImageSet &images, std::span<const std::uint32_t> indices, const Normalisation &normalisation, MinibatchOptions options)
        : m_images(images), m_indices(indices), m_table(normalisation), m_options(options), m_padding(paddingOf(images)),
          m_perEpoch(MinibatchStream::batchesPerEpoch(indices.size(), options.batchSize))
    {
        assert(options.batchSize > 0 && m_perEpoch > 0);
    }

    void make(std::uint64_t number, Minibatch &batch)
    {
        const std::uint64_t epoch = number / m_perEpoch;
        if (epoch != m_epoch)
            arrange(epoch);
        const auto size = static_cast<std::size_t>(m_options.batchSize);
        const std::size_t first = static_cast<std::size_t>(number % m_perEpoch) * size;
        resize(batch, size, m_images.imageBytes());
        for (std::size_t i = 0; i < size; ++i) {
            const std::uint32_t image = m_order[first + i];
            const auto variation = drawVariation(m_options, m_padding, epoch, first + i);
            writeImage(m_images, image, m_table, variation, batch.pixels.data() + i * m_images.imageBytes());
            batch.labels[i] = m_images.labels[image];
        }
    }

private:
    void arrange(std::uint64_t epoch)
    {
        m_order.assign(m_indices.begin(), m_indices.end());
        SplitMix64 random{m_options.seed, epoch};
        shuffle(m_order, random);
        m_epoch = epoch;
    }

    const ImageSet &m_images;
    std::span<const std::uint32_t> m_indices;
    PixelTable m_table;
    MinibatchOptions m_options;
    int m_padding;
    std::uint64_t m_perEpoch;
    std::uint64_t m_epoch = std::numeric_limits<std::uint64_t>::max(); ///< whose order m_order holds
    std::vector<std::uint32_t> m_order;
};

} // namespace

struct MinibatchStream::Impl {
    Impl(Maker maker, std::uint64_t first)
    {
        spare.reserve(kSpare); // so that handing a buffer back never allocates
        thread = std::jthread{[this, owned = std::move(maker), first](const std::stop_token &stop) mutable { run(stop, owned, first); }};
    }

    void run(const std::stop_token &stop, Maker &maker, std::uint64_t number)
    try {
        Minibatch batch;
        while (takeSpare(stop, batch)) {
            maker.make(number++, batch);
            {
                std::scoped_lock lock{mutex};
                ready.push_back(std::move(batch));
            }
            filled.notify_one();
        }
    } catch (...) {
        {
            std::scoped_lock lock{mutex};
            failure = std::current_exception();
        }
        filled.notify_one();
    }

    /// Waits for room in the queue, then hands out a used buffer if there is one. False: asked to stop.
    bool takeSpare(const std::stop_token &stop, Minibatch &batch)
    {
        std::unique_lock lock{mutex};
        if (!emptied.wait(lock, stop, [&] { return ready.size() < kAhead; }))
            return false;
        batch = {};
        if (!spare.empty()) {
            batch = std::move(spare.back());
            spare.pop_back();
        }
        return !stop.stop_requested();
    }

    std::mutex mutex; // guards the next four
    std::deque<Minibatch> ready;
    std::vector<Minibatch> spare;
    std::exception_ptr failure;
    std::condition_variable_any emptied, filled;
    std::atomic<std::chrono::nanoseconds::rep> waited = 0;
    std::jthread thread; // last: stops and joins before the rest goes
};

MinibatchStream::MinibatchStream(const ImageSet &images, std::span<const std::uint32_t> indices, Normalisation normalisation,
                                 MinibatchOptions options, std::uint64_t firstBatch)
    : m_impl(std::make_unique<Impl>(Maker{images, indices, normalisation, options}, firstBatch))
{
}

MinibatchStream::~MinibatchStream() = default;

Minibatch MinibatchStream::next()
{
    Minibatch batch;
    {
        std::unique_lock lock{m_impl->mutex};
        const auto there = [this] { return !m_impl->ready.empty() || m_impl->failure; };
        if (!there()) {
            const auto begin = std::chrono::steady_clock::now();
            m_impl->filled.wait(lock, there);
            const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - begin;
            m_impl->waited.fetch_add(took.count(), std::memory_order_relaxed);
        }
        if (m_impl->ready.empty())
            std::rethrow_exception(m_impl->failure);
        batch = std::move(m_impl->ready.front());
        m_impl->ready.pop_front();
    }
    m_impl->emptied.notify_one();
    return batch;
}

void MinibatchStream::recycle(Minibatch &&used)
{
    Minibatch old = std::move(used); // freed after the lock if there are enough already
    std::scoped_lock lock{m_impl->mutex};
    if (m_impl->spare.size() < kSpare)
        m_impl->spare.push_back(std::move(old));
}

std::chrono::nanoseconds MinibatchStream::waited() const noexcept
{
    return std::chrono::nanoseconds{m_impl->waited.load(std::memory_order_relaxed)};
}

void fillPlain(const ImageSet &images, std::span<const std::uint32_t> indices, const Normalisation &normalisation, Minibatch &out)
{
    const PixelTable table{normalisation};
    resize(out, indices.size(), images.imageBytes());
    for (std::size_t i = 0; i < indices.size(); ++i) {
        writeImage(images, indices[i], table, Variation{}, out.pixels.data() + i * images.imageBytes());
        out.labels[i] = images.labels[indices[i]];
    }
}

} // namespace engine
