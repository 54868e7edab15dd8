// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantizers/kmeans.h"
#include "engine/codebooks/initialiser.h"
#include "engine/quantizers/registry.h"

namespace engine {
namespace {

constexpr int kMostRounds = 1000;

double energy(const SortedWeights &sorted, std::span<const WeightCell> cells)
{
    double sum = 0;
    for (const WeightCell &cell : cells)
        sum += sorted.spread(cell.from, cell.to);
    return sum;
}

QuantizedWeights quantizeKMeans(std::span<const float> weights, const QuantizerOptions &options)
{
    const SortedWeights sorted{weights};
    std::vector<double> objectives;
    const auto cells = kMeansCells(sorted, options.k, &objectives);
    QuantizedWeights quantized = fromCells(weights, sorted, cells);
    quantized.objectives = std::move(objectives);
    return quantized;
}

} // namespace

std::vector<WeightCell> kMeansCells(const SortedWeights &sorted, int k, std::vector<double> *objectives)
{
    const auto start = initialCodebook(Initialiser::KMeans, sorted.ascending(), k);
    std::vector<double> values(start.begin(), start.end());
    const std::vector<double> free(values.size(), 0.0);
    std::vector<WeightCell> cells;
    for (int round = 0; round < kMostRounds; ++round) {
        auto next = cheapestCells(sorted, values, std::span{free}.first(values.size()));
        moveToMeans(sorted, next);
        if (next == cells)
            break;
        cells = std::move(next);
        if (objectives)
            objectives->push_back(energy(sorted, cells));
        values.clear();
        for (const WeightCell &cell : cells)
            values.push_back(cell.value);
    }
    return cells;
}

const QuantizerSpec registry::kKMeans{
    .name = "kmeans",
    .formula = "min Σᵢ minⱼ (wᵢ − rⱼ)²",
    .help = "Weight sharing: the cells with the least squared error, each with the mean of its weights.",
    .quantize = quantizeKMeans};

} // namespace engine
