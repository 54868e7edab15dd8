// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace engine {

/// Every quantity a user can set. The table behind it (`parameterTable`) is the only place that knows
/// key, range, default and help text; flags, panel fields, HDF5 attributes and help pages come from it.
enum class ParameterId : std::uint8_t {
    Data,
    Model,
    StartWeights,
    CodebookSize,
    Scope,
    ChannelGroups,
    Lambda,
    Regularizer,
    Mixing,
    Forward,
    Initialiser,
    Entropy,
    Repulsion,
    PinZero,
    Symmetric,
    Dead,
    Layers,
    Epochs,
    WarmupShare,
    CommitShare,
    Ramp,
    RampStart,
    RampShare,
    TemperatureStart,
    TemperatureEnd,
    Optimizer,
    LearningRate,
    ClusterRate,
    RepresentativeRate,
    Schedule,
    RateRise,
    Momentum,
    WeightDecay,
    BatchSize,
    Augment,
    ValidationShare,
    Seed,
    Threads,
    FrameInterval,
    SnappedInterval,
    SnappedSubset,
    AutosaveMinutes,
    Count_
};

/// When a change takes hold in a run that is going on.
enum class Change {
    Live,        ///< from the next step
    BeforeStart, ///< only until training has begun; afterwards the answer is NeedsRestart
};

struct RealRange   { double initial; double min; double max; bool logarithmic = false; };
struct WholeRange  { std::int64_t initial; std::int64_t min; std::int64_t max; };
struct ChoiceRange {
    std::string_view initial;
    std::span<const std::string_view> choices;
    std::string_view filePrefix = {}; ///< beside the choices, this and the path of a file; empty: nothing else
};
struct TextRange   { std::string_view initial; }; ///< may be left empty if that is its default
using ParameterRange = std::variant<RealRange, WholeRange, ChoiceRange, TextRange>;

/// One row of the table. `key` is the flag (`--key`), the HDF5 attribute and the recipe key: file format,
/// never renamed without an alias. `label` is what the window shows, `unit` stands behind the field (may be
/// empty), `help` is the tooltip.
struct ParameterSpec {
    ParameterId id;
    std::string_view key;
    std::string_view label;
    std::string_view group;
    std::string_view unit;
    ParameterRange range;
    Change change;
    std::string_view help;
};

using ParameterValue = std::variant<double, std::int64_t, std::string>;

/// All rows, in the order of ParameterId, which is also the order of panel and help.
std::span<const ParameterSpec> parameterTable() noexcept;
const ParameterSpec &spec(ParameterId id) noexcept;
/// The row with this key, or nullptr.
const ParameterSpec *findParameter(std::string_view key) noexcept;

/// Text of a value as the command line accepts it and files store it; reals are written so that they read back equal.
std::string toText(const ParameterValue &value);
/// Reads a value for this row. Errors: BadValue, naming key, value found and what is allowed.
Result<ParameterValue> parseValue(const ParameterSpec &row, std::string_view text);
/// Type and range check. Errors: BadValue, naming key, value found and what is allowed.
Result<void> validate(const ParameterSpec &row, const ParameterValue &value);

} // namespace engine
