// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/datasetshelf.h"
#include "engine/training/store_torch.h"
#include <QtTest>
#include <torch/torch.h>

using namespace engine;

namespace {

std::unique_ptr<TrainingState> stateOf(const std::string &model)
{
    Settings settings;
    (void)settings.setText(ParameterId::Data, "generated");
    (void)settings.setText(ParameterId::Model, model);
    (void)settings.setText(ParameterId::Threads, "1");
    DatasetShelf shelf;
    auto state = prepareTraining(settings, shelf);
    return state ? std::move(*state) : nullptr;
}

/// Whether the values of an array are those of the tensor, last dimension fastest.
bool holds(std::span<const float> values, const torch::Tensor &tensor)
{
    const torch::Tensor plain = tensor.detach().contiguous();
    return std::ranges::equal(values, std::span{plain.data_ptr<float>(), static_cast<std::size_t>(plain.numel())});
}

} // namespace

class TstStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Files have weights and codes with the last dimension fastest, however the kernels lie in memory.
    void storesInTheOrderOfTheShape_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<bool>("liesOtherwise");
        QTest::newRow("channels side by side") << "vgg-small" << true;
        QTest::newRow("channels one after the other") << "lenet5" << false;
    }
    void storesInTheOrderOfTheShape()
    {
        QFETCH(QString, model);
        QFETCH(bool, liesOtherwise);
        const auto state = stateOf(model.toStdString());
        QVERIFY(state);
        QCOMPARE(!state->model.layers[1]->kernel().is_contiguous(), liesOtherwise); // else the test shows nothing
        const RunLog log;
        const History history{16};
        const SnapshotData data = toSnapshot(*state, {.log = log, .history = history});
        for (std::size_t i = 0; i < data.network.layers.size(); ++i) {
            const auto &stored = data.network.layers[i];
            QVERIFY(holds(data.training.layers[i].weights, state->model.layers[i]->kernel()));
            std::vector<float> snapped;
            for (const CodeIndex code : stored.assignment)
                snapped.push_back(stored.representatives[code]);
            QVERIFY(holds(snapped, state->model.layers[i]->snapped()));
        }
    }

    /// A committed layer computes with the same weights after a file as before it.
    void aCommittedLayerComesBack()
    {
        const auto state = stateOf("vgg-small");
        QVERIFY(state);
        state->progress.codebooksAreLive = true;
        state->progress.stage = Stage::Commit;
        for (const auto &layer : state->model.layers)
            layer->commit();
        const RunLog log;
        const History history{16};
        DatasetShelf shelf;
        const auto again = fromSnapshot(toSnapshot(*state, {.log = log, .history = history}), shelf);
        QVERIFY2(again, again ? "" : again.error().text.c_str());
        for (std::size_t i = 0; i < state->model.layers.size(); ++i) {
            QVERIFY((*again)->model.layers[i]->isCommitted());
            QVERIFY(torch::equal((*again)->model.layers[i]->snapped(), state->model.layers[i]->snapped()));
            QCOMPARE((*again)->model.layers[i]->kernel().strides(), state->model.layers[i]->kernel().strides());
        }
    }
};

QTEST_GUILESS_MAIN(TstStore)
#include "tst_store.moc"
