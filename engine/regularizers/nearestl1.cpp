// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/registry.h"

namespace engine {
namespace {

/// R = σ Σ_i min_j |d_ij|: a pull that does not weaken with the distance. ∂R/∂w_i = σ sign(w_i − r_a(i)), 0 on the
/// representative; ∂R/∂r_j is minus the sum over its members.
class NearestL1 : public Regularizer {
public:
    NearestL1(std::span<const float> representatives, float sigma) : m_cells{representatives}, m_sigma{sigma} {}

    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        NearestSums part{m_cells.k()};
        SignSums signs{m_cells.k()};
        m_cells.pullSigns(weights, lambda * m_sigma, gradient, part, signs);
        const auto sigma = static_cast<double>(m_sigma);
        sums.energy += sigma * part.absoluteDistance;
        sums.squaredPull += sigma * sigma * signs.squaredSign;
        for (std::size_t j = 0; j < m_cells.k(); ++j) {
            sums.slope[j] -= sigma * signs.sign[j];
            sums.mass[j] += static_cast<double>(part.occupancy[j]);
        }
        sums.nearest += part;
    }

private:
    NearestCells m_cells;
    float m_sigma;
};

} // namespace

const RegularizerSpec registry::kNearestL1{
    .name = "nearest-l1",
    .formula = "σ Σᵢ minⱼ |wᵢ − rⱼ|",
    .help =
        "The same pull at every distance, σ times λ: sharper peaks, but weights rattle about their representative by the size of a step.",
    .make = [](std::span<const float> representatives, const RegularizerScale &scale) -> std::unique_ptr<Regularizer> {
        return std::make_unique<NearestL1>(representatives, static_cast<float>(scale.sigma));
    }};

} // namespace engine
