// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "engine/coding/sizeaccount.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/packedsurgery.h"

using namespace engine;

namespace {

constexpr std::uint64_t kMaxWeights = 1 << 18; // of a file; so that an input takes little time

void readAndCheck(std::span<const std::byte> bytes)
{
    const auto reader = PackedReader::view(bytes, "fuzz", kMaxWeights);
    if (!reader) {
        fuzz::require(reader.error().text.starts_with("fuzz: ") && reader.error().text.ends_with('.') &&
                          reader.error().text.find('\n') == std::string::npos,
                      "one sentence");
        return;
    }
    fuzz::require(accountBytes(reader->contents()).total() == bytes.size(), "every byte accounted for");
    const auto model = readPackedBytes(bytes, "fuzz", kMaxWeights);
    if (!model)
        return;
    const auto again = packToMemory(*model);
    fuzz::require(again.has_value(), "what was read can be written");
    const auto second = readPackedBytes(*again, "fuzz");
    fuzz::require(second.has_value() && packToMemory(*second) && *packToMemory(*second) == *again, "and read again, the same");
}

/// The input with good checksums, and with its descriptions, which stand there as they are, deflated: else no
/// change would get past these two.
support::Bytes repaired(std::span<const std::byte> input)
{
    support::Bytes file = support::head();
    constexpr std::size_t kHead = 16;
    for (std::size_t at = kHead; at + kHead <= input.size();) {
        const std::string type{reinterpret_cast<const char *>(input.data()) + at, 4};
        const auto left = input.size() - at - kHead;
        const auto length =
            std::min<std::size_t>(std::to_integer<std::size_t>(input[at + 4]) | std::to_integer<std::size_t>(input[at + 5]) << 8, left);
        const auto content = input.subspan(at + kHead, length);
        support::Bytes bytes{content.begin(), content.end()};
        if (type == "NETW" || type == "PROV" || type == "INDX")
            bytes = support::deflatedField(bytes);
        file = support::fileOf({{type, std::move(bytes)}}, std::move(file));
        at += kHead + length;
    }
    return file;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto input = std::as_bytes(std::span{data, size});
    readAndCheck(input);
    readAndCheck(repaired(input));
    return 0;
}
