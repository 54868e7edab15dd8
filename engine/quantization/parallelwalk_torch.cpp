// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/parallel_torch.h"
#include "engine/regularizers/entropy.h"
#include "engine/quantization/weightwalk_torch.h"
#include <algorithm>
#include <functional>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::size_t kWeightsThatFitCaches = 1 << 20;
constexpr std::size_t kPart = kWeightsOfPart;

template <typename Work>
void overParts(std::size_t n, const Work &work)
{
    const auto parts = static_cast<std::int64_t>((n + kPart - 1) / kPart);
    at::parallel_for(0, parts, 1, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t part = from; part < to; ++part) {
            const std::size_t begin = static_cast<std::size_t>(part) * kPart;
            work(static_cast<std::size_t>(part), begin, std::min(kPart, n - begin));
        }
    });
}

/// As overParts, and adds the sums of the parts in order.
template <typename Sums, typename Work>
Sums sumOverParts(std::size_t n, std::size_t k, const Work &work)
{
    std::vector<Sums> sums((n + kPart - 1) / kPart, Sums{k});
    overParts(n, [&](std::size_t part, std::size_t begin, std::size_t length) { work(begin, length, sums[part]); });
    Sums total{k};
    for (const auto &part : sums)
        total += part;
    return total;
}

std::span<float> valuesOf(const torch::Tensor &tensor)
{
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// k sums that parts add up to.
struct Slopes {
    std::vector<double> values;
    explicit Slopes(std::size_t k = 0) : values(k) {}
    Slopes &operator+=(const Slopes &other)
    {
        std::ranges::transform(values, other.values, values.begin(), std::plus{});
        return *this;
    }
};

class ParallelWalk : public WeightWalk {
public:
    explicit ParallelWalk(torch::Tensor kernel) : m_kernel{std::move(kernel)} {}

    RegularizerSums pull(const RegularizerSpec &spec, const ScaledCodebook &codebook, double lambda,
                         const torch::Tensor &gradient) const override
    {
        const auto regularizer = spec.make(codebook.representatives, codebook.scale);
        const auto all = weights();
        const auto slopes = gradient.defined() ? valuesOf(gradient) : std::span<float>{};
        return sumOverParts<RegularizerSums>(
            all.size(), codebook.representatives.size(), [&](std::size_t begin, std::size_t length, RegularizerSums &sums) {
                if (slopes.empty())
                    regularizer->measure(all.subspan(begin, length), sums);
                else
                    regularizer->pull(all.subspan(begin, length), static_cast<float>(lambda), slopes.subspan(begin, length), sums);
            });
    }

    NearestSums measure(const NearestCells &cells) const override
    {
        const auto all = weights();
        return sumOverParts<NearestSums>(all.size(), cells.k(), [&](std::size_t begin, std::size_t length, NearestSums &sums) {
            cells.measure(all.subspan(begin, length), sums);
        });
    }

    std::vector<double> countSoftly(const ScaledCodebook &codebook) const override
    {
        const SoftOccupancy cells{codebook.representatives, codebook.scale};
        const auto all = weights();
        return sumOverParts<Slopes>(all.size(), codebook.representatives.size(), [&](std::size_t begin, std::size_t length, Slopes &sums) {
            cells.count(all.subspan(begin, length), sums.values);
        }).values;
    }

    double pullEntropy(const ScaledCodebook &codebook, std::span<const double> shares, const EntropyPull &strength,
                       const torch::Tensor &gradient) const override
    {
        const SoftOccupancy cells{codebook.representatives, codebook.scale};
        const auto all = weights();
        const auto slopes = valuesOf(gradient);
        return sumOverParts<Slopes>(all.size(), 1, [&](std::size_t begin, std::size_t length, Slopes &sums) {
            sums.values.front() += cells.pull(all.subspan(begin, length), shares, strength, slopes.subspan(begin, length));
        }).values.front();
    }

    void snap(const NearestCells &cells, std::size_t from, std::size_t to, const torch::Tensor &snapped) const override
    {
        const auto all = weights().subspan(from, to - from);
        const auto out = valuesOf(snapped).subspan(from, to - from);
        const Destination destination = all.size() > kWeightsThatFitCaches ? Destination::Memory : Destination::Cache;
        overParts(all.size(), [&](std::size_t, std::size_t begin, std::size_t length) {
            cells.snap(all.subspan(begin, length), out.subspan(begin, length), destination);
        });
    }

    std::vector<CodeIndex> encode(const NearestCells &cells) const override
    {
        const auto all = weights();
        std::vector<CodeIndex> codes(all.size());
        overParts(all.size(), [&](std::size_t, std::size_t begin, std::size_t length) {
            cells.encode(all.subspan(begin, length), std::span{codes}.subspan(begin, length));
        });
        return codes;
    }

    torch::Tensor gather(std::span<const float> values, std::span<const CodeIndex> codes) const override
    {
        torch::Tensor result = torch::empty_like(m_kernel.detach());
        const auto out = valuesOf(result);
        overParts(codes.size(), [&](std::size_t, std::size_t begin, std::size_t length) {
            for (std::size_t i = begin; i < begin + length; ++i)
                out[i] = values[codes[i]];
        });
        return result;
    }

    NearestSums sumByCode(std::span<const float> values, std::span<const CodeIndex> codes, const torch::Tensor &gradient) const override
    {
        const auto slopes = gradient.defined() ? valuesOf(gradient) : std::span<float>{};
        return sumOverParts<NearestSums>(codes.size(), values.size(), [&](std::size_t begin, std::size_t length, NearestSums &sums) {
            for (std::size_t i = begin; i < begin + length; ++i) {
                const CodeIndex code = codes[i];
                ++sums.occupancy[code];
                sums.weightSum[code] += static_cast<double>(values[code]);
                if (slopes.empty())
                    continue;
                sums.gradientSum[code] += static_cast<double>(slopes[i]);
                sums.squaredGradient += static_cast<double>(slopes[i]) * slopes[i];
            }
        });
    }

    std::span<const float> weights() const override { return valuesOf(m_kernel); }

private:
    torch::Tensor m_kernel;
};

bool suitsParallelWalk(const torch::Tensor &kernel)
{
    return kernel.is_cpu() && kernel.scalar_type() == torch::kFloat32 && kernel.is_contiguous(kernel.suggest_memory_format());
}

} // namespace

std::unique_ptr<WeightWalk> parallelWalk(torch::Tensor kernel)
{
    TORCH_CHECK(suitsParallelWalk(kernel));
    return std::make_unique<ParallelWalk>(std::move(kernel));
}

std::unique_ptr<WeightWalk> walkOver(torch::Tensor kernel)
{
    return suitsParallelWalk(kernel) ? parallelWalk(std::move(kernel)) : tensorWalk(std::move(kernel));
}

} // namespace engine
