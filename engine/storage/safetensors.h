// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace engine {

/// The floating-point tensors of a .safetensors file.
/// Format: eight bytes with the length of a JSON header (little endian), the header, the values row by row;
/// https://huggingface.co/docs/safetensors
class SafetensorsFile {
public:
    enum class Type { Float64, Float32, Float16, BFloat16 };
    struct Tensor {
        std::string name;
        Type type;
        std::vector<std::int64_t> shape;
        std::span<const std::byte> bytes; ///< valid while the file object lives
    };

    /// Reads all of the file. Tensors of other types, and metadata, are passed over.
    /// Errors: NotFound, Unreadable; BadFormat with file, place, expected and found. Allocates no more than
    /// the file's size twice.
    static Result<SafetensorsFile> read(const std::filesystem::path &file);

    const std::vector<Tensor> &tensors() const noexcept { return m_tensors; }

private:
    Result<void> readHeader(const std::filesystem::path &file);
    std::vector<std::byte> m_bytes;
    std::vector<Tensor> m_tensors;
};

} // namespace engine
