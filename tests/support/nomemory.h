// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Memory that runs out on helper threads. Replaces the program's operator new: for one source of a test.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <semaphore>
#include <thread>

namespace support {

/// While one lives, blocks of at least so many bytes cannot be had on other threads than its own, `times` times.
class NoMemory {
public:
    /// Waits: where its own thread takes such a block, it first waits until another thread had to do without. Work
    /// that several threads share is then surely shared.
    enum class OwnThread { Waits, GoesOn };

    NoMemory(std::size_t atLeast, OwnThread own, int times = std::numeric_limits<int>::max())
    {
        while (s_failed.try_acquire()) {} // of the one before
        s_failures = 0;
        s_left = times;
        s_waits = own == OwnThread::Waits;
        s_spared = std::this_thread::get_id();
        s_atLeast = atLeast;
    }
    ~NoMemory() { s_atLeast = kNever; }
    NoMemory(const NoMemory &) = delete;
    NoMemory &operator=(const NoMemory &) = delete;

    int failures() const noexcept { return s_failures; }

    /// Whether such a block can be had now.
    static bool grants(std::size_t bytes)
    {
        if (bytes < s_atLeast)
            return true;
        if (std::this_thread::get_id() == s_spared.load()) {
            if (s_waits && s_failures == 0)
                (void)s_failed.try_acquire_for(std::chrono::seconds{60});
            return true;
        }
        if (s_left-- <= 0)
            return true;
        ++s_failures;
        s_failed.release();
        return false;
    }

private:
    static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();
    inline static std::atomic<std::size_t> s_atLeast = kNever;
    inline static std::atomic<std::thread::id> s_spared{};
    inline static std::atomic<bool> s_waits = false;
    inline static std::atomic<int> s_left = 0, s_failures = 0;
    inline static std::counting_semaphore<> s_failed{0};
};

} // namespace support

void *operator new(std::size_t bytes, const std::nothrow_t &) noexcept
{
    return support::NoMemory::grants(bytes) ? std::malloc(bytes > 0 ? bytes : 1) : nullptr;
}
void *operator new(std::size_t bytes)
{
    if (void *memory = operator new(bytes, std::nothrow))
        return memory;
    throw std::bad_alloc{};
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
