// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/vectors.h"
#include "engine/quantization/regularizers/registry.h"
#include "engine/quantization/regularizers/shared.h"
#include "engine/quantization/regularizers/vectormath.h"

namespace engine {

/// In units of σ: terms_j = d_j² + ε; logarithms of two terms at a time. Returns Σ R.
CONDENSATE_CLONES
static float productBlock(const SharedBlock b, float epsilon)
{
    const float *weights = b.weights;
    const float inverseSigma = b.inverseSigma;
    float *total = b.total;
    for (std::size_t j = 0; j < b.k; ++j) {
        float *terms = b.terms + j * blocks::kSize;
        const float r = b.representatives[j];
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i) {
            const float d = (weights[i] - r) * inverseSigma;
            terms[i] = d * d + epsilon;
        }
    }
    for (std::size_t j = 0; j + 1 < b.k; j += 2) {
        const float *terms = b.terms + j * blocks::kSize, *others = terms + blocks::kSize;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            total[i] += ::logf(terms[i] * others[i]);
    }
    if (b.k % 2 == 1) {
        const float *terms = b.terms + (b.k - 1) * blocks::kSize;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            total[i] += ::logf(terms[i]);
    }
    const float share = 1.0f / static_cast<float>(b.k);
    float energy = 0;
#pragma omp simd reduction(+ : energy)
    for (std::size_t i = 0; i < b.n; ++i) {
        const float mean = ::expf(total[i] * share);
        energy += 0.5f * mean;
        total[i] = mean * share;
    }
    pullShared(b, [](float term, float strength) { return strength / term; });
    return energy;
}

namespace {

/// R = ½ Σ_i exp((1/k) Σ_j log(d_ij² + ε)), ε = 0.01 σ²: the geometric mean P_i of the squared distances.
/// q_ij = P_i ÷ (k (d_ij² + ε)).
class Product : public Regularizer {
public:
    Product(std::span<const float> representatives, double sigma) : m_cells{representatives}, m_sigma{sigma} {}

    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        sharedPull<blocks::Needs::Nothing>(m_cells, m_sigma, weights, lambda, gradient, sums,
                   [](const SharedBlock &block) { return productBlock(block, kSoftening); });
    }

private:
    NearestCells m_cells;
    double m_sigma;
};

} // namespace

const RegularizerSpec registry::kProduct{
    .name = "product",
    .formula = "½ Σᵢ exp((1/k) Σⱼ log((wᵢ − rⱼ)² + ε))",
    .help = "The geometric mean of the squared distances: every representative feels every weight, and a weight is content near any of them.",
    .make = [](std::span<const float> representatives, const RegularizerScale &scale) -> std::unique_ptr<Regularizer> {
        return std::make_unique<Product>(representatives, scale.sigma);
    }};

} // namespace engine
