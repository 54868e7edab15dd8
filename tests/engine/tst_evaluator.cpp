// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/plannednetwork_torch.h"
#include "engine/training/evaluator_torch.h"
#include <QtTest>
#include <numeric>
#include <torch/torch.h>

using namespace engine;

namespace {

struct Fixture {
    Dataset data = *loadDataset("generated:3x32x32");
    Split split = splitValidation(data.train, 0.1, 1);
    Normalisation normalisation = measureNormalisation(data.train, split.train);
    PlannedNetwork network{*planNetwork("vgg-small", {3, 32, 32}, 10), 3};
    Evaluator evaluator{data.train, split.validation, normalisation};

    std::unique_ptr<MinibatchStream> stream(bool augmented)
    {
        return std::make_unique<MinibatchStream>(data.train, split.train, normalisation,
                                                 MinibatchOptions{.batchSize = 100, .pad = augmented, .mirror = augmented}, 0);
    }
    torch::Tensor statistic(const std::string &name)
    {
        return std::ranges::find(network.tensors(), name, &Network::NamedTensor::name)->tensor;
    }
};

} // namespace

class TstEvaluator : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void normsAreReestimatedOnWhatTheNetworkWasTrainedOn()
    {
        Fixture f;
        f.evaluator.reestimateNorms(f.network, f.network.kernels(), *f.stream(true));
        const torch::Tensor mean = f.statistic("features.1.running_mean").clone(), variance = f.statistic("features.1.running_var").clone();

        // By definition: mean over minibatches of each channel's mean and unbiased variance, after the first
        // convolution.
        torch::NoGradGuard noGradient;
        torch::Tensor expectedMean = torch::zeros({32}), expectedVariance = torch::zeros({32});
        const int batches = 50; // 5,000 images
        const auto same = f.stream(true);
        for (int i = 0; i < batches; ++i) {
            Minibatch batch = same->next();
            const auto x = torch::conv2d(imagesOf(batch, f.data.train), f.network.kernels()[0], {}, 1, 1).transpose(0, 1).flatten(1);
            expectedMean += x.mean(1) / batches;
            expectedVariance += x.var(1, /*unbiased=*/true) / batches;
        }
        QVERIFY(torch::allclose(mean, expectedMean, 1e-3, 1e-5));
        QVERIFY(torch::allclose(variance, expectedVariance, 1e-3, 1e-5));

        // Images without augmentation are something else.
        f.evaluator.reestimateNorms(f.network, f.network.kernels(), *f.stream(false));
        QVERIFY(!torch::allclose(f.statistic("features.1.running_var"), expectedVariance, 1e-3, 1e-5));
    }

    void measuringLeavesTheStatisticsAlone()
    {
        Fixture f;
        const torch::Tensor before = f.statistic("features.1.running_mean").clone();
        const double share = f.evaluator.validate(f.network, f.network.kernels(), 50);
        QVERIFY(share >= 0.0 && share <= 1.0);
        f.evaluator.test(f.network, f.network.kernels(), f.data.test);
        QVERIFY(torch::equal(before, f.statistic("features.1.running_mean")));
    }
};

QTEST_GUILESS_MAIN(TstEvaluator)
#include "tst_evaluator.moc"
