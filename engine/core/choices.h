// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameterspec.h"
#include <cstdint>
#include <string_view>

namespace engine {

/// What the choices of a parameter mean to the program; in the order of the table, which checks it. Texts stay at the
/// edges: files, flags, fields. The parameters of single layers have the same.

enum class ForwardPass : std::uint8_t { Snapped, Latent, Float };                         ///< parameter `forward`
enum class CodebookScope : std::uint8_t { Layer, Channels, Unified };                     ///< `scope`
enum class MixingRule : std::uint8_t { Uniform, Learnt };                                 ///< `mixing`
enum class Initialiser : std::uint8_t { KMeans, Linear, Percentile, Quantile, UniformZero }; ///< `init`
enum class DeadRule : std::uint8_t { Keep, Revive, Drop };                                ///< `dead`
enum class RampShape : std::uint8_t { Exponential, Linear };                              ///< `ramp`
enum class OptimizerKind : std::uint8_t { Sgd, Adam };                                    ///< `optimizer`
enum class RateSchedule : std::uint8_t { Cosine, Step, Constant };                        ///< `schedule`
enum class Augmentation : std::uint8_t { Auto, PadCropFlip, PadCrop, None };              ///< `augment`

/// The parameter that has these choices.
template <typename Choice>
inline constexpr ParameterId kParameterOf = ParameterId::Count_;
template <>
inline constexpr ParameterId kParameterOf<ForwardPass> = ParameterId::Forward;
template <>
inline constexpr ParameterId kParameterOf<CodebookScope> = ParameterId::Scope;
template <>
inline constexpr ParameterId kParameterOf<MixingRule> = ParameterId::Mixing;
template <>
inline constexpr ParameterId kParameterOf<Initialiser> = ParameterId::Initialiser;
template <>
inline constexpr ParameterId kParameterOf<DeadRule> = ParameterId::Dead;
template <>
inline constexpr ParameterId kParameterOf<RampShape> = ParameterId::Ramp;
template <>
inline constexpr ParameterId kParameterOf<OptimizerKind> = ParameterId::Optimizer;
template <>
inline constexpr ParameterId kParameterOf<RateSchedule> = ParameterId::Schedule;
template <>
inline constexpr ParameterId kParameterOf<Augmentation> = ParameterId::Augment;

/// Place of a text among the choices of a parameter. Requires: one of them.
std::size_t choicePlace(ParameterId id, std::string_view text);
std::string_view choiceText(ParameterId id, std::size_t place);

/// The text that stands for a choice: textOf(DeadRule::Drop) is "drop".
template <typename Choice>
std::string_view textOf(Choice choice)
{
    return choiceText(kParameterOf<Choice>, static_cast<std::size_t>(choice));
}
/// Requires: a text of the table's.
template <typename Choice>
Choice choiceOf(std::string_view text)
{
    return static_cast<Choice>(choicePlace(kParameterOf<Choice>, text));
}

} // namespace engine
