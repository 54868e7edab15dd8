// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/registry.h"

namespace engine {
namespace {

/// R = ½ Σ_i min_j d_ij²: every weight hangs on its representative by a spring. ∂R/∂w_i = w_i − r_a(i),
/// ∂R/∂r_j = n_j r_j − Σ_{a(i)=j} w_i. Source: S. Lloyd, Least squares quantization in PCM, IEEE Trans. Inf.
/// Theory 28(2), 1982.
class NearestL2 : public Regularizer {
public:
    explicit NearestL2(std::span<const float> representatives) : m_cells{representatives} {}

    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        NearestSums part{m_cells.k()};
        m_cells.pull(weights, lambda, gradient, part);
        sums.energy += 0.5 * part.squaredDistance;
        sums.squaredPull += part.squaredDistance;
        for (std::size_t j = 0; j < m_cells.k(); ++j) {
            const auto members = static_cast<double>(part.occupancy[j]);
            sums.slope[j] += members * static_cast<double>(m_cells.representatives()[j]) - part.weightSum[j];
            sums.mass[j] += members;
        }
        sums.nearest += part;
    }

private:
    NearestCells m_cells;
};

} // namespace

const RegularizerSpec registry::kNearestL2{
    .name = "nearest-l2",
    .formula = "½ Σᵢ minⱼ (wᵢ − rⱼ)²",
    .help = "A spring from each weight to its nearest representative: k-means while the network trains. A dead representative stays where "
            "it is.",
    .make = [](std::span<const float> representatives, const RegularizerScale &) -> std::unique_ptr<Regularizer> {
        return std::make_unique<NearestL2>(representatives);
    }};

} // namespace engine
