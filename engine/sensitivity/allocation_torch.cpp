// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/guarded.h"
#include "engine/core/ids.h"
#include "engine/sensitivity/allocation.h"
#include "engine/sensitivity/layerbench_torch.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

constexpr auto kWhat = "Allocation";

class Allocator {
public:
    Allocator(LayerBench &bench, Step step, const AllocationRequest &request, const SensitivityProgress &progress)
        : m_bench{bench}, m_step{step}, m_request{request},
          m_progress{progress}, m_latent{bench.latent()}, m_floats{4.0 * static_cast<double>(bench.description().floatParameters)},
          m_all{bench.kernels() * request.candidates.size() + 2 + static_cast<std::size_t>(std::max(0, request.refinements))}
    {
    }

    Result<Allocation> run(const AllocationPreview &preview);

private:
    struct Measured {
        std::vector<std::size_t> options;
        Scores scores;
    };

    bool report() { return !m_progress || m_progress(++m_done, m_all); }
    bool measureOptions();
    void useKMeans(std::size_t kernel, int k);
    double entropyBytes(std::size_t kernel) const;
    Scores measure(const std::vector<std::size_t> &options);
    double bytesOf(const std::vector<std::size_t> &options) const;
    double riseOf(const std::vector<std::size_t> &options) const;
    void exchange(Measured &best);
    void holdAccuracy(Measured &best);
    std::vector<std::vector<std::size_t>> exchanges(const std::vector<std::size_t> &options) const;
    std::optional<std::vector<std::size_t>> step(const std::vector<std::size_t> &options, int direction) const;
    Allocation result(const Measured &best) const;

    LayerBench &m_bench;
    const Step m_step;
    const AllocationRequest &m_request;
    const SensitivityProgress &m_progress;
    const Scores m_latent;
    const double m_floats; // bytes of what stays float
    const std::size_t m_all;
    std::size_t m_done = 0;
    bool m_goesOn = true;
    std::vector<AllocationOptions> m_options; // by kernel: a layer, or all its ranges of channels, since a rule is for these together
};

void Allocator::useKMeans(std::size_t kernel, int k)
{
    for (const std::size_t layer : m_bench.layersOf(kernel))
        m_bench.useKMeans(layer, k);
}

double Allocator::entropyBytes(std::size_t kernel) const
{
    double bytes = 0;
    for (const std::size_t layer : m_bench.layersOf(kernel))
        bytes += layerSize(m_bench.layer(layer).measure().occupancy).entropyBytes;
    return bytes;
}

bool Allocator::measureOptions()
{
    if (!(m_goesOn = report()))
        return false;
    for (std::size_t kernel = 0; kernel < m_bench.kernels(); ++kernel) {
        AllocationOptions options;
        for (const int k : m_request.candidates) {
            useKMeans(kernel, k);
            const Scores scores = m_bench.kernelAlone(kernel);
            options.push_back({.k = k,
                               .bytes = entropyBytes(kernel),
                               .lossRise = scores.loss - m_latent.loss,
                               .accuracyDrop = m_latent.accuracy - scores.accuracy});
            if (!(m_goesOn = report()))
                return false;
        }
        m_options.push_back(std::move(options));
    }
    return true;
}

Scores Allocator::measure(const std::vector<std::size_t> &options)
{
    for (std::size_t kernel = 0; kernel < options.size(); ++kernel)
        useKMeans(kernel, m_options[kernel][options[kernel]].k);
    const Scores scores = m_bench.snapped();
    m_goesOn = report();
    return scores;
}

double Allocator::bytesOf(const std::vector<std::size_t> &options) const
{
    double bytes = m_floats;
    for (std::size_t layer = 0; layer < options.size(); ++layer)
        bytes += m_options[layer][options[layer]].bytes;
    return bytes;
}

double Allocator::riseOf(const std::vector<std::size_t> &options) const
{
    double rise = 0;
    for (std::size_t layer = 0; layer < options.size(); ++layer)
        rise += m_options[layer][options[layer]].lossRise;
    return rise;
}

/// One layer up by an option and, where the budget asks for it, another down: the most promising first.
std::vector<std::vector<std::size_t>> Allocator::exchanges(const std::vector<std::size_t> &options) const
{
    std::vector<std::vector<std::size_t>> found;
    for (std::size_t up = 0; up < options.size(); ++up) {
        if (options[up] + 1 >= m_options[up].size())
            continue;
        auto more = options;
        ++more[up];
        if (bytesOf(more) <= *m_request.bytes)
            found.push_back(more);
        for (std::size_t down = 0; down < options.size(); ++down) {
            auto both = more;
            if (down == up || both[down]-- == 0)
                continue;
            if (bytesOf(both) <= *m_request.bytes)
                found.push_back(std::move(both));
        }
    }
    std::ranges::stable_sort(found, {}, [this](const auto &each) { return riseOf(each); });
    return found;
}

void Allocator::exchange(Measured &best)
{
    int left = m_request.refinements;
    for (bool improved = true; improved && left > 0 && m_goesOn;) {
        improved = false;
        for (const auto &options : exchanges(best.options)) {
            if (left-- <= 0 || !m_goesOn)
                break;
            const Scores scores = measure(options);
            if (scores.loss < best.scores.loss) {
                best = {options, scores};
                improved = true;
                break;
            }
        }
    }
}

/// The step of one layer by one option that gives most loss for its bytes (up), or takes least (down).
std::optional<std::vector<std::size_t>> Allocator::step(const std::vector<std::size_t> &options, int direction) const
{
    std::optional<std::vector<std::size_t>> best;
    double bestPrice = 0;
    for (std::size_t layer = 0; layer < options.size(); ++layer) {
        const auto to = static_cast<std::ptrdiff_t>(options[layer]) + direction;
        if (to < 0 || to >= static_cast<std::ptrdiff_t>(m_options[layer].size()))
            continue;
        const AllocationOption &now = m_options[layer][options[layer]], &then = m_options[layer][static_cast<std::size_t>(to)];
        const double price = (then.lossRise - now.lossRise) / std::max(1.0, direction * (then.bytes - now.bytes));
        if (best && price >= bestPrice)
            continue;
        best = options;
        (*best)[layer] = static_cast<std::size_t>(to);
        bestPrice = price;
    }
    return best;
}

void Allocator::holdAccuracy(Measured &best)
{
    const auto holds = [&](const Measured &each) { return each.scores.accuracy >= *m_request.accuracy; };
    const bool held = holds(best);
    for (int left = m_request.refinements; left > 0 && m_goesOn; --left) {
        const auto options = step(best.options, held ? -1 : 1);
        if (!options)
            return;
        const Measured next{*options, measure(*options)};
        if (held && !holds(next))
            return;
        best = next;
        if (!held && holds(best))
            return;
    }
}

Allocation Allocator::result(const Measured &best) const
{
    Allocation result;
    result.dataName = m_bench.description().dataName;
    result.images = m_bench.images();
    result.step = m_step;
    result.latent = m_latent;
    result.bytes = bytesOf(best.options);
    Scores predicted = m_latent;
    std::uint64_t weights = 0;
    for (std::size_t kernel = 0; kernel < best.options.size(); ++kernel) {
        const auto layers = m_bench.layersOf(kernel);
        AllocatedLayer layer{.layer = std::string{withoutChannels(m_bench.layer(layers.front()).info().name)},
                             .option = m_options[kernel][best.options[kernel]]};
        for (const std::size_t of : layers)
            layer.weights += m_bench.layer(of).info().weightCount;
        predicted.accuracy -= layer.option.accuracyDrop;
        predicted.loss += layer.option.lossRise;
        weights += layer.weights;
        result.layers.push_back(std::move(layer));
    }
    result.floatBytes = 4 * (weights + m_bench.description().floatParameters);
    result.predicted = predicted;
    result.measured = best.scores;
    const double accuracy = std::isnan(best.scores.accuracy) ? predicted.accuracy : best.scores.accuracy;
    result.meets = m_request.bytes ? result.bytes <= *m_request.bytes : accuracy >= *m_request.accuracy;
    return result;
}

Result<Allocation> Allocator::run(const AllocationPreview &preview)
{
    const auto stopped = [] { return fail(ErrorCode::Unsupported, "Allocation: stopped before every layer was measured."); };
    if (!measureOptions())
        return stopped();
    const AllocationChoice choice = m_request.bytes ? chooseForBytes(m_options, *m_request.bytes - m_floats)
                                                    : chooseForAccuracy(m_options, m_latent.accuracy - *m_request.accuracy);
    if (preview)
        preview(result({choice.options, {.accuracy = kNotMeasured, .loss = kNotMeasured}}));
    Measured best{choice.options, measure(choice.options)};
    if (m_request.bytes && choice.meets)
        exchange(best);
    else if (m_request.accuracy)
        holdAccuracy(best);
    return result(best);
}

Result<void> check(const AllocationRequest &request)
{
    if (request.bytes.has_value() == request.accuracy.has_value())
        return fail(ErrorCode::BadValue, "Allocation: expected either a number of bytes or an accuracy.");
    if (request.accuracy && !(*request.accuracy > 0 && *request.accuracy <= 1))
        return fail(ErrorCode::BadValue, fmt::format("Allocation: expected an accuracy above 0 and up to 1, found {}.", *request.accuracy));
    const auto &candidates = request.candidates;
    const bool good = !candidates.empty() && std::ranges::is_sorted(candidates, std::ranges::less_equal{}) && candidates.front() >= 1 &&
                      candidates.back() <= kMaxRepresentatives;
    if (!good)
        return fail(ErrorCode::BadValue, fmt::format("Allocation: expected ascending numbers of representatives from 1 to {}, found {}.",
                                                     kMaxRepresentatives, fmt::join(candidates, ", ")));
    return {};
}

} // namespace

std::string Allocation::rules() const
{
    std::vector<std::string> parts;
    for (const auto &layer : layers)
        parts.push_back(fmt::format("{}:k={}", layer.layer, layer.option.k));
    return fmt::format("{}", fmt::join(parts, "; "));
}

Result<Allocation> allocate(const SnapshotData &data, const AllocationRequest &request, const SensitivityProgress &progress,
                            const AllocationPreview &preview)
{
    return guarded(kWhat, [&]() -> Result<Allocation> {
        if (auto good = check(request); !good)
            return std::unexpected(good.error());
        auto bench = LayerBench::open(data, kWhat, request.images, request.reestimatesNorms);
        if (!bench)
            return std::unexpected(bench.error());
        if (bench->sharesCodebooks())
            return fail(ErrorCode::BadValue,
                        "Allocation: expected a codebook for each layer, found one that layers share (scope = unified).");
        return Allocator{*bench, data.run.step, request, progress}.run(preview);
    });
}

} // namespace engine
