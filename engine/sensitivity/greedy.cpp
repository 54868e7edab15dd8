// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/allocation.h"
#include <algorithm>
#include <limits>

namespace engine {
namespace {

/// Rises and drops that never fall as k does.
std::vector<AllocationOptions> monotone(std::span<const AllocationOptions> layers)
{
    std::vector<AllocationOptions> result(layers.begin(), layers.end());
    for (auto &options : result) {
        for (std::size_t option = options.size() - 1; option-- > 0;) {
            options[option].lossRise = std::max(options[option].lossRise, options[option + 1].lossRise);
            options[option].accuracyDrop = std::max(options[option].accuracyDrop, options[option + 1].accuracyDrop);
        }
    }
    return result;
}

struct Move {
    std::size_t layer = 0, option = 0;
    double price = std::numeric_limits<double>::infinity(); // loss for a byte
};

class Greedy {
public:
    explicit Greedy(std::span<const AllocationOptions> layers) : m_layers{monotone(layers)}
    {
        for (const auto &options : m_layers)
            m_chosen.push_back(options.size() - 1);
    }

    double total(double AllocationOption::*of) const
    {
        double sum = 0;
        for (std::size_t layer = 0; layer < m_layers.size(); ++layer)
            sum += m_layers[layer][m_chosen[layer]].*of;
        return sum;
    }

    /// The cheapest way to fewer bytes among those that are allowed; price infinite where there is none.
    template <typename Allowed>
    Move cheapest(const Allowed &allowed) const
    {
        Move best;
        for (std::size_t layer = 0; layer < m_layers.size(); ++layer) {
            const AllocationOption &now = m_layers[layer][m_chosen[layer]];
            for (std::size_t option = 0; option < m_chosen[layer]; ++option) {
                const AllocationOption &then = m_layers[layer][option];
                const double saved = now.bytes - then.bytes;
                if (saved <= 0 || !allowed(then.accuracyDrop - now.accuracyDrop))
                    continue;
                const double price = (then.lossRise - now.lossRise) / saved;
                // of equal prices the smallest step
                if (price < best.price || (price == best.price && layer == best.layer))
                    best = {layer, option, price};
            }
        }
        return best;
    }

    void take(const Move &move) { m_chosen[move.layer] = move.option; }
    const std::vector<std::size_t> &chosen() const { return m_chosen; }

private:
    std::vector<AllocationOptions> m_layers;
    std::vector<std::size_t> m_chosen;
};

} // namespace

AllocationChoice chooseForBytes(std::span<const AllocationOptions> layers, double bytes)
{
    Greedy greedy{layers};
    while (greedy.total(&AllocationOption::bytes) > bytes) {
        const Move move = greedy.cheapest([](double) { return true; });
        if (move.price == std::numeric_limits<double>::infinity())
            return {greedy.chosen(), false};
        greedy.take(move);
    }
    return {greedy.chosen(), true};
}

AllocationChoice chooseForAccuracy(std::span<const AllocationOptions> layers, double drop)
{
    Greedy greedy{layers};
    const auto dropped = [&] { return greedy.total(&AllocationOption::accuracyDrop); };
    if (dropped() > drop)
        return {greedy.chosen(), false};
    while (true) {
        const double left = drop - dropped();
        const Move move = greedy.cheapest([left](double more) { return more <= left + 1e-12; });
        if (move.price == std::numeric_limits<double>::infinity())
            return {greedy.chosen(), true};
        greedy.take(move);
    }
}

} // namespace engine
