// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/deflate.h"
#include "engine/coding/varint.h"
#include <fmt/format.h>
#include <zlib.h>

namespace engine {
namespace {

constexpr std::uint64_t kHighestRatio = 1032; ///< of deflate: 258 bytes in two bits

const Bytef *asZlib(std::span<const std::byte> bytes) { return reinterpret_cast<const Bytef *>(bytes.data()); }

} // namespace

std::vector<std::byte> deflated(std::span<const std::byte> bytes)
{
    std::vector<std::byte> result;
    putVarint(result, bytes.size());
    const auto head = result.size();
    auto size = compressBound(static_cast<uLong>(bytes.size()));
    result.resize(head + size);
    compress2(reinterpret_cast<Bytef *>(result.data() + head), &size, asZlib(bytes), static_cast<uLong>(bytes.size()),
              Z_BEST_COMPRESSION); // cannot fail with that bound
    result.resize(head + size);
    return result;
}

Result<std::vector<std::byte>> inflated(std::span<const std::byte> bytes)
{
    VarintReader head{bytes};
    const auto claimed = head.number();
    if (!claimed || *claimed > kMaxInflated || *claimed / kHighestRatio > head.left())
        return fail(ErrorCode::BadFormat, fmt::format("expected at most {} bytes, deflated to {}, found a claim of {}", kMaxInflated,
                                                      bytes.size(), claimed.value_or(0)));
    std::vector<std::byte> result(*claimed);
    const auto packed = bytes.subspan(head.position());
    auto size = static_cast<uLong>(result.size()), taken = static_cast<uLong>(packed.size());
    Bytef none = 0; // zlib wants a place even for no bytes
    const int code = uncompress2(result.empty() ? &none : reinterpret_cast<Bytef *>(result.data()), &size, asZlib(packed), &taken);
    if (code != Z_OK || size != result.size() || taken != packed.size())
        return fail(ErrorCode::BadFormat, fmt::format("expected {} bytes in zlib's format, found {}", result.size(),
                                                      code == Z_OK ? "others behind them" : "damaged ones"));
    return result;
}

std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before) noexcept
{
    return bytes.empty() ? before
                         : static_cast<std::uint32_t>(crc32_z(before, asZlib(bytes), bytes.size())); // without bytes zlib would begin anew
}

} // namespace engine
