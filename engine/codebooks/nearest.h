// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/core/vectors.h"
#include <cstdint>
#include <span>
#include <vector>

namespace engine {

namespace lanes {
struct Cells;
}

/// What one pass over some weights W with representatives r (k) and task gradient g yields; passes over parts add up.
/// With d_i = w_i − r_a(i):
struct NearestSums {
    double squaredDistance = 0;               ///< Σ_i d_i²; the regularizer is R = ½ of it
    double absoluteDistance = 0;              ///< Σ_i |d_i|
    double squaredGradient = 0;               ///< Σ_i g_i², before the pull is added
    std::vector<std::uint64_t> occupancy;     ///< (k) n_j
    std::vector<double> weightSum;            ///< (k) Σ_{a(i)=j} w_i
    std::vector<double> gradientSum;          ///< (k) Σ_{a(i)=j} g_i: the cumulative gradient ∂L/∂r_j of a snapped forward

    explicit NearestSums(std::size_t k = 0) : occupancy(k), weightSum(k), gradientSum(k) {}
    NearestSums &operator+=(const NearestSums &other); ///< requires equal k
};

/// What a pull of one size yields beside NearestSums; s_i = sign d_i, which is 0 on a representative and NaN for a NaN.
struct SignSums {
    double squaredSign = 0;   ///< Σ_i s_i²: how many weights are not on their representative
    std::vector<double> sign; ///< (k) Σ_{a(i)=j} s_i

    explicit SignSums(std::size_t k) : sign(k) {}
};

/// Where results go, a hint. Memory spares the caches, which pays for more than fits them: the old contents
/// are not read first. Large codebooks, whose search takes longer than the writing, and unaligned memory use
/// the caches all the same.
enum class Destination { Cache, Memory };

/// The nearest-representative cells of one codebook, prepared for passes over many weights. Cell borders are
/// the midpoints of neighbours; a weight on a border belongs to the lower index, and the lowest of equal
/// representatives takes all their weights. A NaN falls into cell 0 and makes the sums NaN.
/// Source: S. Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28(2), 1982.
/// Const functions may run on several threads at once.
class NearestCells {
public:
    /// Requires: 1 <= k <= 256 finite values, ascending (equal ones allowed). An older generation of
    /// processors than this one's gives the same codes, values and pulls; the sums differ in their rounding.
    explicit NearestCells(std::span<const float> representatives, Generation generation = newestGeneration());

    std::span<const float> representatives() const noexcept { return m_representatives; }
    /// (k−1) ascending upper borders of cells 0 … k−2; +∞ where all higher representatives are equal.
    std::span<const float> boundaries() const noexcept { return m_boundaries; }
    std::size_t k() const noexcept { return m_representatives.size(); }
    CodeIndex nearest(float weight) const noexcept;

    /// codes[i] = a(i). Requires equal lengths.
    void encode(std::span<const float> weights, std::span<CodeIndex> codes) const;
    /// snapped[i] = r_a(i). Requires equal lengths; the two may be the same memory.
    void snap(std::span<const float> weights, std::span<float> snapped, Destination destination = Destination::Cache) const;
    /// The regularizer's one pass: adds everything in NearestSums to `sums` and the pull λ (w_i − r_a(i)) to
    /// gradient[i]. R(W, r) = ½ Σ_i min_j (w_i − r_j)². Requires equal lengths, sums of size k. O(n) memory
    /// traffic, none allocated.
    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, NearestSums &sums) const;
    /// As `pull` with a pull of the same size at every distance: adds strength · sign(w_i − r_a(i)) to gradient[i].
    void pullSigns(std::span<const float> weights, float strength, std::span<float> gradient, NearestSums &sums, SignSums &signs) const;
    /// As `pull` without a gradient: distances, occupancy and weight sums only.
    void measure(std::span<const float> weights, NearestSums &sums) const;

private:
    void buildTable();
    template <typename Pull>
    void pullEach(std::span<const float> weights, std::span<float> gradient, NearestSums &sums, const Pull &pullAt) const;
    std::size_t search(float weight) const noexcept;
    bool comparesAll() const noexcept;
    lanes::Cells lanesCells() const noexcept; ///< requires comparesAll()

    Generation m_generation;
    std::vector<float> m_representatives; // (k)
    std::vector<float> m_boundaries;      // (k-1)
    std::vector<std::uint8_t> m_table;    // first candidate code of each slice of the boundaries' range; large k only
    float m_tableLow = 0, m_tableScale = 0;
    int m_tableSteps = 0; // compares that are still needed after the table
};

/// Midpoints between neighbours, ascending: where the plot draws cell borders. (k−1)
std::vector<float> cellBoundaries(std::span<const float> representatives);

} // namespace engine
