// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/quantization/dropping.h"
#include "engine/quantization/parts_torch.h"
#include "engine/quantization/regularizers/entropy.h"
#include "engine/quantization/regularizers/repulsion.h"
#include "engine/quantization/revival.h"
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::size_t kWeightsThatFitCaches = 1 << 20;
Destination whereSnappedGo(std::size_t n)
{
    return n > kWeightsThatFitCaches ? Destination::Memory : Destination::Cache;
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

torch::Tensor gatherRepresentatives(std::span<const float> codebook, std::span<const CodeIndex> codes, const torch::Tensor &kernel)
{
    torch::Tensor result = torch::empty_like(kernel);
    const auto out = valuesOf(result);
    overParts(codes.size(), [&](std::size_t, std::size_t begin, std::size_t length) {
        for (std::size_t i = begin; i < begin + length; ++i)
            out[i] = codebook[codes[i]];
    });
    return result;
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
        RegularizerSums sums = committed ? m_quantizer.measureFrozen(gradient.data_ptr<float>()) : m_quantizer.pull(m_strength, valuesOf(gradient));
        std::vector<double> slopes(m_quantizer.codebook().size());
        if (!committed)
            slopes = m_quantizer.pullAuxiliaries(m_strength, valuesOf(gradient));
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

LayerQuantizer::LayerQuantizer(LayerInfo info, torch::Tensor kernel) : m_info{std::move(info)}, m_kernel{std::move(kernel)}
{
    TORCH_CHECK(m_kernel.is_contiguous(m_kernel.suggest_memory_format()) && m_kernel.scalar_type() == torch::kFloat32 && m_kernel.is_cpu());
}

void LayerQuantizer::setRegularizer(const RegularizerSpec &regularizer, double sigma, CodebookShape shape)
{
    m_regularizer = &regularizer;
    m_shape = shape;
    m_sigma = sigma > 0 && std::isfinite(sigma) ? std::max(sigma, static_cast<double>(std::numeric_limits<float>::min())) : 1.0;
}

std::unique_ptr<Regularizer> LayerQuantizer::makeRegularizer(double temperature) const
{
    return m_regularizer->make(codebook(), {.sigma = m_sigma, .temperature = temperature});
}

CodebookShape LayerQuantizer::shape() const noexcept
{
    CodebookShape both = m_shape;
    both.isGrid = both.isGrid || m_regularizer->isGrid;
    return both;
}

RegularizerSums LayerQuantizer::pull(const RegularizerStrength &strength, std::span<float> gradient) const
{
    const auto regularizer = makeRegularizer(strength.temperature);
    const auto all = weights();
    const auto lambda = static_cast<float>(strength.lambda);
    return sumOverParts<RegularizerSums>(all.size(), codebook().size(), [&](std::size_t begin, std::size_t length, RegularizerSums &sums) {
        regularizer->pull(all.subspan(begin, length), lambda, gradient.subspan(begin, length), sums);
    });
}

std::vector<double> LayerQuantizer::softOccupancy(const SoftOccupancy &cells) const
{
    const auto all = weights();
    return sumOverParts<Slopes>(all.size(), codebook().size(), [&](std::size_t begin, std::size_t length, Slopes &sums) {
        cells.count(all.subspan(begin, length), sums.values);
    }).values;
}

std::vector<double> LayerQuantizer::pullAuxiliaries(const RegularizerStrength &strength, std::span<float> gradient) const
{
    const std::size_t k = codebook().size();
    Slopes slopes{k};
    if (strength.entropy > 0) {
        const SoftOccupancy cells{codebook(), {.sigma = m_sigma, .temperature = strength.temperature}};
        const auto shares = softOccupancy(cells);
        const auto all = weights();
        const auto beta = static_cast<float>(strength.entropy);
        slopes = sumOverParts<Slopes>(all.size(), k, [&](std::size_t begin, std::size_t length, Slopes &sums) {
            cells.pull(all.subspan(begin, length), shares, beta, gradient.subspan(begin, length), sums.values);
        });
        for (std::size_t j = 0; j < k; ++j)
            slopes.values[j] *= shares[j] > 0 ? strength.entropy / shares[j] : 0.0;
    }
    if (strength.repulsion > 0) {
        const auto push = repulsion(codebook(), m_sigma);
        for (std::size_t j = 0; j < k; ++j)
            slopes.values[j] += strength.repulsion * push.slope[j];
    }
    return slopes.values;
}

double LayerQuantizer::loss(const RegularizerSums &sums, const RegularizerStrength &strength) const
{
    double loss = strength.lambda * sums.energy;
    if (isCommitted())
        return loss;
    if (strength.entropy > 0) {
        const SoftOccupancy cells{codebook(), {.sigma = m_sigma, .temperature = strength.temperature}};
        loss += strength.entropy * cells.energy(softOccupancy(cells));
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
    m_ahead = torch::empty_like(m_kernel.detach());
}

void LayerQuantizer::snapAhead(std::size_t from, std::size_t to)
{
    m_aheadCells->snap(weights().subspan(from, to - from), valuesOf(m_ahead).subspan(from, to - from), whereSnappedGo(m_info.weightCount));
}

void LayerQuantizer::forgetSnapAhead() { m_ahead.reset(); }

torch::Tensor LayerQuantizer::snapped() const
{
    if (isCommitted())
        return gatherRepresentatives(codebook(), m_frozen, m_kernel.detach());
    const NearestCells cells{codebook()};
    torch::Tensor result = torch::empty_like(m_kernel.detach());
    const auto from = weights();
    const auto to = valuesOf(result);
    overParts(from.size(), [&](std::size_t, std::size_t begin, std::size_t length) {
        cells.snap(from.subspan(begin, length), to.subspan(begin, length), whereSnappedGo(from.size()));
    });
    return result;
}

std::vector<CodeIndex> LayerQuantizer::codes() const
{
    if (isCommitted())
        return m_frozen;
    const NearestCells cells{codebook()};
    const auto from = weights();
    std::vector<CodeIndex> result(from.size());
    overParts(from.size(), [&](std::size_t, std::size_t begin, std::size_t length) {
        cells.encode(from.subspan(begin, length), std::span{result}.subspan(begin, length));
    });
    return result;
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

std::span<const float> LayerQuantizer::weights() const { return valuesOf(m_kernel); }
std::span<const float> LayerQuantizer::codebook() const { return valuesOf(m_representatives); }

NearestSums LayerQuantizer::measure() const
{
    if (isCommitted())
        return measureFrozen(nullptr).nearest;
    const NearestCells cells{codebook()};
    const auto all = weights();
    return sumOverParts<NearestSums>(all.size(), cells.k(), [&](std::size_t begin, std::size_t length, NearestSums &sums) {
        cells.measure(all.subspan(begin, length), sums);
    });
}

RegularizerSums LayerQuantizer::measureRegularizer(double temperature) const
{
    if (isCommitted())
        return measureFrozen(nullptr);
    const auto regularizer = makeRegularizer(temperature);
    const auto all = weights();
    return sumOverParts<RegularizerSums>(all.size(), codebook().size(), [&](std::size_t begin, std::size_t length, RegularizerSums &sums) {
        regularizer->measure(all.subspan(begin, length), sums);
    });
}

RegularizerSums LayerQuantizer::measureFrozen(const float *gradient) const
{
    const auto all = codebook();
    RegularizerSums result{all.size()};
    result.nearest = sumOverParts<NearestSums>(m_frozen.size(), all.size(), [&](std::size_t begin, std::size_t length, NearestSums &sums) {
        for (std::size_t i = begin; i < begin + length; ++i) {
            const CodeIndex code = m_frozen[i];
            ++sums.occupancy[code];
            sums.weightSum[code] += static_cast<double>(all[code]);
            if (!gradient)
                continue;
            sums.gradientSum[code] += static_cast<double>(gradient[i]);
            sums.squaredGradient += static_cast<double>(gradient[i]) * gradient[i];
        }
    });
    std::ranges::copy(result.nearest.occupancy, result.mass.begin());
    return result;
}

} // namespace engine
