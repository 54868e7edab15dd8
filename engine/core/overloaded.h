// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace engine {

/// Several lambdas as one visitor: std::visit(Overloaded{[](const A &) { … }, [](const auto &) { … }}, variant).
template <typename... Visitors>
struct Overloaded : Visitors... {
    using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>; // clang before 17 asks for it

} // namespace engine
