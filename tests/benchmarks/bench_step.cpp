// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the regularizer adds to a training step, and what the layout of the channels makes of it. See
// README.md beside this file.
#include "engine/core/machine.h"
#include "engine/nets/plannednetwork_torch.h"
#include "tests/benchmarks/alternation.h"
#include "tests/benchmarks/trainers.h"
#include <string>
#include <sys/resource.h>

using namespace engine;
using namespace benchmarks;

namespace {

/// The least that training takes, with the engine's network and optimizer but without its checks, tallies and data.
class BareLoop {
public:
    explicit BareLoop(TrainingState &state)
        : m_state{state}, m_images{torch::randn({kBatch, 3, 32, 32})}, m_labels{torch::randint(10, {kBatch}, torch::kLong)} {}
    void step()
    {
        const auto logits = m_state.model.network->forward(m_images, m_state.model.network->kernels(), Network::Mode::Train);
        torch::cross_entropy_loss(logits, m_labels).backward();
        m_state.model.optimizer->step(0.001, 0.0005);
    }

private:
    TrainingState &m_state;
    torch::Tensor m_images, m_labels;
};

void compareWithPlain(benchmark::State &state, const Case &which)
try {
    const auto regularized = makeTrainer(which, true), plain = makeTrainer(which, false);
    BareLoop bare{plain->state()};
    Alternation steps{{[&] { need(regularized->runStep()); }, [&] { need(plain->runStep()); }, [&] { bare.step(); }}};
    steps.runAll(state);
    state.counters["ratio_to_plain"] = steps.ratioTo(1);
    state.counters["ratio_to_bare"] = steps.ratioTo(2);
    state.counters["ratio_of_fastest"] = steps.fastestSeconds(0) / steps.fastestSeconds(1);
    state.counters["images_per_second"] = kBatch / steps.medianSeconds(0);
} catch (const std::exception &error) {
    state.SkipWithError(error.what());
}

/// Forward and backward of a network as planned with the same one whose channels lie the other way in memory.
void compareLayouts(benchmark::State &state, const std::string &model, const ImageShape &shape)
try {
    const auto plan = need(planNetwork(model, shape, 10));
    auto other = plan;
    other.channelsLast = !plan.channelsLast;
    PlannedNetwork asPlanned{plan, 1}, otherWay{other, 1};
    const auto images = torch::randn({kBatch, shape.channels, shape.height, shape.width});
    const auto labels = torch::randint(10, {kBatch}, torch::kLong);
    const auto pass = [&](Network &network) {
        torch::cross_entropy_loss(network.forward(images, network.kernels(), Network::Mode::Train), labels).backward();
        for (auto &entry : network.tensors())
            entry.tensor.mutable_grad().reset();
    };
    Alternation passes{{[&] { pass(asPlanned); }, [&] { pass(otherWay); }}};
    passes.runAll(state);
    state.counters["ratio_to_other_layout"] = passes.ratioTo(1);
    state.counters["channels_last"] = plan.channelsLast;
} catch (const std::exception &error) {
    state.SkipWithError(error.what());
}

/// The most memory that this process has had at once, in MiB.
double peakMemory()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

void stepAlone(benchmark::State &state, const Case &which, bool regularized)
try {
    const auto trainer = makeTrainer(which, regularized);
    Alternation steps{{[&] { need(trainer->runStep()); }}};
    steps.runAll(state);
    state.counters["images_per_second"] = kBatch / steps.medianSeconds(0);
    state.counters["peak_mebibytes"] = peakMemory(); // means something where this benchmark alone was run
} catch (const std::exception &error) {
    state.SkipWithError(error.what());
}

} // namespace

int main(int argc, char **argv)
{
    setUpEnvironment(argv);
    const auto steps = takeOption(argc, argv, "steps", 15);
    for (const Case &which : {Case{"vgg-small", "snapped", 4}, Case{"vgg-small", "latent", 4}, Case{"alexnet", "snapped", 4},
                              Case{"alexnet", "latent", 4}, Case{"vgg16", "snapped", 4}, Case{"vgg16", "latent", 4},
                              Case{"vgg16", "snapped", 16}, Case{"vgg16", "latent", 16}}) {
        auto add = [&](const std::string &kind, auto run) {
            benchmark::RegisterBenchmark((kind + "/" + which.name()).c_str(), run, which)
                ->Iterations(steps)->UseManualTime()->Unit(benchmark::kMillisecond);
        };
        add("regularized_to_plain", compareWithPlain);
        add("regularized_alone", [](benchmark::State &state, const Case &one) { stepAlone(state, one, true); });
        add("plain_alone", [](benchmark::State &state, const Case &one) { stepAlone(state, one, false); });
    }
    for (const std::string model : {"lenet5", "vgg-small", "alexnet", "vgg16"}) {
        const ImageShape shape = model == "lenet5" ? ImageShape{1, 28, 28} : ImageShape{3, 32, 32};
        benchmark::RegisterBenchmark(("layout/" + model).c_str(), compareLayouts, model, shape)
            ->Iterations(steps)->UseManualTime()->Unit(benchmark::kMillisecond);
    }
    return runRegistered(argc, argv);
}
