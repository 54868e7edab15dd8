// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/plannednetwork_torch.h"
#include <QtTest>
#include <limits>
#include <torch/torch.h>

using namespace engine;

class TstNetwork : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aFloatKernelIsComputedWithAsItIs()
    {
        const auto plan = *planNetwork("lenet5", {1, 28, 28}, 10);
        PlannedNetwork network{plan, 1};
        const auto images = torch::randn({2, 1, 28, 28});
        const auto expected = network.forward(images, network.kernels(), Network::Mode::Evaluate);
        network.keepFloat(std::vector<std::string>{"features.3", "no such layer"});
        QCOMPARE(network.kernels().size(), plan.layers().size() - 1);
        QVERIFY(torch::equal(network.forward(images, network.kernels(), Network::Mode::Evaluate), expected));
    }

    void planCounts_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("layers");
        QTest::addColumn<quint64>("weights");
        // Counted by hand from the shapes, 3×32×32 images and 10 classes.
        QTest::newRow("lenet5") << "lenet5" << 5 << quint64{3 * 6 * 25 + 6 * 16 * 25 + 400 * 120 + 120 * 84 + 84 * 10};
        QTest::newRow("vgg-small") << "vgg-small" << 8 << quint64{864 + 9216 + 18432 + 36864 + 73728 + 147456 + 2048 * 256 + 2560};
        QTest::newRow("alexnet") << "alexnet" << 8 << quint64{1728 + 110592 + 663552 + 884736 + 589824 + 1024 * 4096 + 4096 * 4096 + 40960};
        QTest::newRow("vgg16") << "vgg16" << 14 << quint64{14710464 + 5120};
        QTest::newRow("vgg16-4096") << "vgg16-4096" << 16 << quint64{14710464 + 512 * 4096 + 4096 * 4096 + 40960};
    }
    void planCounts()
    {
        QFETCH(QString, model);
        QFETCH(int, layers);
        QFETCH(quint64, weights);
        const auto plan = planNetwork(model.toStdString(), {3, 32, 32}, 10);
        QVERIFY(plan);
        QCOMPARE(plan->layers().size(), static_cast<std::size_t>(layers));
        QCOMPARE(plan->quantizedWeights(), weights);
    }

    void forward_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("side");
        for (const auto *model : {"lenet5", "vgg-small", "alexnet", "vgg16"}) {
            QTest::addRow("%s grey 28", model) << model << 1 << 28;
            QTest::addRow("%s colour 32", model) << model << 3 << 32;
        }
    }
    void forward()
    {
        QFETCH(QString, model);
        QFETCH(int, channels);
        QFETCH(int, side);
        const auto plan = planNetwork(model.toStdString(), {channels, side, side}, 10);
        QVERIFY(plan);
        PlannedNetwork network{*plan, 3};
        std::uint64_t values = 0;
        for (const auto &entry : network.tensors())
            values += static_cast<std::uint64_t>(entry.tensor.numel());
        QCOMPARE(values, plan->quantizedWeights() + plan->floatParameters());
        const auto images = torch::randn({2, channels, side, side});
        const auto logits = network.forward(images, network.kernels(), Network::Mode::Train);
        QVERIFY((logits.sizes().vec() == std::vector<std::int64_t>{2, 10}));
        QVERIFY(torch::isfinite(logits).all().item<bool>());
        logits.sum().backward();
        for (const auto &kernel : network.kernels())
            QVERIFY(kernel.grad().defined() && kernel.grad().is_contiguous(kernel.suggest_memory_format()));
    }

    void theLayoutOfChannelsChangesNothingButTheSpeed_data()
    {
        QTest::addColumn<QString>("model");
        for (const auto *model : {"lenet5", "vgg-small", "vgg16"})
            QTest::newRow(model) << model;
    }
    void theLayoutOfChannelsChangesNothingButTheSpeed()
    {
        QFETCH(QString, model);
        const auto plan = planNetwork(model.toStdString(), {3, 32, 32}, 10);
        auto other = *plan;
        other.channelsLast = !plan->channelsLast;
        torch::manual_seed(2);
        const auto images = torch::randn({8, 3, 32, 32});
        const auto labels = torch::arange(8);
        PlannedNetwork a{*plan, 5}, b{other, 5};
        const auto logits = a.forward(images, a.kernels(), Network::Mode::Train);
        const auto same = b.forward(images, b.kernels(), Network::Mode::Train);
        QVERIFY(torch::allclose(logits, same, 1e-3, 1e-3));
        torch::cross_entropy_loss(logits, labels).backward();
        torch::cross_entropy_loss(same, labels).backward();
        for (std::size_t i = 0; i < a.tensors().size(); ++i) {
            if (!a.tensors()[i].tensor.requires_grad())
                continue;
            const auto &g = a.tensors()[i].tensor.grad(), &h = b.tensors()[i].tensor.grad();
            const double distance = (g - h).norm().item<double>(), scale = g.norm().item<double>() + 1e-3;
            QVERIFY2(distance < 0.01 * scale,
                     qPrintable(QStringLiteral("%1: %2 of %3").arg(QString::fromStdString(a.tensors()[i].name)).arg(distance).arg(scale)));
        }
    }

    void theSeedDecidesEverything()
    {
        const auto plan = planNetwork("alexnet", {1, 28, 28}, 10);
        const auto images = torch::ones({4, 1, 28, 28});
        PlannedNetwork a{*plan, 3}, b{*plan, 3}, c{*plan, 4};
        torch::manual_seed(99); // the library's own generator plays no part
        const auto first = a.forward(images, a.kernels(), Network::Mode::Train);
        torch::manual_seed(7);
        QVERIFY(torch::equal(first, b.forward(images, b.kernels(), Network::Mode::Train)));
        QVERIFY(!torch::equal(first, c.forward(images, c.kernels(), Network::Mode::Train)));
        b.setRandomState(a.randomState());
        QVERIFY(torch::equal(a.forward(images, a.kernels(), Network::Mode::Train), b.forward(images, b.kernels(), Network::Mode::Train)));
    }

    void reestimationTakesTheMeanOverTheCalls()
    {
        const auto plan = planNetwork("vgg-small", {1, 28, 28}, 10);
        PlannedNetwork network{*plan, 1};
        torch::NoGradGuard noGradient;
        const auto mean = [&] {
            for (const auto &entry : network.tensors())
                if (entry.role == Network::Role::NormMean)
                    return entry.tensor;
            return torch::Tensor{};
        }();
        const auto x = torch::randn({8, 1, 28, 28}), y = torch::randn({8, 1, 28, 28});
        network.beginReestimation();
        network.forward(x, network.kernels(), Network::Mode::Reestimate);
        const auto first = mean.clone();
        network.forward(y, network.kernels(), Network::Mode::Reestimate);
        const auto both = mean.clone();
        network.beginReestimation();
        network.forward(y, network.kernels(), Network::Mode::Reestimate);
        QVERIFY(torch::allclose(both, (first + mean) / 2, 1e-4, 1e-6));
        const auto before = mean.clone();
        network.forward(x, network.kernels(), Network::Mode::Evaluate);
        QVERIFY(torch::equal(before, mean));
    }

    void namesTheFirstOperationThatIsNotFinite()
    {
        const auto plan = planNetwork("lenet5", {1, 28, 28}, 10);
        PlannedNetwork network{*plan, 1};
        const auto images = torch::ones({2, 1, 28, 28});
        auto kernels = network.kernels();
        QVERIFY(network.firstNonFinite(images, kernels).empty());
        kernels[1] = torch::full_like(kernels[1], std::numeric_limits<float>::infinity());
        QCOMPARE(QString::fromStdString(network.firstNonFinite(images, kernels)), QString::fromStdString(plan->layers()[1].name));
    }

    void refuses()
    {
        QVERIFY(!planNetwork("resnet", {3, 32, 32}, 10));
        QVERIFY(planNetwork("lenet5", {2, 32, 32}, 10).error().code == ErrorCode::Unsupported);
        QVERIFY(planNetwork("vgg16", {3, 8, 8}, 10).error().code == ErrorCode::Unsupported);
    }
};

QTEST_APPLESS_MAIN(TstNetwork)
#include "tst_network.moc"
