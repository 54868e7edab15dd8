// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace engine {

/// Tells data apart: 128 bits of XXH3, which runs at the speed of memory. Finds what changed by accident; it is no seal
/// against somebody who wants two alike.
class Fingerprint {
public:
    Fingerprint();
    ~Fingerprint();
    Fingerprint(const Fingerprint &) = delete;
    Fingerprint &operator=(const Fingerprint &) = delete;

    Fingerprint &add(std::span<const std::byte> bytes);
    /// With its length, so that "ab", "c" and "a", "bc" differ.
    Fingerprint &add(std::string_view text);
    /// Of what was added so far: 32 hexadecimal digits.
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace engine
