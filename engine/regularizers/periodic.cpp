// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/vectors.h"
#include "engine/regularizers/blocks.h"
#include "engine/regularizers/registry.h"
#include "engine/regularizers/vectormath.h"
#include <numbers>

namespace engine {

constexpr std::size_t kFewLevels = 8; // up to here comparing with all of them is the faster way

/// The levels of a codebook as an axis on which they lie at 0 … last.
struct GridAxis {
    float low, high;
    float inverseStep; ///< 1/Δ; 0 where all levels are one
    float last;        ///< k − 1
    float amplitude;   ///< Δ/π
};

/// Where the weights of a block lie on the axis, those beyond the outer levels on these, and what pulls at them there.
struct Waves {
    std::array<float, blocks::kSize> cell, fraction; ///< the level below, and how far the weight is from there to the next
    std::array<float, blocks::kSize> wave;           ///< (Δ/π) sin πf cos πf: 0 beyond the outer levels
    float squaredSine, below, above, squaredBeyond;  ///< Σ sin² πf, and Σ d_i and Σ d_i² beyond the lowest and highest level
};

/// Fills `waves` and the pull of n weights.
CONDENSATE_CLONES
static void fillWaves(const float *weights, std::size_t n, const GridAxis axis, Waves &waves, float *pull)
{
    constexpr auto pi = static_cast<float>(std::numbers::pi);
    float *cell = waves.cell.data(), *fraction = waves.fraction.data(), *wave = waves.wave.data();
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) {
        float place = (weights[i] - axis.low) * axis.inverseStep;
        place = place > 0.0f ? place : 0.0f; // a NaN, too
        place = place < axis.last ? place : axis.last;
        cell[i] = static_cast<float>(static_cast<int>(place));
        fraction[i] = place - cell[i];
    }
    float squaredSine = 0, below = 0, above = 0, squaredBeyond = 0;
#pragma omp simd
    for (std::size_t i = 0; i < n; ++i) // a loop of its own: out of both in one the compiler makes sincosf, which is none of vectors
        wave[i] = axis.amplitude * ::cosf(pi * fraction[i]);
#pragma omp simd reduction(+ : squaredSine)
    for (std::size_t i = 0; i < n; ++i) {
        const float sine = ::sinf(pi * fraction[i]);
        wave[i] *= sine;
        squaredSine += sine * sine;
    }
#pragma omp simd reduction(+ : below, above, squaredBeyond)
    for (std::size_t i = 0; i < n; ++i) {
        const float lower = weights[i] > axis.low ? 0.0f : weights[i] - axis.low; // a NaN stays one
        const float upper = weights[i] < axis.high ? 0.0f : weights[i] - axis.high;
        below += lower;
        above += upper;
        squaredBeyond += (lower + upper) * (lower + upper);
        pull[i] = wave[i] + (lower + upper);
    }
    waves.squaredSine = squaredSine;
    waves.below = below;
    waves.above = above;
    waves.squaredBeyond = squaredBeyond;
}

/// slope_j −= Σ_i hat_j · wave_i, where hat_j falls from 1 on level j to 0 on its neighbours. Every cell is
/// compared with every weight.
CONDENSATE_CLONES
static void spreadOverFew(const Waves &waves, std::size_t n, std::span<double> slope)
{
    const float *cells = waves.cell.data(), *fraction = waves.fraction.data(), *wave = waves.wave.data();
    for (std::size_t j = 0; j + 1 < slope.size(); ++j) {
        const auto cell = static_cast<float>(j);
        float all = 0, toUpper = 0;
#pragma omp simd reduction(+ : all, toUpper)
        for (std::size_t i = 0; i < n; ++i) {
            const float own = cells[i] == cell ? wave[i] : 0.0f;
            all += own;
            toUpper += own * fraction[i];
        }
        slope[j] -= static_cast<double>(all - toUpper);
        slope[j + 1] -= static_cast<double>(toUpper);
    }
}

/// The same, weight by weight.
static void spreadOverMany(const Waves &waves, std::size_t n, std::span<double> slope)
{
    for (std::size_t i = 0; i < n; ++i) {
        const auto below = std::min(static_cast<std::size_t>(waves.cell[i]), slope.size() - 2);
        const float toUpper = waves.fraction[i] * waves.wave[i];
        slope[below] -= static_cast<double>(waves.wave[i] - toUpper);
        slope[below + 1] -= static_cast<double>(toUpper);
    }
}

namespace {

/// R = (Δ²/2π²) Σ_i sin²(π (w_i − b)/Δ) between the outer levels of the grid r_j = b + jΔ; beyond them, where
/// the sine would pull to levels that do not exist, ½ (w_i − r_a(i))². ∂R/∂w_i = (Δ/2π) sin(2π (w_i − b)/Δ).
/// The slopes of b and Δ are spread over the levels: Σ_j ∂R/∂r_j = ∂R/∂b and Σ_j j ∂R/∂r_j = ∂R/∂Δ.
/// Source: A. Elthakeb et al., WaveQ, arXiv 2003.00146, 2020.
class Periodic : public Regularizer {
public:
    explicit Periodic(std::span<const float> representatives)
        : m_cells{representatives}, m_highest{m_cells.nearest(representatives.back())},
          m_step{(static_cast<double>(representatives.back()) - representatives.front()) /
                 std::max(1.0, static_cast<double>(representatives.size()) - 1.0)},
          m_axis{.low = representatives.front(),
                 .high = representatives.back(),
                 .inverseStep = m_step > 0 ? static_cast<float>(1.0 / m_step) : 0.0f,
                 .last = static_cast<float>(representatives.size() - 1),
                 .amplitude = static_cast<float>(m_step / std::numbers::pi)}
    {
    }

    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        RegularizerSums part{m_cells.k()};
        blocks::overBlocks<blocks::Needs::Nothing>(m_cells, weights, lambda, gradient, part,
                                                   [&](const blocks::Block &block) { fill(block, part); });
        for (std::size_t j = 0; j < part.mass.size(); ++j) // a level without members still carries its share of ∂R/∂b and ∂R/∂Δ
            part.mass[j] = static_cast<double>(part.nearest.occupancy[j]) + 1.0;
        sums += part;
    }

private:
    void fill(const blocks::Block &block, RegularizerSums &part) const
    {
        Waves waves;
        fillWaves(block.weights.data(), block.size(), m_axis, waves, block.pull);
        const double unit = m_step / std::numbers::pi, squares = static_cast<double>(waves.squaredSine);
        part.energy += 0.5 * (unit * unit * squares + static_cast<double>(waves.squaredBeyond));
        part.slope.front() -= static_cast<double>(waves.below);
        part.slope[m_highest] -= static_cast<double>(waves.above);
        if (m_cells.k() == 1)
            return;
        const double stretch = unit * squares / std::numbers::pi / static_cast<double>(m_axis.last);
        part.slope.front() -= stretch; // the amplitude grows with Δ
        part.slope.back() += stretch;
        (m_cells.k() <= kFewLevels ? spreadOverFew : spreadOverMany)(waves, block.size(), part.slope);
    }

    NearestCells m_cells;
    std::size_t m_highest; ///< the code of what lies above all levels
    double m_step;         ///< Δ
    GridAxis m_axis;
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
