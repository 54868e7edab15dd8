// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
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
    auto state = prepareTraining(settings);
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
        QCOMPARE(!state->layers[1]->kernel().is_contiguous(), liesOtherwise); // else the test shows nothing
        const SnapshotData data = toSnapshot(*state, History{16}, 0.0);
        for (std::size_t i = 0; i < data.layers.size(); ++i) {
            const LayerState &stored = data.layers[i];
            QVERIFY(holds(stored.weights, state->layers[i]->kernel()));
            std::vector<float> snapped;
            for (const CodeIndex code : stored.assignment)
                snapped.push_back(stored.representatives[code]);
            QVERIFY(holds(snapped, state->layers[i]->snapped()));
        }
    }

    /// A committed layer computes with the same weights after a file as before it.
    void aCommittedLayerComesBack()
    {
        const auto state = stateOf("vgg-small");
        QVERIFY(state);
        state->codebooksAreLive = true;
        state->stage = Stage::Commit;
        for (const auto &layer : state->layers)
            layer->commit();
        const auto again = fromSnapshot(toSnapshot(*state, History{16}, 0.0));
        QVERIFY2(again, again ? "" : again.error().text.c_str());
        for (std::size_t i = 0; i < state->layers.size(); ++i) {
            QVERIFY((*again)->layers[i]->isCommitted());
            QVERIFY(torch::equal((*again)->layers[i]->snapped(), state->layers[i]->snapped()));
            QCOMPARE((*again)->layers[i]->kernel().strides(), state->layers[i]->kernel().strides());
        }
    }
};

QTEST_GUILESS_MAIN(TstStore)
#include "tst_store.moc"
