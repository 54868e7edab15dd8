// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/choices.h"
#include "engine/core/layerrules.h"
#include "engine/core/parameterspec.h"
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// A rule between parameters that is broken.
struct Conflict {
    ParameterId id; ///< the parameter to change; another one may do, too
    std::string text; ///< a sentence: which, expected, found
};

/// The full set of values of one run; always complete and each value in range.
class Settings {
public:
    Settings(); ///< all defaults

    /// Errors: BadValue, as `validate`; the set is then unchanged.
    Result<void> set(ParameterId id, ParameterValue value);
    Result<void> setText(ParameterId id, std::string_view text);

    const ParameterValue &value(ParameterId id) const noexcept;
    double real(ParameterId id) const;
    std::int64_t whole(ParameterId id) const;
    const std::string &text(ParameterId id) const;
    bool isOn(ParameterId id) const; ///< of a switch, whose choices are off and on
    /// The value of the parameter whose choices `Choice` lists: `settings.choice<ForwardPass>()`.
    template <typename Choice>
    Choice choice() const
    {
        return static_cast<Choice>(place(kParameterOf<Choice>));
    }
    template <typename Choice>
    void setChoice(Choice choice)
    {
        setPlace(kParameterOf<Choice>, static_cast<std::size_t>(choice));
    }

    /// The parameter `layers`, read.
    const LayerRules &layerRules() const noexcept { return m_layerRules; }
    void setLayerRules(LayerRules rules);
    LayerSettings layer(std::string_view name) const; ///< what a layer of this name is quantized with

    /// Rules that involve more than one parameter and are broken (warm-up plus commit share at most 1; k odd
    /// for a symmetric codebook with a zero; no entropy term and no tending of dead representatives where
    /// layers share a codebook).
    std::vector<Conflict> conflicts() const;
    /// Errors: BadValue, with the first of the conflicts.
    Result<void> checkTogether() const;

    bool operator==(const Settings &) const = default;

private:
    std::size_t place(ParameterId id) const; ///< of its value among its choices
    void setPlace(ParameterId id, std::size_t place);

    std::array<ParameterValue, static_cast<std::size_t>(ParameterId::Count_)> m_values;
    LayerRules m_layerRules; ///< what m_values says as text
};

} // namespace engine
