// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/allocation.h"
#include "tests/support/quicksnapshot.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <cmath>
#include <numeric>
#include <random>

using namespace engine;

namespace {

double total(const std::vector<AllocationOptions> &layers, const std::vector<std::size_t> &chosen, double AllocationOption::*of)
{
    double sum = 0;
    for (std::size_t layer = 0; layer < layers.size(); ++layer)
        sum += layers[layer][chosen[layer]].*of;
    return sum;
}

/// Bytes grow with k, losses fall, each at its own pace.
std::vector<AllocationOptions> someLayers(unsigned seed, std::size_t count)
{
    std::mt19937 generator{seed};
    std::uniform_real_distribution<double> any{0.1, 1.0};
    std::vector<AllocationOptions> layers(count);
    for (auto &layer : layers) {
        double bytes = 10, loss = 3 * any(generator);
        for (const int k : {2, 4, 8, 16}) {
            layer.push_back({.k = k, .bytes = bytes, .lossRise = loss, .accuracyDrop = 0.1 * loss});
            bytes += 100 * any(generator);
            loss *= 0.6 * any(generator);
        }
    }
    return layers;
}

/// Each combination of options.
template <typename Visit>
void forEachChoice(const std::vector<AllocationOptions> &layers, const Visit &visit)
{
    std::vector<std::size_t> chosen(layers.size());
    while (true) {
        visit(chosen);
        std::size_t layer = 0;
        while (layer < chosen.size() && ++chosen[layer] == layers[layer].size())
            chosen[layer++] = 0;
        if (layer == chosen.size())
            return;
    }
}

} // namespace

class TstAllocation : public QObject {
    Q_OBJECT
private slots:
    void keepsTheBudgetAndComesNearTheBest()
    {
        for (unsigned seed = 1; seed <= 40; ++seed) {
            const auto layers = someLayers(seed, 5);
            double least = 0, most = 0;
            for (const auto &layer : layers) {
                least += layer.front().bytes;
                most += layer.back().bytes;
            }
            const double budget = 0.5 * (least + most);
            const auto choice = chooseForBytes(layers, budget);
            QVERIFY(choice.meets && total(layers, choice.options, &AllocationOption::bytes) <= budget);
            double best = 1e9, worst = 0;
            forEachChoice(layers, [&](const auto &chosen) {
                if (total(layers, chosen, &AllocationOption::bytes) > budget)
                    return;
                best = std::min(best, total(layers, chosen, &AllocationOption::lossRise));
                worst = std::max(worst, total(layers, chosen, &AllocationOption::lossRise));
            });
            const double found = total(layers, choice.options, &AllocationOption::lossRise);
            QVERIFY2(found - best <= 0.25 * (worst - best),
                     qPrintable(QString{"seed %1: %2, best %3, worst %4"}.arg(seed).arg(found).arg(best).arg(worst)));
        }
    }

    void aBudgetBeyondReach()
    {
        const auto layers = someLayers(3, 4);
        const auto choice = chooseForBytes(layers, 1);
        QVERIFY(!choice.meets && choice.options == std::vector<std::size_t>(4, 0));
        const auto plenty = chooseForBytes(layers, 1e9);
        QVERIFY(plenty.meets && plenty.options == std::vector<std::size_t>(4, 3));
    }

    void keepsTheDrop()
    {
        const auto layers = someLayers(5, 5);
        std::vector<std::size_t> largest(5, 3), smallest(5, 0);
        const double drop =
            0.5 * (total(layers, largest, &AllocationOption::accuracyDrop) + total(layers, smallest, &AllocationOption::accuracyDrop));
        const auto choice = chooseForAccuracy(layers, drop);
        QVERIFY(choice.meets && total(layers, choice.options, &AllocationOption::accuracyDrop) <= drop + 1e-9);
        QVERIFY(choice.options != largest);
        // no layer could take one option less
        for (std::size_t layer = 0; layer < layers.size(); ++layer) {
            auto less = choice.options;
            if (less[layer]-- == 0)
                continue;
            QVERIFY(total(layers, less, &AllocationOption::accuracyDrop) > drop);
        }
        QVERIFY(!chooseForAccuracy(layers, -1).meets);
    }

    void noiseDoesNotMakeSmallCodebooksBetter()
    {
        // Of two layers the first seems to gain from k = 2; that is noise, and no reason to leave the larger
        // one at the same price.
        const std::vector<AllocationOptions> layers{{{2, 10, -0.5, -0.1}, {4, 20, 0.2, 0.05}}, {{2, 10, 0.1, 0.0}, {4, 20, 0.05, 0.0}}};
        const auto choice = chooseForBytes(layers, 30);
        QVERIFY(choice.meets);
        QCOMPARE(choice.options, (std::vector<std::size_t>{0, 1})); // its rise counts as 0.2 both times: nothing is lost
    }

    void allocatesForBytes()
    {
        const auto snapshot = support::snapshotAt(support::quick(), Step{30});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        std::size_t last = 0, foretold = 0;
        std::optional<Allocation> preview;
        const AllocationRequest request{.bytes = 20000, .candidates = {2, 4, 16}, .images = 100, .refinements = 4};
        const auto found = allocate(*snapshot, request, [&](std::size_t done, std::size_t all) {
            last = done;
            return done <= all;
        }, [&](const Allocation &first) {
            preview = first;
            foretold = last;
        });
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(found->meets && found->bytes <= 20000 && found->layers.size() == 5);
        QVERIFY(last >= 1 + 15 + 1);
        QVERIFY(preview && preview->meets && std::isnan(preview->measured.loss) && std::isfinite(preview->predicted.loss) &&
                preview->layers.size() == 5);
        QCOMPARE(foretold, std::size_t{1 + 15}); // before the choice is measured
        for (const auto &each : {*preview, *found}) {
            const auto read = readAllocation(allocationToJson(each, true));
            QVERIFY2(read, read ? "" : read.error().text.c_str());
            QCOMPARE(allocationToJson(*read), allocationToJson(each));
        }
        QVERIFY(!allocationToJson(*preview, true).contains('\n'));
        QVERIFY(!readAllocation("{}"));
        QCOMPARE(count(found->step), std::uint64_t{30});
        Settings settings = support::quick();
        QVERIFY(settings.setText(ParameterId::Layers, found->rules())); // the program takes what it says
        const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(allocationToJson(*found))).object();
        QCOMPARE(json["layers"].toArray().size(), 5);
        QVERIFY(QString::fromStdString(describeAllocation(*found)).contains(QString::fromStdString(found->rules())));
        const auto less = allocate(*snapshot, {.bytes = 100, .candidates = {2, 4}, .images = 100});
        QVERIFY(less && !less->meets && less->layers[2].option.k == 2);
    }

    void allocatesForAccuracy()
    {
        const auto snapshot = support::snapshotAt(support::quick(), Step{30});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        const auto found = allocate(*snapshot, {.accuracy = 0.5, .candidates = {2, 4, 8, 64}, .images = 200});
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(found->meets && found->measured.accuracy >= 0.5);
        const auto strict = allocate(*snapshot, {.accuracy = found->latent.accuracy, .candidates = {2, 4, 8, 64}, .images = 200});
        QVERIFY(strict && strict->bytes >= found->bytes);
    }

    /// A rule is for a layer, not for a range of its channels.
    void aLayersRangesOfChannelsGetTheSame()
    {
        const Settings settings = support::quick({{ParameterId::Scope, "channels"}, {ParameterId::ChannelGroups, "3"}});
        const auto snapshot = support::snapshotAt(settings, Step{30});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        std::size_t last = 0;
        const auto found = allocate(*snapshot, {.bytes = 20000, .candidates = {2, 4}, .images = 100, .refinements = 0},
                                    [&](std::size_t done, std::size_t) { return last = done, true; });
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QCOMPARE(last, std::size_t{1 + 5 * 2 + 1});
        QCOMPARE(found->layers.size(), std::size_t{5});
        QVERIFY(found->layers[2].layer == "classifier.1" && found->layers[2].weights == 48000);
        QVERIFY(std::isfinite(found->measured.loss));
        auto next = settings;
        QVERIFY(next.setText(ParameterId::Layers, found->rules()));
        QVERIFY(support::snapshotAt(next, Step{1})); // a run takes them
        const auto whole = support::snapshotAt(support::quick(), Step{30}); // one codebook where three cost little more
        const AllocationRequest smallest{.bytes = 1, .candidates = {2}, .images = 50, .refinements = 0};
        const auto one = allocate(*whole, smallest), three = allocate(*snapshot, smallest);
        QVERIFY(one && three);
        QVERIFY(std::abs(three->layers[2].option.bytes / one->layers[2].option.bytes - 1) < 0.05);
    }

    void refuses()
    {
        const auto snapshot = support::snapshotAt(support::quick(), Step{5});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        QVERIFY(!allocate(*snapshot, {}));
        QVERIFY(!allocate(*snapshot, {.bytes = 1000, .accuracy = 0.9}));
        QVERIFY(!allocate(*snapshot, {.accuracy = 90.0}));
        const auto descending = allocate(*snapshot, {.bytes = 1000, .candidates = {4, 2}});
        QVERIFY(!descending && descending.error().text.find("ascending") != std::string::npos);
        QVERIFY(!allocate(*snapshot, {.bytes = 1000, .candidates = {2, 257}}));
        const auto stopped = allocate(*snapshot, {.bytes = 1000, .images = 50}, [](std::size_t done, std::size_t) { return done < 3; });
        QVERIFY(!stopped && stopped.error().text.find("stopped") != std::string::npos);
        const auto shared = support::snapshotAt(support::quick({{ParameterId::Scope, "unified"}}), Step{5});
        const auto unified = allocate(*shared, {.bytes = 1000});
        QVERIFY(!unified && unified.error().text.find("unified") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstAllocation)
#include "tst_allocation.moc"
