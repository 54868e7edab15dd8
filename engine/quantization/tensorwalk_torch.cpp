// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/tensorterms_torch.h"
#include "engine/quantization/weightwalk_torch.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::int64_t kElements = 1 << 22; // of a temporary tensor: few enough for any memory, enough to keep a GPU busy
static_assert(kElements % kWeightsOfPart == 0); // periodic counts parts

/// Calls work(from, length) for pieces of at most `most`.
template <typename Work>
void inPieces(std::int64_t begin, std::int64_t end, std::int64_t most, const Work &work)
{
    for (std::int64_t from = begin; from < end; from += most)
        work(from, std::min(most, end - from));
}

class TensorWalk : public WeightWalk {
public:
    explicit TensorWalk(const torch::Tensor &kernel) : m_kernel{kernel.detach()}, m_order{kernel.suggest_memory_format()} {}

    RegularizerSums pull(const RegularizerSpec &spec, const ScaledCodebook &codebook, double lambda,
                         const torch::Tensor &gradient) const override
    {
        const tensors::Term *term = tensors::findTerm(spec.name);
        TORCH_CHECK(term, "the regularizer ", std::string{spec.name}, " is not written in tensor operations");
        const tensors::Cells cells{NearestCells{codebook.representatives}, m_kernel};
        const torch::Tensor slopes = gradient.defined() ? flat(gradient) : gradient;
        tensors::Sums sums{cells};
        overChunks(cells, term->comparesAll, [&](const tensors::Chunk &chunk, std::int64_t from, std::int64_t length) {
            const torch::Tensor part = slopes.defined() ? slopes.narrow(0, from, length) : slopes;
            sums.addNearest(chunk, part);
            const torch::Tensor pull = term->pull(cells, codebook.scale, chunk, sums);
            sums.squaredPull += pull.square().sum(torch::kFloat64);
            if (part.defined())
                part.add_(pull, lambda);
        });
        return sums.toHost();
    }

    NearestSums measure(const NearestCells &nearest) const override
    {
        const tensors::Cells cells{nearest, m_kernel};
        tensors::Sums sums{cells};
        overChunks(cells, false, [&](const tensors::Chunk &chunk, std::int64_t, std::int64_t) { sums.addNearest(chunk, {}); });
        return sums.toHost().nearest;
    }

    std::vector<double> countSoftly(const ScaledCodebook &codebook) const override
    {
        return pull(*findRegularizer("soft-min"), codebook, 0.0, {}).mass;
    }

    double pullEntropy(const ScaledCodebook &codebook, std::span<const double> shares, const EntropyPull &strength,
                       const torch::Tensor &gradient) const override
    {
        const tensors::Cells cells{NearestCells{codebook.representatives}, m_kernel};
        const double n = std::accumulate(shares.begin(), shares.end(), 0.0);
        std::vector<double> logarithms;
        for (const double share : shares) // one that underflowed has no responsibilities left to weigh it with
            logarithms.push_back(share > 0 ? std::log(share / n) : 0.0);
        const torch::Tensor surprise = torch::tensor(logarithms, torch::kFloat64).to(m_kernel.options()), slopes = flat(gradient);
        torch::Tensor squares = torch::zeros({}, m_kernel.options().dtype(torch::kFloat64));
        overChunks(cells, true, [&](const tensors::Chunk &chunk, std::int64_t from, std::int64_t length) {
            const torch::Tensor pull = tensors::entropyPull(cells, codebook.scale, chunk, surprise, strength);
            squares += pull.square().sum(torch::kFloat64);
            slopes.narrow(0, from, length).add_(pull);
        });
        return squares.item<double>();
    }

    void snap(const NearestCells &nearest, std::size_t from, std::size_t to, const torch::Tensor &snapped) const override
    {
        const tensors::Cells cells{nearest, m_kernel};
        const torch::Tensor weights = flat(m_kernel), out = flat(snapped);
        inPieces(static_cast<std::int64_t>(from), static_cast<std::int64_t>(to), kElements, [&](std::int64_t begin, std::int64_t length) {
            out.narrow(0, begin, length).copy_(cells.representatives.index_select(0, cells.codesOf(weights.narrow(0, begin, length))));
        });
    }

    std::vector<CodeIndex> encode(const NearestCells &nearest) const override
    {
        const tensors::Cells cells{nearest, m_kernel};
        const torch::Tensor all = flat(m_kernel);
        std::vector<CodeIndex> codes(static_cast<std::size_t>(all.numel()));
        inPieces(0, all.numel(), kElements, [&](std::int64_t from, std::int64_t length) {
            const torch::Tensor part = cells.codesOf(all.narrow(0, from, length)).to(torch::kCPU, torch::kUInt8);
            std::copy_n(part.data_ptr<CodeIndex>(), length, codes.begin() + from);
        });
        return codes;
    }

    torch::Tensor gather(std::span<const float> values, std::span<const CodeIndex> codes) const override
    {
        torch::Tensor result = torch::empty_like(m_kernel, m_order);
        const tensors::Cells cells{NearestCells{values}, m_kernel};
        overCodes(codes, [&](const torch::Tensor &part, std::int64_t from, std::int64_t length) {
            flat(result).narrow(0, from, length).copy_(cells.representatives.index_select(0, part));
        });
        return result;
    }

    NearestSums sumByCode(std::span<const float> values, std::span<const CodeIndex> codes, const torch::Tensor &gradient) const override
    {
        const tensors::Cells cells{NearestCells{values}, m_kernel};
        tensors::Sums sums{cells};
        overCodes(codes, [&](const torch::Tensor &part, std::int64_t from, std::int64_t length) {
            sums.occupancy += torch::bincount(part, {}, cells.k());
            if (!gradient.defined())
                return;
            const torch::Tensor slopes = flat(gradient).narrow(0, from, length);
            sums.gradientSum += tensors::sumByCode(part, slopes, cells.k());
            sums.squaredGradient += slopes.square().sum(torch::kFloat64);
        });
        sums.weightSum = sums.occupancy * cells.representatives;
        return sums.toHost().nearest;
    }

    std::span<const float> weights() const override
    {
        m_copy = flat(m_kernel).to(torch::kCPU, torch::kFloat32);
        return {m_copy.data_ptr<float>(), static_cast<std::size_t>(m_copy.numel())};
    }

private:
    /// The elements (n) in the order of the weights; the same memory where they lie in that order without gaps.
    torch::Tensor flat(const torch::Tensor &tensor) const { return tensor.contiguous(m_order).as_strided({tensor.numel()}, {1}); }

    template <typename Work>
    void overChunks(const tensors::Cells &cells, bool comparesAll, const Work &work) const
    {
        const torch::Tensor all = flat(m_kernel);
        inPieces(0, all.numel(), comparesAll ? kElements / cells.k() : kElements, [&](std::int64_t from, std::int64_t length) {
            work(tensors::Chunk{cells, all.narrow(0, from, length)}, from, length);
        });
    }

    template <typename Work>
    void overCodes(std::span<const CodeIndex> codes, const Work &work) const
    {
        inPieces(0, static_cast<std::int64_t>(codes.size()), kElements, [&](std::int64_t from, std::int64_t length) {
            const torch::Tensor part = torch::empty({length}, torch::kUInt8);
            std::copy_n(codes.begin() + from, length, part.data_ptr<CodeIndex>());
            work(part.to(m_kernel.device(), torch::kInt), from, length);
        });
    }

    torch::Tensor m_kernel;
    at::MemoryFormat m_order;
    mutable torch::Tensor m_copy; // what weights() gave last
};

} // namespace

std::unique_ptr<WeightWalk> tensorWalk(torch::Tensor kernel)
{
    TORCH_CHECK(kernel.scalar_type() == torch::kFloat32 || kernel.scalar_type() == torch::kFloat64,
                "kernel to quantize: expected a tensor of float32 or float64, found ", kernel.scalar_type());
    return std::make_unique<TensorWalk>(kernel);
}

} // namespace engine
