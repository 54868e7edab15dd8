// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/tensorterms_torch.h"
#include "engine/regularizers/shared.h"
#include "engine/quantization/weightwalk_torch.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <torch/torch.h>

namespace engine::tensors {
namespace {

constexpr auto kPart = static_cast<std::int64_t>(kWeightsOfPart);

torch::Tensor total(const torch::Tensor &values) { return values.sum(torch::kFloat64); }

torch::Tensor onDeviceOf(const torch::Tensor &weights, std::span<const float> values)
{
    const torch::Tensor result = torch::empty({static_cast<std::int64_t>(values.size())});
    std::ranges::copy(values, result.data_ptr<float>());
    return result.to(weights.options().requires_grad(false));
}

torch::Tensor nearestL2(const Cells &cells, const RegularizerScale &, const Chunk &chunk, Sums &sums)
{
    sums.energy += 0.5 * total(chunk.distance.square());
    sums.slope -= sumByCode(chunk.codes, chunk.distance, cells.k());
    sums.mass += chunk.members;
    return chunk.distance;
}

torch::Tensor nearestL1(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, Sums &sums)
{
    const torch::Tensor pull = scale.sigma * torch::where(chunk.distance.isnan(), chunk.distance, chunk.distance.sign());
    sums.energy += scale.sigma * total(chunk.distance.abs());
    sums.slope -= sumByCode(chunk.codes, pull, cells.k());
    sums.mass += chunk.members;
    return pull;
}

torch::Tensor periodic(const Cells &cells, const RegularizerScale &, const Chunk &chunk, Sums &sums)
{
    using torch::indexing::Slice;
    const torch::Tensor &w = chunk.weights, low = cells.representatives[0], high = cells.representatives[-1], zero = torch::zeros_like(low);
    const std::int64_t last = cells.k() - 1;
    const torch::Tensor lower = torch::where(w > low, zero, w - low), upper = torch::where(w < high, zero, w - high); // a NaN stays one
    const torch::Tensor beyond = lower + upper;
    const torch::Tensor highest = cells.codesOf(cells.representatives.slice(0, last)).to(torch::kLong);
    sums.energy += 0.5 * total(beyond.square());
    sums.slope[0] -= total(lower);
    sums.slope.index_add_(0, highest, -total(upper).unsqueeze(0));
    sums.mass += chunk.members + (w.numel() + kPart - 1) / kPart; // as each pass of periodic.cpp counts one more
    if (last == 0)
        return beyond;
    const torch::Tensor step = (high - low).to(torch::kFloat64) / last;
    torch::Tensor place = (w - low) * torch::where(step > 0, 1.0 / step, torch::zeros_like(step)).to(w.scalar_type());
    place = torch::where(place > 0, place, zero).clamp_max(last); // a NaN, too
    const torch::Tensor cell = place.floor(), fraction = place - cell, sine = (std::numbers::pi * fraction).sin();
    const torch::Tensor wave = (step / std::numbers::pi).to(w.scalar_type()) * sine * (std::numbers::pi * fraction).cos();
    const torch::Tensor squares = total(sine.square()), below = cell.to(torch::kInt).clamp_max(last - 1), toUpper = fraction * wave;
    sums.energy += 0.5 * (step / std::numbers::pi).square() * squares;
    sums.slope.slice(0, 0, last) -= sumByCode(below, wave - toUpper, last);
    sums.slope.slice(0, 1) -= sumByCode(below, toUpper, last);
    const torch::Tensor stretch = step / (std::numbers::pi * std::numbers::pi) * squares / last;
    sums.slope[0] -= stretch;
    sums.slope[last] += stretch;
    return wave + beyond;
}

/// ∂R/∂w_i of the regularizers in which every representative pulls, from q_ij and d_ij (n × k) and R_i (n) in
/// units of σ.
torch::Tensor pullShared(const RegularizerScale &scale, const torch::Tensor &d, const torch::Tensor &q, const torch::Tensor &energy,
                         Sums &sums)
{
    const torch::Tensor force = q * d;
    sums.energy += scale.sigma * scale.sigma * total(energy);
    sums.slope -= scale.sigma * force.sum(0, false, torch::kFloat64);
    sums.mass += q.sum(0, false, torch::kFloat64);
    return scale.sigma * force.sum(1);
}

/// d_ij (n × k) in units of σ.
torch::Tensor distances(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk)
{
    return (chunk.weights.unsqueeze(1) - cells.representatives).mul_(1.0 / scale.sigma);
}

torch::Tensor product(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, Sums &sums)
{
    const torch::Tensor d = distances(cells, scale, chunk), terms = d.square().add_(kSoftening), mean = terms.log().mean(1).exp_();
    return pullShared(scale, d, (mean / cells.k()).unsqueeze(1) / terms, 0.5 * mean, sums);
}

torch::Tensor harmonic(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, Sums &sums)
{
    const torch::Tensor d = distances(cells, scale, chunk), terms = kSoftening / d.square().add_(kSoftening), all = terms.sum(1);
    return pullShared(scale, d, cells.k() * (terms / all.unsqueeze(1)).square_(), 0.5 * cells.k() * kSoftening / all, sums);
}

/// exp((d_a² − d_j²) ÷ τ) (n × k), so that the nearest has 1 and no sum underflows.
torch::Tensor likelihoods(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk)
{
    const torch::Tensor nearest = chunk.nearest.unsqueeze(1), w = chunk.weights.unsqueeze(1);
    const torch::Tensor gap = (cells.representatives - nearest).mul_(1.0 / scale.sigma);
    const torch::Tensor both = ((w - nearest) + (w - cells.representatives)).mul_(1.0 / scale.sigma);
    return (gap * both).div_(scale.temperature).clamp_min_(kNegligibleExponent).exp_();
}

torch::Tensor softMin(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, Sums &sums)
{
    const torch::Tensor mixing = scale.mixing.empty() ? torch::full_like(cells.representatives, 1.0 / static_cast<double>(cells.k()))
                                                      : torch::tensor(scale.mixing, torch::kFloat64).to(cells.representatives.options());
    const torch::Tensor terms = likelihoods(cells, scale, chunk).mul_(mixing), all = terms.sum(1);
    const torch::Tensor energy = 0.5 * ((chunk.distance * (1.0 / scale.sigma)).square() - scale.temperature * all.log());
    return pullShared(scale, distances(cells, scale, chunk), terms / all.unsqueeze(1), energy, sums);
}

/// No pull down beyond `stiffest` times the way to the representative below the nearest one, nor up beyond that to the
/// one above it.
torch::Tensor boundPull(const Cells &cells, const Chunk &chunk, const torch::Tensor &pull, double stiffest)
{
    const torch::Tensor &r = cells.representatives;
    const torch::Tensor below = r.index_select(0, (torch::searchsorted(r, r) - 1).clamp_min_(0));
    const torch::Tensor above = r.index_select(0, torch::searchsorted(r, r, false, /*right=*/true).clamp_max_(cells.k() - 1));
    const torch::Tensor highest = (chunk.weights - below.index_select(0, chunk.codes)).clamp_min_(0).mul_(stiffest);
    const torch::Tensor lowest = (chunk.weights - above.index_select(0, chunk.codes)).clamp_max_(0).mul_(stiffest);
    return torch::maximum(torch::minimum(pull, highest), lowest);
}

constexpr std::array kTerms = {
    Term{"nearest-l2", false, nearestL2}, Term{"nearest-l1", false, nearestL1}, Term{"soft-min", true, softMin},
    Term{"product", true, product},       Term{"harmonic", true, harmonic},     Term{"periodic", false, periodic},
};

} // namespace

Cells::Cells(const NearestCells &cells, const torch::Tensor &weights)
    : representatives{onDeviceOf(weights, cells.representatives())}, boundaries{onDeviceOf(weights, cells.boundaries())}
{
}

torch::Tensor Cells::codesOf(const torch::Tensor &weights) const
{
    return torch::bucketize(weights, boundaries, /*out_int32=*/true).masked_fill_(weights.isnan(), 0);
}

Chunk::Chunk(const Cells &cells, const torch::Tensor &someWeights)
    : weights{someWeights}, codes{cells.codesOf(weights)}, nearest{cells.representatives.index_select(0, codes)},
      distance{weights - nearest}, members{torch::bincount(codes, {}, cells.k()).to(torch::kFloat64)}
{
}

torch::Tensor sumByCode(const torch::Tensor &codes, const torch::Tensor &values, std::int64_t k)
{
    return torch::bincount(codes, values.to(torch::kFloat64), k); // no scatter: its order of additions costs precision in float
}

Sums::Sums(const Cells &cells)
{
    const auto options = cells.representatives.options().dtype(torch::kFloat64);
    for (auto *one : {&squaredDistance, &absoluteDistance, &squaredGradient, &energy, &squaredPull})
        *one = torch::zeros({}, options);
    for (auto *each : {&occupancy, &weightSum, &gradientSum, &slope, &mass})
        *each = torch::zeros({cells.k()}, options);
}

void Sums::addNearest(const Chunk &chunk, const torch::Tensor &gradient)
{
    squaredDistance += total(chunk.distance.square());
    absoluteDistance += total(chunk.distance.abs());
    occupancy += chunk.members;
    weightSum += sumByCode(chunk.codes, chunk.weights, occupancy.numel());
    if (!gradient.defined())
        return;
    squaredGradient += total(gradient.square());
    gradientSum += sumByCode(chunk.codes, gradient, occupancy.numel());
}

RegularizerSums Sums::toHost() const
{
    const auto k = static_cast<std::size_t>(occupancy.numel());
    RegularizerSums sums{k};
    sums.nearest.squaredDistance = squaredDistance.item<double>();
    sums.nearest.absoluteDistance = absoluteDistance.item<double>();
    sums.nearest.squaredGradient = squaredGradient.item<double>();
    sums.energy = energy.item<double>();
    sums.squaredPull = squaredPull.item<double>();
    const auto copy = [k](const torch::Tensor &from, auto &to) { std::copy_n(from.cpu().contiguous().data_ptr<double>(), k, to.begin()); };
    copy(occupancy, sums.nearest.occupancy); // whole numbers, which float64 holds up to 2^53
    copy(weightSum, sums.nearest.weightSum);
    copy(gradientSum, sums.nearest.gradientSum);
    copy(slope, sums.slope);
    copy(mass, sums.mass);
    return sums;
}

const Term *findTerm(std::string_view name) noexcept
{
    const auto found = std::ranges::find(kTerms, name, &Term::name);
    return found == kTerms.end() ? nullptr : &*found;
}

torch::Tensor entropyPull(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, const torch::Tensor &surprise,
                          const EntropyPull &strength)
{
    torch::Tensor shares = likelihoods(cells, scale, chunk);
    shares.div_(shares.sum(1, true));
    const torch::Tensor mean = shares.mv(surprise).unsqueeze(1);
    const torch::Tensor force = shares.mul_(surprise - mean).mul_(2.0 / scale.temperature).mul_(distances(cells, scale, chunk));
    const torch::Tensor pull = (scale.sigma * strength.beta) * force.sum(1);
    return std::isfinite(strength.stiffest) ? boundPull(cells, chunk, pull, strength.stiffest) : pull;
}

} // namespace engine::tensors
