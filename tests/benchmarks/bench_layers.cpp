// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// How far each convolution and linear layer is from the rate of a large matrix product, and what a step takes
// beside them. See README.md.
#include "engine/core/machine.h"
#include "engine/plans/plan.h"
#include "tests/benchmarks/alternation.h"
#include "tests/benchmarks/trainers.h"
#include <cmath>
#include <string>
#include <torch/torch.h>
#include <vector>

using namespace engine;
using namespace benchmarks;
using Kind = Operation::Kind;

namespace {

constexpr std::int64_t kSide = 2048; // of the matrices
constexpr double kProductOperations = 2.0 * kSide * kSide * kSide;

/// The matrix product that everything is compared with.
class Product {
public:
    void operator()() { torch::mm_out(m_result, m_left, m_right); }

private:
    torch::Tensor m_left = torch::randn({kSide, kSide}), m_right = torch::randn({kSide, kSide}), m_result = torch::empty({kSide, kSide});
};

torch::Tensor randomImages() { return torch::randn({kBatch, 3, 32, 32}); }
torch::Tensor randomLabels() { return torch::randint(10, {kBatch}, torch::kLong); }

NetworkPlan planOf(const std::string &model) { return need(planNetwork(model, {3, 32, 32}, 10)); }
bool isLayer(const Operation &operation) { return operation.kind == Kind::Convolution || operation.kind == Kind::Linear; }

/// One layer by itself with a minibatch of the sizes, and in the order in memory, that it meets in its network.
class Layer {
public:
    Layer(const Operation &operation, const torch::Tensor &input, at::MemoryFormat order, bool isFirst)
        : m_operation{operation}, m_input{input.detach()}
    {
        const bool isLinear = operation.kind == Kind::Linear;
        const std::int64_t in = operation.in, out = operation.out, side = operation.kernel;
        m_kernel = isLinear ? torch::randn({out, in}) : torch::randn({out, in, side, side}).contiguous(order);
        m_kernel.mul_(std::sqrt(2.0 / static_cast<double>(m_kernel.numel() / out))).set_requires_grad(true);
        if (operation.bias)
            m_bias = torch::zeros({out}).set_requires_grad(true);
        m_input.set_requires_grad(!isFirst); // nobody asks for the gradient of the images
        m_output = forward();
        m_slope = torch::randn_like(m_output);
        m_multiplications = static_cast<double>(m_output.numel()) * static_cast<double>(m_kernel.numel() / out);
    }
    torch::Tensor forward() const
    {
        return m_operation.kind == Kind::Linear ? torch::linear(m_input, m_kernel, m_bias)
                                                : torch::conv2d(m_input, m_kernel, m_bias, m_operation.stride, m_operation.padding);
    }
    /// All gradients that training asks for, of the output that the constructor made.
    void backward() const
    {
        std::vector<torch::Tensor> wanted{m_kernel};
        if (m_bias.defined())
            wanted.push_back(m_bias);
        if (m_input.requires_grad())
            wanted.push_back(m_input);
        torch::autograd::grad({m_output}, wanted, {m_slope}, /*retain_graph=*/true);
    }
    torch::Tensor output() const { return m_output.detach(); }
    double forwardOperations() const { return 2.0 * m_multiplications; }
    double backwardOperations() const { return (m_input.requires_grad() ? 4.0 : 2.0) * m_multiplications; }

private:
    Operation m_operation;
    torch::Tensor m_input, m_kernel, m_bias, m_output, m_slope;
    double m_multiplications = 0; // of one pass with the minibatch, each with its addition
};

/// The layer at `place` among the operations, fed by those before it.
Layer layerAt(const NetworkPlan &plan, std::size_t place)
{
    const auto order = plan.channelsLast ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    torch::Tensor x = randomImages().contiguous(order);
    for (std::size_t i = 0;; ++i) {
        const Operation &operation = plan.operations[i];
        if (i == place)
            return {operation, x, order, i == 0};
        switch (operation.kind) {
        case Kind::Convolution:
        case Kind::Linear: x = Layer{operation, x, order, i == 0}.output(); break;
        case Kind::BatchNormRelu:
        case Kind::Relu: x = x.relu(); break;
        case Kind::MaxPool: x = torch::max_pool2d(x, operation.kernel, operation.stride, 0, 1, /*ceil_mode=*/true); break;
        case Kind::Flatten: x = x.flatten(1); break;
        case Kind::Dropout: break;
        }
    }
}

void layerToProduct(benchmark::State &state, const std::string &model, std::size_t place)
try {
    const Layer layer = layerAt(planOf(model), place);
    Alternation passes{{[&] { layer.forward(); }, [&] { layer.backward(); }, Product{}}};
    passes.runAll(state);
    const double rate = kProductOperations / passes.medianSeconds(2);
    state.counters["forward_rate_to_product"] = layer.forwardOperations() / passes.medianSeconds(0) / rate;
    state.counters["backward_rate_to_product"] = layer.backwardOperations() / passes.medianSeconds(1) / rate;
    state.counters["operations_to_product"] = (layer.forwardOperations() + layer.backwardOperations()) / kProductOperations;
    state.counters["time_to_product"] = (passes.medianSeconds(0) + passes.medianSeconds(1)) / passes.medianSeconds(2);
    state.counters["product_gflops"] = rate / 1e9;
} catch (const std::exception &error) {
    state.SkipWithError(error.what());
}

/// A whole training step, and forward and backward of its network alone.
void stepToProduct(benchmark::State &state, const std::string &model)
try {
    const auto trainer = makeTrainer({model, "snapped", 4}, true);
    Network &network = *trainer->state().model.network;
    const auto images = randomImages(), labels = randomLabels();
    const auto passThrough = [&] {
        torch::cross_entropy_loss(network.forward(images, network.kernels(), Network::Mode::Train), labels).backward();
        for (auto &entry : network.tensors())
            entry.tensor.mutable_grad().reset();
    };
    Alternation passes{{[&] { need(trainer->runStep()); }, passThrough, Product{}}};
    passes.runAll(state);
    state.counters["step_to_product"] = passes.ratioTo(2);
    state.counters["passes_to_product"] = passes.medianSeconds(1) / passes.medianSeconds(2);
} catch (const std::exception &error) {
    state.SkipWithError(error.what());
}

} // namespace

int main(int argc, char **argv)
{
    setUpEnvironment(argv);
    tuneHeap();
    at::set_num_threads(static_cast<int>(engine::usableProcessors()));
    at::manual_seed(1);
    const auto rounds = takeOption(argc, argv, "rounds", 15);
    for (const std::string model : {"alexnet", "vgg16"}) {
        addRounds("step/" + model, rounds, stepToProduct, model);
        const NetworkPlan plan = planOf(model);
        for (std::size_t i = 0; i < plan.operations.size(); ++i)
            if (isLayer(plan.operations[i]))
                addRounds("layer/" + model + "/" + plan.operations[i].name, rounds, layerToProduct, model, i);
    }
    return runRegistered(argc, argv);
}
