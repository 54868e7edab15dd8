// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/vectors.h"
#include "engine/quantization/regularizers/blocks.h"
#include "engine/quantization/regularizers/registry.h"
#include "engine/quantization/regularizers/vectormath.h"
#include <numbers>

namespace engine {

/// sine_i = sin π f, cosine_i = cos π f, f the fraction of the place between two levels.
CONDENSATE_CLONES
static void waves(const float *places, std::size_t n, float *sine, float *cosine)
{
    constexpr auto pi = static_cast<float>(std::numbers::pi);
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) {
        const float fraction = places[i] - static_cast<float>(static_cast<int>(places[i]));
        sine[i] = ::sinf(pi * fraction);
        cosine[i] = ::cosf(pi * fraction);
    }
}

namespace {

/// R = (Δ²/2π²) Σ_i sin²(π (w_i − b)/Δ) between the outer levels of the grid r_j = b + jΔ; beyond them, where the sine would
/// pull to levels that do not exist, ½ (w_i − r_a(i))². ∂R/∂w_i = (Δ/2π) sin(2π (w_i − b)/Δ).
/// The slopes of b and Δ are spread over the levels: Σ_j ∂R/∂r_j = ∂R/∂b and Σ_j j ∂R/∂r_j = ∂R/∂Δ.
/// Source: A. Elthakeb et al., WaveQ, arXiv 2003.00146, 2020.
class Periodic : public Regularizer {
public:
    explicit Periodic(std::span<const float> representatives)
        : m_cells{representatives}, m_low{representatives.front()}, m_high{representatives.back()},
          m_step{representatives.size() > 1 ? (static_cast<double>(m_high) - m_low) / static_cast<double>(representatives.size() - 1) : 0.0}
    {
    }

    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        RegularizerSums part{m_cells.k()};
        blocks::overBlocks<blocks::Needs::ValuesAndCodes>(m_cells, weights, lambda, gradient, part, [&](const blocks::Block &block) { fill(block, part); });
        for (std::size_t j = 0; j < part.mass.size(); ++j) // a level without members still carries its share of ∂R/∂b and ∂R/∂Δ
            part.mass[j] = static_cast<double>(part.nearest.occupancy[j]) + 1.0;
        sums += part;
    }

private:
    bool isBetweenLevels(float weight) const { return weight > m_low && weight < m_high; }

    void fill(const blocks::Block &block, RegularizerSums &part) const
    {
        std::array<float, blocks::kSize> places, sine, cosine;
        const double inverse = m_step > 0 ? 1.0 / m_step : 0.0;
        const auto last = static_cast<float>(m_cells.k() - 1);
        for (std::size_t i = 0; i < block.size(); ++i) {
            const auto place = static_cast<float>((static_cast<double>(block.weights[i]) - m_low) * inverse);
            places[i] = place > 0 ? std::min(place, last) : 0.0f;
        }
        waves(places.data(), block.size(), sine.data(), cosine.data());
        const double amplitude = m_step / std::numbers::pi, widening = m_step / (std::numbers::pi * std::numbers::pi);
        for (std::size_t i = 0; i < block.size(); ++i) {
            if (!isBetweenLevels(block.weights[i])) {
                const float distance = block.weights[i] - block.nearest[i];
                block.pull[i] = distance;
                part.energy += 0.5 * static_cast<double>(distance) * distance;
                part.slope[block.codes[i]] -= static_cast<double>(distance);
                continue;
            }
            const double pull = amplitude * static_cast<double>(sine[i]) * cosine[i];
            const double square = static_cast<double>(sine[i]) * sine[i];
            block.pull[i] = static_cast<float>(pull);
            part.energy += 0.5 * amplitude * amplitude * square;
            const auto below = std::min(static_cast<std::size_t>(places[i]), m_cells.k() - 2);
            const double fraction = static_cast<double>(places[i]) - static_cast<double>(below);
            part.slope[below] -= (1.0 - fraction) * pull;
            part.slope[below + 1] -= fraction * pull;
            const double stretch = widening * square / static_cast<double>(last);
            part.slope.front() -= stretch; // the amplitude grows with Δ
            part.slope.back() += stretch;
        }
    }

    NearestCells m_cells;
    float m_low, m_high;
    double m_step; ///< Δ
};

} // namespace

const RegularizerSpec registry::kPeriodic{
    .name = "periodic",
    .formula = "(Δ²/2π²) Σᵢ sin²(π (wᵢ − b)/Δ)",
    .help = "A wave whose valleys are the levels of a uniform grid; its step Δ and offset b are learnt. Beyond the outer levels a spring.",
    .isGrid = true,
    .make = [](std::span<const float> representatives, const RegularizerScale &) -> std::unique_ptr<Regularizer> {
        return std::make_unique<Periodic>(representatives);
    }};

} // namespace engine
