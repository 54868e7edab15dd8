// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/fingerprint.h"
#include <cstdint>
#include <fmt/format.h>
#include <new>
#include <xxhash.h>

namespace engine {

struct Fingerprint::State {
    State() : xxh{XXH3_createState()}
    {
        if (!xxh)
            throw std::bad_alloc{};
        XXH3_128bits_reset(xxh);
    }
    ~State() { XXH3_freeState(xxh); }
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    XXH3_state_t *xxh;
};

Fingerprint::Fingerprint() : m_state{std::make_unique<State>()} {}
Fingerprint::~Fingerprint() = default;

Fingerprint &Fingerprint::add(std::span<const std::byte> bytes)
{
    XXH3_128bits_update(m_state->xxh, bytes.data(), bytes.size());
    return *this;
}

Fingerprint &Fingerprint::add(std::string_view text)
{
    const std::uint64_t length = text.size();
    return add(std::as_bytes(std::span{&length, 1})).add(std::as_bytes(std::span{text}));
}

std::string Fingerprint::text() const
{
    const auto hash = XXH3_128bits_digest(m_state->xxh);
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

} // namespace engine
