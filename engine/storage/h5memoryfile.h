// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/h5writer.h"
#include <cstddef>
#include <functional>
#include <memory>
#include <span>

namespace engine::h5 {

/// The bytes of a complete HDF5 file.
class FileImage {
public:
    FileImage() = default;
    std::span<const std::byte> bytes() const noexcept { return {m_memory.get(), m_size}; }

private:
    friend FileImage buildFile(std::size_t sizeHint, const std::function<void(const GroupWriter &)> &fill);
    struct Free {
        void operator()(std::byte *memory) const noexcept;
    };
    std::unique_ptr<std::byte, Free> m_memory;
    std::size_t m_size = 0;
};

/// Builds a file in memory. HDF5 cannot let go of a file on a full disk (its descriptor stays open and the library
/// complains at exit); plain writing of a finished image can. `fill` gets the root group. `sizeHint`: bytes allocated
/// at once; more follow as needed. Throws Failure(Internal), and whatever `fill` throws.
FileImage buildFile(std::size_t sizeHint, const std::function<void(const GroupWriter &)> &fill);

} // namespace engine::h5
