// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "engine/coding/sizeaccount.h"
#include "engine/data/datasetshelf.h"
#include "engine/packing/evaluatepacked.h"
#include "engine/packing/packsnapshot.h"
#include "engine/packing/snapshotmodel.h"
#include "engine/packing/unpackednetwork_torch.h"
#include "engine/packing/writeunpacked.h"
#include "engine/storage/safetensors.h"
#include "engine/training/store_torch.h"
#include "tests/support/finishedrun.h"
#include "tests/support/quickrun.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <cstring>
#include <functional>
#include <torch/torch.h>

using namespace engine;
using support::Changes;
using Edit = std::function<void(PackedModel &)>;
Q_DECLARE_METATYPE(Changes)
Q_DECLARE_METATYPE(Edit)

namespace {

const Changes kBatchNorm{{ParameterId::Model, "vgg-small"}, {ParameterId::Epochs, "1"}, {ParameterId::BatchSize, "180"}}; // 10 steps

Changes operator+(Changes some, const Changes &more)
{
    some.insert(some.end(), more.begin(), more.end());
    return some;
}

torch::Tensor sampleImages() { return torch::linspace(-2, 2, 20 * 784).view({20, 1, 28, 28}); }

/// Of the network in training that left the snapshot, with the statistics its snapped accuracy was measured with.
torch::Tensor logitsOf(const SnapshotData &data)
{
    torch::NoGradGuard noGradient;
    DatasetShelf shelf;
    const auto state = fromSnapshot(data, shelf);
    if (!state)
        return {};
    for (auto &entry : (*state)->model.network->tensors())
        (void)copyNamedArray(data.network.arrays, "snapped/" + entry.name, entry.tensor); // where there are any
    return (*state)->model.network->forward(sampleImages(), (*state)->model.snappedKernels(), Network::Mode::Evaluate);
}

torch::Tensor logitsOf(const PackedModel &model)
{
    torch::NoGradGuard noGradient;
    const auto unpacked = unpackNetwork(model);
    return unpacked ? unpacked->network->forward(sampleImages(), unpacked->kernels, Network::Mode::Evaluate) : torch::Tensor{};
}

const PackedTensor *tensorOf(const PackedModel &model, std::string_view name)
{
    const auto found = std::ranges::find(model.tensors, name, &PackedTensor::name);
    return found == model.tensors.end() ? nullptr : &*found;
}

bool holds(const NamedArray &array, const std::vector<float> &values)
{
    return array.bytes.size() == values.size() * sizeof(float) && std::memcmp(array.bytes.data(), values.data(), array.bytes.size()) == 0;
}

} // namespace

/// From runs to packed files and back to networks.
class TstPacking : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    std::filesystem::path file(const char *name) const { return std::filesystem::path{m_folder.path().toStdString()} / name; }
    std::optional<support::FinishedRun> finish(const Changes &changes) const
    {
        Run run{FromSettings{support::quick(changes)}};
        return support::finishRun(run, file("run.h5"));
    }

private Q_SLOTS:
    void aFileIsTheNetworkWhoseAccuracyItClaims_data()
    {
        QTest::addColumn<Changes>("changes");
        QTest::addColumn<int>("kernels");
        const Changes uncommitted{{ParameterId::CommitShare, "0"}}, plain{{ParameterId::Forward, "float"}};
        QTest::newRow("committed") << Changes{} << 5;
        QTest::newRow("not committed") << uncommitted << 5;
        QTest::newRow("latent") << Changes{{ParameterId::Forward, "latent"}} << 5;
        QTest::newRow("batch-norm, committed") << kBatchNorm + Changes{{ParameterId::CommitShare, "0.2"}} << 8;
        QTest::newRow("batch-norm, not committed") << kBatchNorm + uncommitted << 8;
        QTest::newRow("batch-norm, never quantized") << kBatchNorm + plain << 8;
        QTest::newRow("ranges of channels") << Changes{{ParameterId::Scope, "channels"}, {ParameterId::ChannelGroups, "3"}} << 15;
        QTest::newRow("a codebook for each kind of layer") << Changes{{ParameterId::Scope, "unified"}} << 5;
        QTest::newRow("layers that stay float") << Changes{{ParameterId::Layers, "features.0:float;classifier.5:float"}} << 3;
        QTest::newRow("representatives that were dropped")
            << Changes{{ParameterId::CodebookSize, "64"}, {ParameterId::Initialiser, "linear"}, {ParameterId::Dead, "drop"}} << 5;
    }
    void aFileIsTheNetworkWhoseAccuracyItClaims()
    {
        QFETCH(Changes, changes);
        QFETCH(int, kernels);
        const auto run = finish(changes);
        QVERIFY(run && isReadyToPack(run->data.run, run->data.network));
        const auto contents = packSnapshot(run->data, file("model.cnd"));
        QVERIFY2(contents, contents ? "" : contents.error().text.c_str());
        QCOMPARE(contents->kernels.size(), static_cast<std::size_t>(kernels));
        QVERIFY(contents->accuracy.snapped == run->summary.snappedTestAccuracy);
        QVERIFY(contents->accuracy.latent == run->summary.latentTestAccuracy);

        const auto model = readPacked(file("model.cnd"));
        QVERIFY(model);
        const auto found = evaluatePacked(*model);
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(found->accuracy == run->summary.snappedTestAccuracy);
        QCOMPARE(found->images, contents->accuracy.images);
        const torch::Tensor expected = logitsOf(run->data);
        QVERIFY(expected.defined() && expected.std().item<float>() > 0);
        QVERIFY(torch::equal(logitsOf(*model), expected)); // bit for bit

        const auto size = accountBytes(*contents);
        QCOMPARE(size.total(), std::filesystem::file_size(file("model.cnd")));
        QCOMPARE(size.floatBytes, run->summary.size.floatBytes);
        const auto theory = estimateBytes(*contents);
        QCOMPARE(theory.fixedBytes, run->summary.size.fixedBytes);
        QVERIFY(std::abs(theory.entropyBytes / run->summary.size.entropyBytes - 1) < 1e-6); // entropies are stored as float32
    }

    void statisticsAreThoseOfTheSnappedNetwork()
    {
        const auto run = finish(kBatchNorm + Changes{{ParameterId::CommitShare, "0"}});
        QVERIFY(run);
        const auto model = packedModelOf(run->data.run, run->data.network);
        QVERIFY(model);
        int differing = 0;
        for (const auto &array : run->data.network.arrays) {
            if (!array.name.ends_with("running_mean") || !array.name.starts_with("network/"))
                continue;
            const auto *tensor = tensorOf(*model, std::string_view{array.name}.substr(8));
            QVERIFY(tensor);
            differing += !holds(array, tensor->values);
        }
        QVERIFY(differing > 0);

        // a snapshot that does not know them: they are estimated again, to the bit
        SnapshotData old = run->data;
        std::erase_if(old.network.arrays,
                      [](const NamedArray &array) { return array.name.starts_with("snapped/") || array.name.starts_with("data/"); });
        QVERIFY(!isReadyToPack(old.run, old.network));
        QVERIFY(packSnapshot(old, file("old.cnd")));
        QVERIFY(*readPacked(file("old.cnd")) == *model);

        // a finished run that was opened again still does
        const auto again = std::make_unique<Run>(FromSnapshot{file("run.h5")});
        const auto reopened = support::finishRun(*again, file("again.h5"));
        QVERIFY(reopened && isReadyToPack(reopened->data.run, reopened->data.network));
        QVERIFY(*packedModelOf(reopened->data.run, reopened->data.network) == *model);
    }

    void aRunThatGoesOnIsMeasuredAsIfItHadEnded_data()
    {
        QTest::addColumn<Changes>("changes");
        QTest::addColumn<int>("step");
        QTest::newRow("in warm-up") << Changes{} << 7;
        QTest::newRow("in the cluster stage") << kBatchNorm << 7;
        QTest::newRow("in the commit stage") << Changes{} << 57;
    }
    void aRunThatGoesOnIsMeasuredAsIfItHadEnded()
    {
        QFETCH(Changes, changes);
        QFETCH(int, step);
        Run run{FromSettings{support::quick(changes)}};
        Follower follower{run};
        run.post(PauseAt{Step{static_cast<std::uint64_t>(step)}});
        run.start();
        QVERIFY(follower.await<Paused>());
        const auto data = support::takeSnapshot(run, follower, file("going.h5"));
        QVERIFY(data && !isReadyToPack(data->run, data->network));
        const auto contents = packSnapshot(*data, file("going.cnd"));
        QVERIFY2(contents, contents ? "" : contents.error().text.c_str());
        const auto found = evaluatePacked(*readPacked(file("going.cnd")));
        QVERIFY(found);
        QVERIFY(contents->accuracy.snapped == found->accuracy);
    }

    void aNetworkOfTheUsersOwnRunsFromTheFileAlone()
    {
        const int code = QProcess::execute("/usr/bin/python3", {TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()});
        if (code == 77)
            QSKIP("python3-torch is not installed");
        const auto run = finish({{ParameterId::Model, "torchscript:" + m_folder.filePath("separable.pt")},
                                 {ParameterId::Layers, "stem:float"},
                                 {ParameterId::Scope, "channels"}});
        QVERIFY(run);
        const torch::Tensor expected = logitsOf(run->data);
        QVERIFY(QFile::remove(m_folder.filePath("separable.pt")));
        const auto contents = packSnapshot(run->data, file("own.cnd"));
        QVERIFY2(contents, contents ? "" : contents.error().text.c_str());
        QVERIFY(accountBytes(*contents).code > 0);
        const auto model = readPacked(file("own.cnd"));
        QVERIFY(torch::equal(logitsOf(*model), expected));
        QVERIFY(!tensorOf(*model, "blocks.0.norm.num_batches_tracked") && tensorOf(*model, "blocks.0.norm.running_var"));
        const auto found = evaluatePacked(*model);
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(found->accuracy == run->summary.snappedTestAccuracy);
        SnapshotData bare = run->data;
        bare.network.module.clear();
        const auto refused = packedModelOf(bare.run, bare.network);
        QVERIFY(!refused && refused.error().code == ErrorCode::Unsupported);
    }

    void float16ChangesWhatStaysFloatAlone()
    {
        const auto run = finish({{ParameterId::Layers, "features.0:float"}});
        QVERIFY(run);
        const auto whole = packSnapshot(run->data, file("whole.cnd")),
                   half = packSnapshot(run->data, file("half.cnd"), {.coder = {}, .halfFloats = true});
        QVERIFY(whole && half);
        const auto before = readPacked(file("whole.cnd")), after = readPacked(file("half.cnd"));
        QVERIFY(before->kernels == after->kernels);
        QCOMPARE(accountBytes(*half).floats * 2, accountBytes(*whole).floats);
        for (std::size_t i = 0; i < before->tensors.size(); ++i) {
            const auto values = torch::tensor(before->tensors[i].values);
            QVERIFY(torch::equal(torch::tensor(after->tensors[i].values), values.to(torch::kHalf).to(torch::kFloat32)));
            QVERIFY(after->tensors[i].stored == PackedTensor::Stored::Float16);
        }
        const auto found = evaluatePacked(*after);
        QVERIFY(found);
        QVERIFY(half->accuracy.snapped == found->accuracy);
        QVERIFY(!torch::equal(logitsOf(*after), logitsOf(*before)));
    }

    void unpacksToPlainTensors()
    {
        const auto run = finish({{ParameterId::Scope, "channels"}, {ParameterId::Layers, "classifier.5:float"}});
        QVERIFY(run && packSnapshot(run->data, file("model.cnd"), {.coder = Coder::Rans0, .halfFloats = false}));
        const auto unpacked = unpackNetwork(*readPacked(file("model.cnd")));
        QVERIFY(unpacked);
        const auto count = writeUnpacked(file("model.cnd"), file("model.safetensors"));
        QVERIFY2(count, count ? "" : count.error().text.c_str());
        const auto read = SafetensorsFile::read(file("model.safetensors"));
        QVERIFY2(read, read ? "" : read.error().text.c_str());
        QCOMPARE(read->tensors().size(), *count);
        QCOMPARE(*count, unpacked->network->tensors().size());
        std::size_t kernel = 0;
        for (const auto &entry : unpacked->network->tensors()) {
            const auto found = std::ranges::find(read->tensors(), entry.name, &SafetensorsFile::Tensor::name);
            QVERIFY2(found != read->tensors().end(), entry.name.c_str());
            QVERIFY(found->shape == entry.tensor.sizes().vec() && found->type == SafetensorsFile::Type::Float32);
            const torch::Tensor expected =
                (entry.role == Network::Role::Kernel ? unpacked->kernels[kernel++] : entry.tensor.detach()).contiguous();
            QVERIFY(std::memcmp(found->bytes.data(), expected.data_ptr(), expected.nbytes()) == 0);
        }
    }

    void refusesWhatIsNoNetwork_data()
    {
        QTest::addColumn<Edit>("edit");
        QTest::addColumn<QString>("data");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("other images") << Edit{[](PackedModel &) {}} << "generated:3x32x32" << "expected images of 1×28×28 in 10 classes";
        QTest::newRow("no such data") << Edit{[](PackedModel &) {}} << "idx:/no/such" << "/no/such";
        QTest::newRow("a tensor too few") << Edit{[](PackedModel &m) { m.tensors.pop_back(); }} << "" << "values of lenet5";
        QTest::newRow("another tensor") << Edit{[](PackedModel &m) { m.tensors.back().name = "spare"; }} << ""
                                        << "expected the tensor classifier.5.bias";
        QTest::newRow("another kernel") << Edit{[](PackedModel &m) { m.kernels.back().name = "spare"; }} << "" << "classifier.5.weight";
        QTest::newRow("a kernel of another shape")
            << Edit{[](PackedModel &m) { std::swap(m.kernels[0].shape[2], m.kernels[0].shape[1]); }} << ""
            << "kernel features.0";
        QTest::newRow("a huge network") << Edit{[](PackedModel &m) { m.network = {"vgg16-4096", {}, 1 << 20, 1, 28, 28, {}}; }} << ""
                                        << "classes";
        QTest::newRow("an unknown network") << Edit{[](PackedModel &m) { m.network.name = "lenet6"; }} << "" << "lenet6";
        QTest::newRow("a parameter") << Edit{[](PackedModel &m) { m.network.parameters = {{"depth", "9"}}; }} << "" << "depth";
        QTest::newRow("no code") << Edit{[](PackedModel &m) { m.network.name = "torchscript"; }} << "" << "expected the code";
        QTest::newRow("other code") << Edit{[](PackedModel &m) { m.network.name = "torchscript", m.network.code.resize(100); }} << ""
                                    << "TorchScript network";
        QTest::newRow("no recipe") << Edit{[](PackedModel &m) { m.provenance.recipe = "="; }} << "" << "recipe in the packed file";
    }
    void refusesWhatIsNoNetwork()
    {
        QFETCH(Edit, edit);
        QFETCH(QString, data);
        QFETCH(QString, mentions);
        static const auto run = finish({{ParameterId::Epochs, "1"}});
        QVERIFY(run);
        auto model = packedModelOf(run->data.run, run->data.network);
        QVERIFY(model && evaluatePacked(*model));
        edit(*model);
        const auto found = evaluatePacked(*model, data.toStdString());
        QVERIFY(!found);
        const QString text = QString::fromStdString(found.error().text);
        QVERIFY2(text.contains(mentions) && !text.contains('\n'), qPrintable(text));
    }

    /// Files of earlier versions open and run forever.
    void readsFilesOfEarlierVersions()
    {
        const auto model = readPacked(std::filesystem::path{TEST_SOURCE_DIR} / "golden/packed-1.0/lenet5.cnd");
        QVERIFY2(model, model ? "" : model.error().text.c_str());
        QCOMPARE(model->network.name, std::string{"lenet5"});
        QCOMPARE(model->kernels.size(), 12u); // four kernels in three ranges each
        QVERIFY(tensorOf(*model, "classifier.5.weight"));
        const auto found = evaluatePacked(*model);
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(std::abs(found->accuracy - model->accuracy.snapped.value()) < 0.005); // processors round differently
    }
};

QTEST_GUILESS_MAIN(TstPacking)
#include "tst_packing.moc"
