// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/attachedkernel_torch.h"
#include "engine/codebooks/scope.h"
#include "engine/frame/size.h"
#include "engine/storage/snapshot.h"
#include "engine/training/kernellayers_torch.h"
#include "tests/support/follower.h"
#include "tests/support/quickrun.h"
#include <QTemporaryDir>
#include <QtTest>
#include <numeric>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr RegularizerStrength kStrength{.lambda = 0.3};

Settings scopeOf(const char *scope, const char *groups = "4", const char *layers = "")
{
    return support::quick({{ParameterId::Scope, scope}, {ParameterId::ChannelGroups, groups}, {ParameterId::Layers, layers}});
}

LayerInfo infoOf(std::string name, std::vector<std::int64_t> shape)
{
    const auto weights = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
    return {.id = {},
            .name = std::move(name),
            .kind = shape.size() > 2 ? "conv" : "linear",
            .shape = shape,
            .weightCount = static_cast<std::uint64_t>(weights)};
}

std::vector<LayerInfo> network()
{
    return {infoOf("features.0", {6, 1, 5, 5}), infoOf("features.3", {16, 6, 5, 5}), infoOf("classifier.1", {3, 40})};
}

/// A kernel whose channels lie side by side, as those of the larger networks do.
torch::Tensor kernelOf(std::vector<std::int64_t> shape)
{
    const auto values = torch::randn(shape);
    return (shape.size() == 4 ? values.contiguous(at::MemoryFormat::ChannelsLast) : values).set_requires_grad(true);
}

std::optional<SnapshotData> endOf(const Settings &settings)
{
    QTemporaryDir folder;
    const auto file = folder.filePath("end.h5").toStdString();
    Run run{FromSettings{settings}};
    Follower follower{run};
    run.start();
    if (!follower.await<Finished>())
        return std::nullopt;
    follower.ask(TakeSnapshot{file});
    follower.await<SnapshotSaved>();
    run.stop();
    run.wait();
    auto data = readSnapshot(file);
    return data ? std::optional{*std::move(data)} : std::nullopt;
}

QString firstError(const Settings &settings)
{
    Run run{FromSettings{settings}};
    Follower follower{run};
    run.start({.paused = true});
    const auto *failed = follower.await<Failed>();
    return failed ? QString::fromStdString(failed->why.text) : QString{};
}

} // namespace

/// What has a codebook: a layer, a range of its channels, or all layers of a kind.
class TstScope : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void channelsAreDivided()
    {
        const auto layers = layersWithCodebooks(scopeOf("channels", "4"), network());
        QCOMPARE(layers.size(), 4u + 4 + 3); // three channels have three ranges
        QCOMPARE(QString::fromStdString(layers[0].name), "features.0[0:1]");
        QCOMPARE(QString::fromStdString(layers[3].name), "features.0[4:6]");
        std::uint64_t weights = 0;
        for (std::size_t i = 0; i < layers.size(); ++i) {
            QCOMPARE(index(layers[i].id), i);
            weights += layers[i].weightCount;
        }
        QCOMPARE(weights, 150u + 2400 + 120);
        QCOMPARE(layersWithCodebooks(scopeOf("layer"), network()).size(), 3u);
        QCOMPARE(layersWithCodebooks(scopeOf("unified"), network()).size(), 3u);
    }

    void ownersAreTheFirstOfTheirKind()
    {
        QVERIFY((codebookOwners(scopeOf("unified"), network()) == std::vector<std::size_t>{0, 0, 2}));
        QVERIFY((codebookOwners(scopeOf("layer"), network()) == std::vector<std::size_t>{0, 1, 2}));
        QVERIFY(checkSharedCodebooks(scopeOf("unified", "4", "features.*:k=8,lambda=1"), network()));
        const auto refused = checkSharedCodebooks(scopeOf("unified", "4", "features.3:k=8"), network());
        QVERIFY(!refused && refused.error().text.find("features.3") != std::string::npos);
    }

    void partsOfAKernelAreQuantizedEachByItself_data()
    {
        QTest::addColumn<bool>("conv");
        QTest::addColumn<int>("mode");
        for (const auto mode : {ForwardMode::Latent, ForwardMode::Snapped, ForwardMode::Committed}) {
            QTest::addRow("conv %d", static_cast<int>(mode)) << true << static_cast<int>(mode);
            QTest::addRow("linear %d", static_cast<int>(mode)) << false << static_cast<int>(mode);
        }
    }
    void partsOfAKernelAreQuantizedEachByItself()
    {
        QFETCH(bool, conv);
        QFETCH(int, mode);
        const auto forward = static_cast<ForwardMode>(mode);
        torch::manual_seed(1);
        const auto kernel = kernelOf(conv ? std::vector<std::int64_t>{6, 3, 3, 3} : std::vector<std::int64_t>{6, 20});
        const auto slope = torch::randn_like(kernel);
        const std::vector<LayerInfo> ranges =
            layersWithCodebooks(scopeOf("channels", "2"), std::vector{infoOf("layer", kernel.sizes().vec())});
        LayerQuantizers parts, alone;
        const auto whole = KernelLayers::divide(std::vector{kernel}, ranges, parts);
        const std::vector<std::vector<float>> codebooks{{-1, 0, 1}, {-0.5f, 0.1f, 0.2f, 2}};
        for (std::size_t i = 0; i < 2; ++i) { // the same weights in a kernel of their own
            const auto own = kernel.detach()
                                 .narrow(0, 3 * static_cast<std::int64_t>(i), 3)
                                 .clone(kernel.suggest_memory_format())
                                 .set_requires_grad(true);
            alone.push_back(std::make_unique<LayerQuantizer>(ranges[i], own));
            for (auto *quantizer : {parts[i].get(), alone[i].get()}) {
                quantizer->setRepresentatives(codebooks[i]);
                if (forward == ForwardMode::Committed)
                    quantizer->commit();
            }
        }
        const auto values = whole[0].attach(parts, forward, [](std::size_t) { return kStrength; });
        (values * slope).sum().backward();
        for (std::size_t i = 0; i < 2; ++i) {
            const auto from = 3 * static_cast<std::int64_t>(i);
            const auto expected = alone[i]->attach(forward, kStrength);
            (expected * slope.narrow(0, from, 3)).sum().backward();
            QVERIFY(torch::equal(values.detach().narrow(0, from, 3), expected.detach()));
            QVERIFY(torch::equal(parts[i]->representatives().grad(), alone[i]->representatives().grad()));
            if (forward != ForwardMode::Committed)
                QVERIFY(torch::equal(kernel.grad().narrow(0, from, 3), alone[i]->kernel().grad()));
            QCOMPARE(parts[i]->lastPass()->energy, alone[i]->lastPass()->energy);
        }
        QVERIFY(values.is_contiguous(kernel.suggest_memory_format()));
        QVERIFY(torch::equal(whole[0].snapped(parts).narrow(0, 3, 3), alone[1]->snapped()));
    }

    void snappingAheadFindsTheRanges()
    {
        const auto kernel = kernelOf({5, 40});
        LayerQuantizers parts;
        const auto whole = KernelLayers::divide(
            std::vector{kernel}, layersWithCodebooks(scopeOf("channels", "3"), std::vector{infoOf("layer", {5, 40})}), parts);
        for (const auto &part : parts) {
            part->setRepresentatives(std::vector{-1.0f, 1.0f});
            part->beginSnapAhead({});
        }
        for (std::size_t from = 0; from < 200; from += 33)
            whole[0].snapAhead(parts, from, std::min<std::size_t>(from + 33, 200));
        const auto values = whole[0].attach(parts, ForwardMode::Snapped, [](std::size_t) { return kStrength; });
        QVERIFY(torch::equal(values.detach(), torch::where(kernel.detach() > 0, 1.0f, -1.0f)));
    }

    void aSharedCodebookStepsAsThatOfOneLayer_data()
    {
        QTest::addColumn<int>("mode");
        QTest::newRow("latent") << static_cast<int>(ForwardMode::Latent);
        QTest::newRow("snapped") << static_cast<int>(ForwardMode::Snapped);
        QTest::newRow("committed") << static_cast<int>(ForwardMode::Committed);
    }
    void aSharedCodebookStepsAsThatOfOneLayer()
    {
        QFETCH(int, mode);
        const auto forward = static_cast<ForwardMode>(mode);
        torch::manual_seed(2);
        const auto first = kernelOf({4, 50}), second = kernelOf({7, 50}), slope = torch::randn({11, 50});
        const auto together = torch::cat({first.detach(), second.detach()}).set_requires_grad(true);
        LayerQuantizer a{infoOf("a", {4, 50}), first}, b{infoOf("b", {7, 50}), second}, all{infoOf("all", {11, 50}), together};
        for (auto *quantizer : {&a, &b, &all}) {
            quantizer->setRepresentatives(std::vector{-1.0f, 0.0f, 0.01f, 1.0f});
            if (forward == ForwardMode::Committed)
                quantizer->commit();
        }
        constexpr RegularizerStrength strength{.lambda = 0.3, .repulsion = 0.2};
        (a.attach(forward, strength) * slope.narrow(0, 0, 4)).sum().backward();
        (b.attach(forward, strength) * slope.narrow(0, 4, 7)).sum().backward();
        (all.attach(forward, strength) * slope).sum().backward();
        LayerQuantizer *const both[] = {&a, &b};
        LayerQuantizer::stepShared(both, forward, strength, 0.5); // far enough to pass each other
        all.stepRepresentatives(0.5);
        for (const auto *quantizer : both) {
            QVERIFY(torch::allclose(quantizer->representatives().detach(), all.representatives().detach(), 1e-5, 1e-6));
            QVERIFY(quantizer->identity() == all.identity());
            QVERIFY(!quantizer->representatives().grad().defined());
        }
        auto codes = a.codes();
        const auto more = b.codes();
        codes.insert(codes.end(), more.begin(), more.end());
        QVERIFY(codes == all.codes());
    }

    void aRunKeepsOneCodebookForEachKind()
    {
        const auto end = endOf(scopeOf("unified"));
        QVERIFY(end);
        QCOMPARE(end->network.layers.size(), 5u);
        QVERIFY(end->network.layers[0].representatives == end->network.layers[1].representatives); // two convolutions
        QVERIFY(end->network.layers[2].representatives == end->network.layers[4].representatives); // three linear layers
        QVERIFY(end->network.layers[0].representatives != end->network.layers[2].representatives);
        QVERIFY(*end->run.snappedTestAccuracy > 0.7);
    }

    void aRunKeepsACodebookForEachRange()
    {
        const auto end = endOf(scopeOf("channels", "2", "features.3:k=2"));
        QVERIFY(end);
        QCOMPARE(end->network.layers.size(), 10u);
        QVERIFY(end->network.layers[0].representatives != end->network.layers[1].representatives);
        QCOMPARE(end->network.layers[2].representatives.size(), 2u); // a rule for a layer is one for its ranges
        QCOMPARE(end->network.layers[3].representatives.size(), 2u);
        QCOMPARE(QString::fromStdString(end->run.description.layers[2].name), "features.3[0:8]");
        QVERIFY(*end->run.snappedTestAccuracy > 0.7);
    }

    void aSharedCodebookCountsOnce()
    {
        const std::vector<std::uint64_t> occupancy{10, 20, 30, 40};
        QCOMPARE(layerSize(occupancy).fixedBytes - layerSize(occupancy, false).fixedBytes, 16.0);
        QCOMPARE(layerSize(occupancy).floatBytes, layerSize(occupancy, false).floatBytes);
    }

    void refusesWhatDoesNotGoTogether()
    {
        auto settings = scopeOf("unified");
        QVERIFY(settings.setText(ParameterId::Entropy, "0.1"));
        QVERIFY(firstError(settings).contains("entropy"));
        settings = scopeOf("unified");
        QVERIFY(settings.setText(ParameterId::Dead, "revive"));
        QVERIFY(firstError(settings).contains("dead"));
        QVERIFY(firstError(scopeOf("unified", "4", "classifier.3:k=7")).contains("classifier.3"));
    }
};

QTEST_GUILESS_MAIN(TstScope)
#include "tst_scope.moc"
