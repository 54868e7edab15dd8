// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/quantization/dropping.h"
#include "engine/quantization/regularizers/entropy.h"
#include "engine/quantization/regularizers/repulsion.h"
#include "engine/quantization/revival.h"
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

/// Whether this handle is the only way to the tensor's memory. A transposed result, which is how a linear layer's gradient
/// arrives, also keeps the tensor it is a view of.
bool isOnlyHandle(const torch::Tensor &tensor)
{
    const auto owners = tensor.storage().use_count();
    const bool viewOfNobodyElses = tensor.is_view() && tensor._base().use_count() == 1 && owners == 2;
    return tensor.use_count() == 1 && (owners == 1 || viewOfNobodyElses);
}

/// The gradient to write into, lying as the kernel does: the one that arrived, if nobody else can see it.
torch::Tensor exclusive(torch::Tensor gradient, const torch::Tensor &kernel)
{
    const auto order = kernel.suggest_memory_format();
    return gradient.is_contiguous(order) && isOnlyHandle(gradient) ? gradient : gradient.clone(order);
}

} // namespace

/// The weights a layer computes with, as one node of the graph. Not a torch::autograd::Function: that keeps handles to the
/// arriving gradient, so that it would have to be copied before anything can be added to it.
class AttachedWeight : public torch::autograd::Node {
public:
    AttachedWeight(LayerQuantizer &quantizer, ForwardMode mode, const RegularizerStrength &strength)
        : m_quantizer{quantizer}, m_mode{mode}, m_strength{strength} {}

    std::string name() const override { return "AttachedWeight"; }

    torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override
    {
        torch::Tensor gradient = exclusive(std::move(gradients[0]), m_quantizer.kernel());
        const bool committed = m_mode == ForwardMode::Committed;
        RegularizerSums sums = committed ? m_quantizer.measureFrozen(gradient) : m_quantizer.pull(m_strength, gradient);
        std::vector<double> slopes(m_quantizer.codebook().size());
        if (!committed)
            slopes = m_quantizer.pullAuxiliaries(m_strength, gradient);
        addSlopes(sums, slopes);
        torch::Tensor toRepresentatives = torch::empty({static_cast<std::int64_t>(slopes.size())});
        std::ranges::transform(slopes, toRepresentatives.data_ptr<float>(), [](double slope) { return static_cast<float>(slope); });
        m_quantizer.setLastPass(std::move(sums));
        if (committed)
            gradient.reset(); // the latent weights rest
        return {gradient, toRepresentatives};
    }

private:
    void addSlopes(const RegularizerSums &sums, std::vector<double> &slopes) const
    {
        for (std::size_t j = 0; j < slopes.size(); ++j) {
            const auto members = static_cast<double>(sums.nearest.occupancy[j]);
            if (m_strength.lambda > 0 && m_mode != ForwardMode::Committed && sums.mass[j] > 0)
                slopes[j] += sums.slope[j] / sums.mass[j];
            if (m_mode != ForwardMode::Latent && members > 0)
                slopes[j] += sums.nearest.gradientSum[j] / std::sqrt(members);
        }
    }

    LayerQuantizer &m_quantizer;
    ForwardMode m_mode;
    RegularizerStrength m_strength;
};

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

CodebookShape LayerQuantizer::shape() const noexcept
{
    CodebookShape both = m_shape;
    both.isGrid = both.isGrid || m_regularizer->isGrid;
    return both;
}

RegularizerSums LayerQuantizer::pull(const RegularizerStrength &strength, const torch::Tensor &gradient) const
{
    return m_walk->pull(*m_regularizer, scaledCodebook(strength.temperature), strength.lambda, gradient);
}

std::vector<double> LayerQuantizer::pullAuxiliaries(const RegularizerStrength &strength, const torch::Tensor &gradient) const
{
    const std::size_t k = codebook().size();
    std::vector<double> slopes(k);
    if (strength.entropy > 0) {
        const auto cells = scaledCodebook(strength.temperature);
        const auto shares = m_walk->countSoftly(cells);
        slopes = m_walk->pullEntropy(cells, shares, strength.entropy, gradient);
        for (std::size_t j = 0; j < k; ++j)
            slopes[j] *= shares[j] > 0 ? strength.entropy / shares[j] : 0.0;
    }
    if (strength.repulsion > 0) {
        const auto push = repulsion(codebook(), m_sigma);
        for (std::size_t j = 0; j < k; ++j)
            slopes[j] += strength.repulsion * push.slope[j];
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
    m_frozen.clear();
    m_lastPass.reset();
    forgetSnapAhead();
}

void LayerQuantizer::setIdentity(std::vector<std::uint16_t> identity, std::size_t trajectories)
{
    m_identity = std::move(identity);
    m_trajectories = trajectories;
}

void LayerQuantizer::commit() { commitTo(codes()); }

void LayerQuantizer::commitTo(std::vector<CodeIndex> codes)
{
    m_frozen = std::move(codes);
    forgetSnapAhead();
    torch::NoGradGuard noGradient;
    m_kernel.copy_(snapped());
    m_kernel.mutable_grad().reset();
}

torch::Tensor LayerQuantizer::attach(ForwardMode mode, const RegularizerStrength &strength)
{
    if (mode == ForwardMode::Float)
        return m_kernel;
    torch::Tensor ahead = std::exchange(m_ahead, {});
    torch::Tensor values = mode == ForwardMode::Latent ? m_kernel.detach() : ahead.defined() ? ahead : snapped();
    if (torch::GradMode::is_enabled()) {
        const std::shared_ptr<AttachedWeight> node{new AttachedWeight{*this, mode, strength}, torch::autograd::deleteNode};
        node->set_next_edges(torch::autograd::collect_next_edges(m_kernel, m_representatives));
        torch::autograd::create_gradient_edge(values, node);
    }
    return values;
}

void LayerQuantizer::beginSnapAhead()
{
    m_aheadCells.emplace(codebook());
    m_ahead = emptyLikeKernel();
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

void LayerQuantizer::stepRepresentatives(double rate)
{
    if (!m_representatives.grad().defined())
        return;
    forgetSnapAhead();
    const auto values = valuesOf(m_representatives);
    const auto slopes = valuesOf(m_representatives.grad());
    for (std::size_t j = 0; j < values.size(); ++j)
        values[j] -= static_cast<float>(rate) * slopes[j];
    dropGradient();
    const auto before = sortRepresentatives();
    std::vector<double> mass(values.size());
    for (std::size_t j = 0; m_lastPass && j < mass.size(); ++j)
        mass[j] = m_lastPass->mass[before[j]];
    project(shape(), values, mass);
}

std::size_t LayerQuantizer::reviveDead()
{
    if (shape().isGrid || isCommitted())
        return 0;
    const std::size_t revived = engine::reviveDead(weights(), valuesOf(m_representatives));
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
    for (const std::size_t place : staying(measure().occupancy, codebook(), shape())) {
        values.push_back(codebook()[place]);
        identity.push_back(m_identity[place]);
    }
    if (values.size() == before)
        return 0;
    setRepresentatives(values);
    setIdentity(std::move(identity), trajectories);
    return before - values.size();
}

std::vector<std::size_t> LayerQuantizer::sortRepresentatives()
{
    const auto values = valuesOf(m_representatives);
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (std::ranges::is_sorted(values))
        return order;
    std::ranges::stable_sort(order, {}, [&](std::size_t j) { return values[j]; });
    std::vector<float> sorted(values.size());
    std::vector<std::uint16_t> identity(values.size());
    std::vector<CodeIndex> newCode(values.size());
    for (std::size_t j = 0; j < order.size(); ++j) {
        sorted[j] = values[order[j]];
        identity[j] = m_identity[order[j]];
        newCode[order[j]] = static_cast<CodeIndex>(j);
    }
    std::ranges::copy(sorted, values.begin());
    m_identity = std::move(identity);
    for (CodeIndex &code : m_frozen)
        code = newCode[code];
    return order;
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
    return isCommitted() ? measureFrozen({}) : m_walk->pull(*m_regularizer, scaledCodebook(temperature), 0.0, {});
}

RegularizerSums LayerQuantizer::measureFrozen(const torch::Tensor &gradient) const
{
    RegularizerSums result{codebook().size()};
    result.nearest = m_walk->sumByCode(codebook(), m_frozen, gradient);
    std::ranges::copy(result.nearest.occupancy, result.mass.begin());
    return result;
}

} // namespace engine
