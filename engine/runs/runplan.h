// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/choices.h"
#include "engine/core/result.h"
#include "engine/messages/commands.h"
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// The label of the float network that others are compared with.
inline constexpr std::string_view kReferenceLabel = "reference";

/// One run of those that are made in a folder.
struct Leg {
    std::string label;      ///< kReferenceLabel, or the forward pass
    ForwardPass forward{};
    bool isMain = false;    ///< whose files have no label
    bool operator==(const Leg &) const = default;
};

/// Which runs are made in a folder, in order, and what they begin with. Several share the warm-up of the
/// first, the main one.
struct RunPlan {
    std::vector<Leg> legs; ///< at least one
    std::optional<std::filesystem::path> branch; ///< a snapshot that all of them leave
    std::vector<SetParameter> changes;           ///< there
    bool operator==(const RunPlan &) const = default;
};

enum class Compared {
    Nothing,
    Reference, ///< with the float network of the same recipe
    All        ///< with that and the other forward pass
};
/// The main leg is the first one, and has the forward pass `chosen`: what is left of its warm-up is as asked for.
std::vector<Leg> legsOf(ForwardPass chosen, Compared compared);

/// As TOML. `name` is what errors call the text. Errors: BadFormat, TooNew, BadValue.
std::string planText(const RunPlan &plan);
Result<RunPlan> parsePlan(std::string_view text, std::string_view name);
/// Errors: also NotFound, Unreadable.
Result<RunPlan> readPlan(const std::filesystem::path &file);

} // namespace engine
