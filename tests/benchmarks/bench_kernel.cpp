// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The regularizer's pass over the weights and the histogram, each against something it can be judged by. See README.md.
#include "engine/core/machine.h"
#include "engine/core/parallel_torch.h"
#include "engine/frame/histogram.h"
#include "engine/codebooks/initialiser.h"
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/codebooks/mixing.h"
#include "tests/benchmarks/alternation.h"
#include <string>
#include <torch/types.h>
#include <unistd.h>
#include <vector>

using namespace engine;
using benchmarks::Alternation;

namespace {

constexpr std::int64_t kVgg16Weights = 14'715'584;
constexpr std::int64_t kPart = 1 << 16; // as LayerQuantizer divides a layer
constexpr float kLambda = 0.1f;

std::span<float> valuesOf(const torch::Tensor &tensor)
{
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

/// Like the weights of a trained layer.
torch::Tensor gaussian(std::int64_t n) { return torch::randn({n}).mul_(0.05); }

std::vector<float> codebookOf(const torch::Tensor &weights, int k)
{
    return initialCodebook(Initialiser::KMeans, valuesOf(weights).first(std::min<std::size_t>(1 << 20, valuesOf(weights).size())), k);
}

/// Every weight on its representative, as at the end of a run.
torch::Tensor collapsed(const torch::Tensor &weights, int k)
{
    torch::Tensor result = torch::empty_like(weights);
    NearestCells{codebookOf(weights, k)}.snap(valuesOf(weights), valuesOf(result));
    return result;
}

template <typename Work>
void overParts(const torch::Tensor &weights, const torch::Tensor &gradient, const Work &work)
{
    const auto from = valuesOf(weights);
    const auto to = valuesOf(gradient);
    at::parallel_for(0, (weights.numel() + kPart - 1) / kPart, 1, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t part = first; part < last; ++part) {
            const auto begin = static_cast<std::size_t>(part * kPart);
            const auto length = std::min(static_cast<std::size_t>(kPart), from.size() - begin);
            work(from.subspan(begin, length), to.subspan(begin, length));
        }
    });
}

void passOf(const Regularizer &regularizer, std::size_t k, const torch::Tensor &weights, const torch::Tensor &gradient)
{
    overParts(weights, gradient, [&](std::span<const float> from, std::span<float> to) {
        RegularizerSums sums{k};
        regularizer.pull(from, kLambda, to, sums);
        benchmark::DoNotOptimize(sums);
    });
}

/// The pass reads W and reads and writes its gradient; axpy does only that, so it is the memory's limit.
void passToAxpy(benchmark::State &state, std::int64_t n, const RegularizerSpec *spec, int k, bool mixes)
{
    const torch::Tensor weights = gaussian(n), onRepresentatives = collapsed(weights, k), gradient = torch::zeros_like(weights);
    const auto codebook = codebookOf(weights, k);
    RegularizerScale scale{.sigma = 0.05, .temperature = 0.05};
    if (mixes) {
        NearestSums sums{codebook.size()};
        NearestCells{codebook}.measure(valuesOf(weights), sums);
        scale.mixing = mixingOf(sums.occupancy);
    }
    const auto regularizer = spec->make(codebook, scale);
    const auto pass = [&](const torch::Tensor &over) { passOf(*regularizer, static_cast<std::size_t>(k), over, gradient); };
    torch::NoGradGuard noGradient;
    Alternation passes{{[&] { pass(weights); }, [&] { torch::Tensor{gradient}.add_(weights, kLambda); }, [&] { pass(onRepresentatives); }}};
    passes.runAll(state);
    state.counters["ratio_to_axpy"] = passes.ratioTo(1);
    state.counters["collapsed_to_gaussian"] = 1.0 / passes.ratioTo(2);
    state.counters["weights_per_second"] = static_cast<double>(n) / passes.medianSeconds(0);
}

/// The pass of nearest-l2 in the vectors of an older processor.
void generationToAxpy(benchmark::State &state, std::int64_t n, Generation generation, int k)
{
    const torch::Tensor weights = gaussian(n), gradient = torch::zeros_like(weights);
    const NearestCells cells{codebookOf(weights, k), generation};
    torch::NoGradGuard noGradient;
    Alternation passes{{[&] {
        overParts(weights, gradient, [&](std::span<const float> from, std::span<float> to) {
            NearestSums sums{cells.k()};
            cells.pull(from, kLambda, to, sums);
            benchmark::DoNotOptimize(sums);
        });
    }, [&] { torch::Tensor{gradient}.add_(weights, kLambda); }}};
    passes.runAll(state);
    state.counters["ratio_to_axpy"] = passes.ratioTo(1);
}

/// A histogram must cost the same when the weights have collapsed onto few values.
void histogramOfCollapsed(benchmark::State &state, std::int64_t n)
{
    const torch::Tensor spread = gaussian(n), few = collapsed(spread, 4);
    HistogramRange rangeOfSpread, rangeOfFew;
    auto count = [](HistogramRange &range, const torch::Tensor &weights) {
        auto histogram = range.count(valuesOf(weights), 512);
        benchmark::DoNotOptimize(histogram);
    };
    Alternation passes{{[&] { count(rangeOfFew, few); }, [&] { count(rangeOfSpread, spread); }}};
    passes.runAll(state);
    state.counters["collapsed_to_gaussian"] = passes.ratioTo(1);
    state.counters["weights_per_second"] = static_cast<double>(n) / passes.medianSeconds(0);
}

/// One kernel with its representatives, and the regularizer's gradients for both by one of three ways.
struct Layer {
    torch::Tensor weights, representatives, gradient;
    LayerQuantizer quantizer;

    Layer(std::int64_t n, int k)
        : weights{gaussian(n).set_requires_grad(true)}, gradient{torch::zeros({n})},
          quantizer{{.id = {}, .name = "layer", .kind = "linear", .shape = {n}, .weightCount = static_cast<std::uint64_t>(n)}, weights}
    {
        quantizer.setRepresentatives(codebookOf(weights.detach(), k));
        representatives = quantizer.representatives();
    }
    void forget()
    {
        weights.mutable_grad().reset();
        representatives.mutable_grad().reset();
    }
    /// What attaching the layer adds to a backward pass: there, too, the task's gradient is written into where it lies.
    void ours() { representatives.mutable_grad() = quantizer.passBack(ForwardMode::Latent, {.lambda = kLambda}, gradient); }
    void bucketize()
    {
        forget();
        const torch::Tensor borders = 0.5 * (representatives.detach().slice(0, 1) + representatives.detach().slice(0, 0, -1));
        const torch::Tensor codes = torch::bucketize(weights.detach(), borders);
        (0.5 * kLambda * (weights - representatives.index_select(0, codes)).square().sum()).backward();
    }
    void broadcast()
    {
        forget();
        const torch::Tensor distances = (weights.unsqueeze(1) - representatives).square(); // (n, k)
        (0.5 * kLambda * std::get<0>(distances.min(1)).sum()).backward();
    }
};

/// Both ways give the same pull on the weights; a few that lie on a border up to rounding may differ.
bool agree(Layer &layer, void (Layer::*other)())
{
    layer.gradient.zero_();
    layer.ours();
    (layer.*other)();
    return at::isclose(layer.gradient, layer.weights.grad(), 1e-3, 1e-6).logical_not().sum().item<double>() <=
           1e-4 * static_cast<double>(layer.gradient.numel());
}

void autogradToOurs(benchmark::State &state, std::int64_t n, void (Layer::*other)())
{
    Layer layer{n, 16};
    if (!agree(layer, other))
        return state.SkipWithError("the two ways compute different gradients");
    Alternation passes{{[&] { (layer.*other)(); }, [&] { layer.ours(); }}};
    passes.runAll(state);
    state.counters["ratio_to_ours"] = passes.ratioTo(1);
    state.counters["seconds_of_ours"] = passes.medianSeconds(1);
    state.counters["weights"] = static_cast<double>(n);
}

/// All n where the machine's memory holds n × 16 floats and indices several times over, else a fourteenth.
std::int64_t broadcastWeights(std::int64_t n)
{
    const auto memory = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    return memory > 10.0 * 64.0 * static_cast<double>(n) ? n : std::max<std::int64_t>(1, n / 14);
}

} // namespace

int main(int argc, char **argv)
{
    setUpEnvironment(argv);
    tuneHeap();
    at::set_num_threads(static_cast<int>(engine::usableProcessors()));
    at::manual_seed(1);
    const auto n = benchmarks::takeOption(argc, argv, "weights", kVgg16Weights);
    const auto rounds = benchmarks::takeOption(argc, argv, "rounds", 15);
    for (const auto &spec : regularizers()) {
        // where every representative pulls at every weight, 256 of them would take minutes and tell nothing new
        for (const int k : spec.name == "nearest-l2" ? std::vector{4, 16, 256} : std::vector{4, 16})
            for (const bool mixes : spec.mixes ? std::vector{false, true} : std::vector{false})
                benchmarks::addRounds("pass_to_axpy/" + std::string{spec.name} + (mixes ? ", learnt mixing" : "") + "/k" +
                                          std::to_string(k),
                                      rounds, passToAxpy, n, &spec, k, mixes);
    }
    for (const auto &[name, generation] : {std::pair{"any", Generation::Any}, {"avx2", Generation::Avx2}}) {
        for (const int k : {4, 16}) {
            if (generation < newestGeneration())
                benchmarks::addRounds("generation_to_axpy/" + std::string{name} + "/k" + std::to_string(k), rounds, generationToAxpy, n,
                                      generation, k);
        }
    }
    benchmarks::addRounds("histogram_of_collapsed", rounds, histogramOfCollapsed, n);
    benchmarks::addRounds("bucketize_to_ours/k16", rounds, autogradToOurs, n, &Layer::bucketize);
    benchmarks::addRounds("broadcast_to_ours/k16", std::max<std::int64_t>(1, rounds / 5), autogradToOurs, broadcastWeights(n),
                          &Layer::broadcast);
    return benchmarks::runRegistered(argc, argv);
}
