// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/core/memory_torch.h"
#include "engine/quantization/attachedkernel_torch.h"
#include "engine/codebooks/dropping.h"
#include "engine/codebooks/mixing.h"
#include "engine/regularizers/entropy.h"
#include "engine/regularizers/repulsion.h"
#include "engine/codebooks/revival.h"
#include "engine/quantization/weightwalk_torch.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <torch/torch.h>

namespace engine {
namespace {

std::span<float> valuesOf(const torch::Tensor &tensor)
{
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

} // namespace

LayerQuantizer::LayerQuantizer(LayerInfo info, torch::Tensor kernel)
    : m_info{std::move(info)}, m_kernel{std::move(kernel)}, m_walk{walkOver(m_kernel)}
{
}

LayerQuantizer::~LayerQuantizer() = default;

void LayerQuantizer::setRegularizer(const RegularizerSpec &regularizer, double sigma, CodebookShape shape)
{
    m_regularizer = &regularizer;
    m_shape = shape;
    m_sigma = sigma > 0 && std::isfinite(sigma) ? std::max(sigma, static_cast<double>(std::numeric_limits<float>::min())) : 1.0;
}

ScaledCodebook LayerQuantizer::scaledCodebook(double temperature) const
{
    return {.representatives = codebook(), .scale = {.sigma = m_sigma, .temperature = temperature}};
}

ScaledCodebook LayerQuantizer::mixedCodebook(double temperature) const
{
    ScaledCodebook codebook = scaledCodebook(temperature);
    codebook.scale.mixing = m_mixing;
    return codebook;
}

CodebookShape LayerQuantizer::shape() const noexcept
{
    CodebookShape both = m_shape;
    both.isGrid = both.isGrid || m_regularizer->isGrid;
    return both;
}

RegularizerSums LayerQuantizer::pull(const RegularizerStrength &strength, const torch::Tensor &gradient) const
{
    return m_walk->pull(*m_regularizer, mixedCodebook(strength.temperature), strength.lambda, gradient);
}

double LayerQuantizer::pullEntropy(const RegularizerStrength &strength, const torch::Tensor &gradient) const
{
    if (!(strength.entropy > 0))
        return 0;
    const auto cells = scaledCodebook(strength.temperature);
    return m_walk->pullEntropy(cells, m_walk->countSoftly(cells), {.beta = strength.entropy, .stiffest = strength.stiffest}, gradient);
}

std::vector<double> LayerQuantizer::slopes(const RegularizerSums &sums, ForwardMode mode, const RegularizerStrength &strength) const
{
    std::vector<double> slopes(codebook().size());
    if (strength.repulsion > 0 && mode != ForwardMode::Committed)
        std::ranges::transform(repulsion(codebook(), m_sigma).slope, slopes.begin(),
                               [&](double slope) { return strength.repulsion * slope; });
    for (std::size_t j = 0; j < slopes.size(); ++j) {
        const auto members = static_cast<double>(sums.nearest.occupancy[j]);
        if (strength.lambda > 0 && mode != ForwardMode::Committed && sums.mass[j] > 0)
            slopes[j] += sums.slope[j] / sums.mass[j];
        if (mode != ForwardMode::Latent && members > 0)
            slopes[j] += sums.nearest.gradientSum[j] / std::sqrt(members);
    }
    return slopes;
}

double LayerQuantizer::loss(const RegularizerSums &sums, const RegularizerStrength &strength) const
{
    double loss = strength.lambda * sums.energy;
    if (isCommitted())
        return loss;
    if (strength.entropy > 0) {
        const auto cells = scaledCodebook(strength.temperature);
        loss += strength.entropy * SoftOccupancy{cells.representatives, cells.scale}.energy(m_walk->countSoftly(cells));
    }
    if (strength.repulsion > 0)
        loss += strength.repulsion * repulsion(codebook(), m_sigma).energy;
    return loss;
}

void LayerQuantizer::setRepresentatives(std::span<const float> ascending)
{
    m_representatives = torch::empty({static_cast<std::int64_t>(ascending.size())});
    std::ranges::copy(ascending, m_representatives.data_ptr<float>());
    m_representatives.set_requires_grad(true);
    m_identity.resize(ascending.size());
    std::iota(m_identity.begin(), m_identity.end(), std::uint16_t{0});
    m_trajectories = ascending.size();
    m_mixing.clear();
    m_frozen.clear();
    m_lastPass.reset();
    forgetSnapAhead();
}

void LayerQuantizer::setIdentity(std::vector<std::uint16_t> identity, std::size_t trajectories)
{
    m_identity = std::move(identity);
    m_trajectories = trajectories;
}

void LayerQuantizer::setMixing(std::vector<double> mixing) { m_mixing = std::move(mixing); }

void LayerQuantizer::commit() { commitTo(codes()); }

void LayerQuantizer::commitTo(std::vector<CodeIndex> codes)
{
    m_frozen = std::move(codes);
    forgetSnapAhead();
    torch::NoGradGuard noGradient;
    if (m_kept)
        m_kept->kernel = m_kernel.clone();
    m_kernel.copy_(snapped());
    m_kernel.mutable_grad().reset();
}

torch::Tensor LayerQuantizer::attach(ForwardMode mode, const RegularizerStrength &strength)
{
    const KernelPart whole{this, strength};
    return attachKernel(m_kernel, {&whole, 1}, mode);
}

torch::Tensor LayerQuantizer::passBack(ForwardMode mode, const RegularizerStrength &strength, const torch::Tensor &gradient)
{
    const bool committed = mode == ForwardMode::Committed;
    RegularizerSums sums = committed ? measureFrozen(gradient) : pull(strength, gradient);
    m_gradientBound = std::sqrt(sums.nearest.squaredGradient) + strength.lambda * std::sqrt(sums.squaredPull);
    if (!committed)
        m_gradientBound += std::sqrt(pullEntropy(strength, gradient));
    const std::vector<double> slopes = this->slopes(sums, mode, strength);
    m_lastPass = std::move(sums);
    torch::Tensor toRepresentatives = torch::empty_like(m_representatives.detach());
    std::ranges::transform(slopes, toRepresentatives.data_ptr<float>(), [](double slope) { return static_cast<float>(slope); });
    return toRepresentatives;
}

torch::Tensor LayerQuantizer::takeSnapped()
{
    torch::Tensor ahead = std::exchange(m_ahead, {});
    return ahead.defined() ? ahead : snapped();
}

void LayerQuantizer::beginSnapAhead(const torch::Tensor &memory)
{
    m_aheadCells.emplace(codebook());
    const bool fits = memory.defined() && memory.scalar_type() == m_kernel.scalar_type() && memory.sizes() == m_kernel.sizes() &&
                      memory.is_contiguous(m_kernel.suggest_memory_format());
    m_ahead = fits ? sameMemory(memory) : emptyLikeKernel();
}

void LayerQuantizer::snapAhead(std::size_t from, std::size_t to)
{
    m_walk->snap(*m_aheadCells, from, to, m_ahead);
}

void LayerQuantizer::forgetSnapAhead() { m_ahead.reset(); }

torch::Tensor LayerQuantizer::snapped() const
{
    if (isCommitted())
        return m_walk->gather(codebook(), m_frozen);
    torch::Tensor result = emptyLikeKernel();
    m_walk->snap(NearestCells{codebook()}, 0, static_cast<std::size_t>(m_kernel.numel()), result);
    return result;
}

std::vector<CodeIndex> LayerQuantizer::codes() const
{
    return isCommitted() ? m_frozen : m_walk->encode(NearestCells{codebook()});
}

std::size_t LayerQuantizer::reviveDead()
{
    if (shape().isGrid || isCommitted())
        return 0;
    const std::size_t revived = engine::reviveDead(weights(), valuesOf(m_representatives), m_mixing);
    if (revived == 0)
        return 0;
    forgetSnapAhead();
    sortRepresentatives();
    project(shape(), valuesOf(m_representatives), std::vector<double>(m_identity.size()));
    return revived;
}

std::size_t LayerQuantizer::dropDead()
{
    if (shape().isGrid || isCommitted())
        return 0;
    const std::size_t before = m_identity.size(), trajectories = m_trajectories;
    std::vector<float> values;
    std::vector<std::uint16_t> identity;
    std::vector<double> mixing;
    for (const std::size_t place : staying(measure().occupancy, codebook(), shape())) {
        values.push_back(codebook()[place]);
        identity.push_back(m_identity[place]);
        if (!m_mixing.empty())
            mixing.push_back(m_mixing[place]);
    }
    if (values.size() == before)
        return 0;
    keepMixing(mixing);
    setRepresentatives(values);
    setIdentity(std::move(identity), trajectories);
    setMixing(std::move(mixing));
    return before - values.size();
}

torch::Tensor LayerQuantizer::emptyLikeKernel() const { return torch::empty_like(m_kernel.detach(), m_kernel.suggest_memory_format()); }
std::span<const float> LayerQuantizer::weights() const { return m_walk->weights(); }
std::span<const float> LayerQuantizer::codebook() const { return valuesOf(m_representatives); }

NearestSums LayerQuantizer::measure() const
{
    return isCommitted() ? measureFrozen({}).nearest : m_walk->measure(NearestCells{codebook()});
}

RegularizerSums LayerQuantizer::measureRegularizer(double temperature) const
{
    return isCommitted() ? measureFrozen({}) : m_walk->pull(*m_regularizer, mixedCodebook(temperature), 0.0, {});
}

RegularizerSums LayerQuantizer::measureFrozen(const torch::Tensor &gradient) const
{
    RegularizerSums result{codebook().size()};
    result.nearest = m_walk->sumByCode(codebook(), m_frozen, gradient);
    std::ranges::copy(result.nearest.occupancy, result.mass.begin());
    return result;
}

} // namespace engine
