// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/regularizers/blocks.h"
#include "engine/quantization/regularizers/registry.h"

namespace engine {
namespace {

/// R = σ Σ_i min_j |d_ij|: a pull that does not weaken with the distance. ∂R/∂w_i = σ sign(w_i − r_a(i)), 0 on the
/// representative; ∂R/∂r_j is minus the sum over its members.
class NearestL1 : public Regularizer {
public:
    NearestL1(std::span<const float> representatives, float sigma) : m_cells{representatives}, m_sigma{sigma} {}

    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        RegularizerSums part{m_cells.k()};
        blocks::overBlocks<blocks::Needs::ValuesAndCodes>(m_cells, weights, lambda, gradient, part, [&](const blocks::Block &block) {
            for (std::size_t i = 0; i < block.size(); ++i) {
                const float distance = block.weights[i] - block.nearest[i];
                block.pull[i] = distance > 0 ? m_sigma : distance < 0 ? -m_sigma : 0.0f * distance; // a NaN stays one
                part.slope[block.codes[i]] -= static_cast<double>(block.pull[i]);
            }
        });
        part.energy = static_cast<double>(m_sigma) * part.nearest.absoluteDistance;
        std::ranges::copy(part.nearest.occupancy, part.mass.begin());
        sums += part;
    }

private:
    NearestCells m_cells;
    float m_sigma;
};

} // namespace

const RegularizerSpec registry::kNearestL1{
    .name = "nearest-l1",
    .formula = "σ Σᵢ minⱼ |wᵢ − rⱼ|",
    .help = "The same pull at every distance, σ times λ: sharper peaks, but weights rattle about their representative by the size of a step.",
    .make = [](std::span<const float> representatives, const RegularizerScale &scale) -> std::unique_ptr<Regularizer> {
        return std::make_unique<NearestL1>(representatives, static_cast<float>(scale.sigma));
    }};

} // namespace engine
