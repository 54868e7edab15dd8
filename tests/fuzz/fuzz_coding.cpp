// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/coder.h"
#include "tests/fuzz/fuzz.h"
#include <algorithm>

using namespace engine;

/// Coder, k − 1, two bytes with the number of codes, stream; then the same bytes as codes.
int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    constexpr std::size_t kHead = 4;
    if (size <= kHead)
        return 0;
    const auto coder = static_cast<Coder>(data[0] % (kCoders.size() + 1));
    const int k = data[1] + 1;
    const auto rest = std::span{data, size}.subspan(kHead);
    std::vector<CodeIndex> codes(1 + (data[2] | data[3] << 8));
    const auto tables = countTableBytes(std::as_bytes(rest), coder, k);
    fuzz::require(!tables || *tables <= rest.size(), "tables lie within the stream");
    if (decode(std::as_bytes(rest), coder, k, codes))
        fuzz::require(std::ranges::max(codes) < k, "codes are below k");

    codes.assign(rest.begin(), rest.end());
    for (auto &code : codes)
        code = static_cast<CodeIndex>(code % k);
    for (const auto each : kCoders) {
        const auto stream = encode(codes, k, each);
        std::vector<CodeIndex> again(codes.size());
        fuzz::require(stream && decode(stream->bytes, each, k, again) && again == codes, "codes come back");
    }
    return 0;
}
