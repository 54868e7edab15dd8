// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/export.h"
#include "engine/nets/plannednetwork_torch.h"
#include "engine/nets/startweights_torch.h"
#include "engine/packing/packsnapshot.h"
#include "engine/storage/safetensors.h"
#include "engine/storage/safetensorswriter.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include "tests/support/quickrun.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <numeric>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr int kModuleMissing = 77; // as the scripts say
constexpr int kImages = 16;

enum class Until { FourSteps, TheEnd };

SnapshotData stored(TrainingState &state)
{
    const RunLog log{.start = state.settings(), .entries = {}, .ahead = {}};
    const History history{16};
    return toSnapshot(state, {.log = log, .history = history});
}

/// A run, its snapshot after some steps or at its end, this packed, and what the engine computes with its
/// snapped network where it ends there.
struct TrainedRun {
    std::unique_ptr<Trainer> trainer;
    std::string snapshot, packed;
    std::optional<double> accuracy; // that the packed file claims
    torch::Tensor images, logits;

    TrainingState &state() const { return trainer->state(); }
};

struct Script {
    int status = -1;
    QString why;
    QJsonObject told;
};

Script runScript(const QStringList &arguments)
{
    QProcess python;
    python.start("/usr/bin/python3", QStringList{"-B", TEST_SOURCE_DIR "/support/exported.py"} + arguments);
    if (!python.waitForFinished(100000))
        return {};
    return {python.exitCode(), QString::fromUtf8(python.readAllStandardError()),
            QJsonDocument::fromJson(python.readAllStandardOutput()).object()};
}

torch::Tensor testImages(const TrainingState &state)
{
    std::vector<std::uint32_t> indices(kImages);
    std::iota(indices.begin(), indices.end(), 0u);
    Minibatch batch;
    fillPlain(state.data->dataset->test, indices, state.data->normalisation, batch);
    return imagesOf(batch, state.data->dataset->test).clone();
}

/// With the statistics of batch-norm that its accuracy was measured with.
torch::Tensor snappedLogits(TrainingState &state, const torch::Tensor &images)
{
    torch::NoGradGuard noGradient;
    for (auto &entry : state.model.network->tensors())
        (void)copyNamedArray(state.progress.snappedStatistics, "snapped/" + entry.name, entry.tensor); // where there are any
    return state.model.network->forward(images, state.model.snappedKernels(), Network::Mode::Evaluate);
}

QString oneSentence(const Error &error)
{
    const auto text = QString::fromStdString(error.text);
    return text.contains('\n') ? QString{} : text;
}

} // namespace

/// Networks in formats of other programs, read back by those.
class TstExports : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::map<std::string, TrainedRun> m_runs;

    std::string file(const std::string &name) const { return m_folder.filePath(QString::fromStdString(name)).toStdString(); }

    /// Makes the run of the current row, once.
    const TrainedRun &trained()
    {
        QFETCH(Settings, settings);
        QFETCH(Until, until);
        const std::string name = QTest::currentDataTag();
        auto &run = m_runs[name];
        if (run.trainer)
            return run;
        DatasetShelf shelf;
        auto state = prepareTraining(settings, shelf);
        if (!state)
            qFatal("%s", state.error().text.c_str());
        run.trainer = std::make_unique<Trainer>(*std::move(state));
        for (int step = 0; until == Until::TheEnd ? !run.trainer->atEnd() : step < 4; ++step) {
            if (auto stepped = run.trainer->runStep(); !stepped)
                qFatal("%s", stepped.error().text.c_str());
        }
        auto data = stored(run.state());
        const double accuracy = run.trainer->finish().snappedTestAccuracy;
        if (until == Until::TheEnd) {
            data = stored(run.state());
            data.run.snappedTestAccuracy = accuracy;
            if (!data.run.description.settings.setText(ParameterId::Data, "idx:/no/such")) // it is exported without its data
                qFatal("no such data");
        }
        run.snapshot = file(name + ".h5");
        run.packed = file(name + ".cnd");
        const auto packed = packSnapshot(data, run.packed);
        if (auto written = writeSnapshot(data, run.snapshot); !written || !packed)
            qFatal("%s", (written ? packed.error() : written.error()).text.c_str());
        run.accuracy = packed->accuracy.snapped;
        run.images = testImages(run.state());
        run.logits = snappedLogits(run.state(), run.images);
        return run;
    }
    /// Exports the snapshot, and the packed file of it: these are the same to the byte.
    Result<Exported> exportBoth(const TrainedRun &run, const std::string &to, ExportFormat format) const
    {
        const std::string again = file("packed-" + to);
        const auto exported = exportNetwork(run.snapshot, file(to), format), fromPacked = exportNetwork(run.packed, again, format);
        if (!exported || !fromPacked)
            return exported ? fromPacked : exported;
        QFile one{QString::fromStdString(file(to))}, other{QString::fromStdString(again)};
        if (!one.open(QFile::ReadOnly) || !other.open(QFile::ReadOnly) || one.readAll() != other.readAll())
            return fail(ErrorCode::Internal, "the packed file is exported as another network than the snapshot");
        if (!run.accuracy || exported->accuracy != run.accuracy || fromPacked->accuracy != run.accuracy)
            return fail(ErrorCode::Internal, "an export claims another accuracy than the packed file");
        return exported;
    }
    /// Exports and has a script compute. Gives its logits; undefined, with `script.status` set, where it did not.
    torch::Tensor computedElsewhere(const TrainedRun &run, const std::string &mode, const std::string &exported, Script &script)
    {
        const std::string images = file("images"), logits = file("logits");
        QFile out{QString::fromStdString(images)};
        const auto plain = run.images.contiguous();
        if (!out.open(QFile::WriteOnly) || out.write(static_cast<const char *>(plain.data_ptr()), static_cast<qint64>(plain.nbytes())) < 0)
            qFatal("images cannot be written");
        out.close();
        script = runScript({QString::fromStdString(mode), QString::fromStdString(exported), QString::fromStdString(images),
                            QString::fromStdString(logits)});
        QFile in{QString::fromStdString(logits)};
        if (script.status != 0 || !in.open(QFile::ReadOnly))
            return {};
        QByteArray bytes = in.readAll();
        return torch::from_blob(bytes.data(), {kImages, bytes.size() / kImages / static_cast<qsizetype>(sizeof(float))}).clone();
    }

    static void rows()
    {
        QTest::addColumn<Settings>("settings");
        QTest::addColumn<Until>("until");
        const auto row = [](const char *name, Until until, std::initializer_list<std::pair<ParameterId, const char *>> more) {
            QTest::newRow(name) << support::quick(more) << until;
        };
        using enum ParameterId;
        using enum Until;
        row("lenet5-layer", FourSteps, {{WarmupShare, "0"}});
        row("lenet5-channels", TheEnd, {{WarmupShare, "0"}, {Scope, "channels"}, {ChannelGroups, "4"}});
        row("lenet5-unified-float", TheEnd, {{Scope, "unified"}, {Layers, "classifier.5:float"}});
        row("vgg-small-layer", TheEnd,
            {{Model, "vgg-small"},
             {Data, "generated:3x32x32"},
             {CodebookSize, "16"},
             {CommitShare, "0"},
             {Epochs, "1"},
             {BatchSize, "300"}});
        row("vgg-small-channels", FourSteps,
            {{WarmupShare, "0"}, {Model, "vgg-small"}, {Scope, "channels"}}); // sides of 7 pixels are pooled
        row("vgg-small-float", TheEnd,
            {{Model, "vgg-small"}, {Layers, "features.0:float"}, {CommitShare, "0.2"}, {Epochs, "1"}, {BatchSize, "300"}});
    }

private Q_SLOTS:
    void pyTorchGivesTheSameLogits_data() { rows(); }
    void pyTorchGivesTheSameLogits()
    {
        const TrainedRun &run = trained();
        const auto exported = exportBoth(run, "network.pt", ExportFormat::TorchScript);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        Script script;
        const auto logits = computedElsewhere(run, "torchscript", file("network.pt"), script);
        if (script.status == kModuleMissing)
            QSKIP(qPrintable("PyTorch does not read the module back: " + script.why));
        QVERIFY2(logits.defined(), qPrintable(script.why));
        QVERIFY(torch::equal(logits, run.logits)); // bit for bit
        const auto facts = script.told["facts"].toObject();
        QCOMPARE(facts["model"].toString(), QString::fromStdString(run.state().description.modelName));
        QCOMPARE(facts["classes"].toArray().size(), 10);
        QCOMPARE(static_cast<float>(facts["mean"].toArray()[0].toDouble()), run.state().data->normalisation.mean[0]);
        QCOMPARE(script.told["shapes"].toObject().size(), static_cast<qsizetype>(run.state().model.network->tensors().size()));
        const ImageSet &images = run.state().data->dataset->train; // and it is a start for a run
        PlannedNetwork again{
            *planNetwork(run.state().settings().text(ParameterId::Model), {images.channels, images.height, images.width}, 10), 99};
        const auto told = loadStartWeights(again, file("network.pt"));
        QVERIFY2(told && told->find("keep") == std::string::npos, told ? told->c_str() : told.error().text.c_str());
        torch::NoGradGuard noGradient;
        QVERIFY(torch::equal(again.forward(run.images, again.kernels(), Network::Mode::Evaluate), run.logits));
    }

    void onnxGivesTheSameLogits_data() { rows(); }
    void onnxGivesTheSameLogits()
    {
        const TrainedRun &run = trained();
        const auto exported = exportBoth(run, "network.onnx", ExportFormat::Onnx);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        const auto bytes = QFileInfo{m_folder.filePath("network.onnx")}.size();
        QCOMPARE(exported->bytes, static_cast<std::uint64_t>(bytes));
        std::uint64_t codebooks = 0;
        for (const auto &layer : run.state().model.layers)
            codebooks += layer->codebook().size();
        // A byte a weight, four a float value, and some hundred bytes of names and operations a layer.
        const auto needed = exported->quantizedWeights + 4 * (exported->floatValues + codebooks);
        QVERIFY2(exported->bytes < needed + 4096 + 600 * run.state().model.layers.size(),
                 qPrintable(QString{"%1 bytes, %2 needed"}.arg(bytes).arg(needed)));
        Script script;
        const auto logits = computedElsewhere(run, "onnx", file("network.onnx"), script);
        if (script.status == kModuleMissing)
            QSKIP(qPrintable("onnx does not check the graph: " + script.why));
        QVERIFY2(logits.defined(), qPrintable(script.why));
        if (script.told["agrees"].toArray().isEmpty())
            qInfo("onnxruntime is not installed and was not asked.");
        const double difference = (logits - run.logits).abs().max().item<double>(), largest = run.logits.abs().max().item<double>();
        QVERIFY2(difference <= 1e-5 * largest, qPrintable(QString{"%1 of %2"}.arg(difference).arg(largest))); // another order of sums
        QCOMPARE(script.told["facts"].toObject()["model"].toString(), QString::fromStdString(run.state().description.modelName));
        const auto types = script.told["types"].toObject();
        for (const auto &layer : run.state().model.layers)
            QCOMPARE(types[QString::fromStdString(layer->info().name) + ".indices"].toString(), "torch.uint8");
    }

    void safetensorsAreStartWeights_data() { rows(); }
    void safetensorsAreStartWeights()
    {
        const TrainedRun &run = trained();
        const auto exported = exportBoth(run, "network.safetensors", ExportFormat::Safetensors);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        const bool isMeasured = run.state().progress.step == Step{4} && run.state().description.modelName == "vgg-small";
        QCOMPARE(exported->remarks.size(), isMeasured ? 1u : 0u);
        QVERIFY(!isMeasured || exported->remarks.front().find("as if the run had ended here") != std::string::npos);
        const ImageSet &images = run.state().data->dataset->train;
        PlannedNetwork again{
            *planNetwork(run.state().settings().text(ParameterId::Model), {images.channels, images.height, images.width}, 10), 99};
        const auto told = loadStartWeights(again, file("network.safetensors"));
        QVERIFY2(told && told->find("keep") == std::string::npos, told ? told->c_str() : told.error().text.c_str());
        torch::NoGradGuard noGradient;
        QVERIFY(torch::equal(again.forward(run.images, again.kernels(), Network::Mode::Evaluate), run.logits));

        const Script script = runScript({"safetensors", m_folder.filePath("network.safetensors")});
        if (script.status == kModuleMissing)
            QSKIP(qPrintable("numpy does not read the file: " + script.why));
        QVERIFY2(script.status == 0, qPrintable(script.why));
        if (script.told["agrees"].toArray().isEmpty())
            qInfo("The library safetensors is not installed and was not asked.");
        QCOMPARE(script.told["coded"].toInteger(), static_cast<qint64>(exported->quantizedWeights));
        QCOMPARE(script.told["shapes"].toObject().size(),
                 static_cast<qsizetype>(again.tensors().size() + 2 * run.state().model.layers.size()));
        const auto facts = script.told["facts"].toObject();
        QCOMPARE(QJsonDocument::fromJson(facts["input_shape"].toString().toUtf8()).array(),
                 (QJsonArray{images.channels, images.height, images.width}));
        QCOMPARE(QJsonDocument::fromJson(facts["classes"].toString().toUtf8()).array().size(), 10);
    }

    void networksOfTheUsersOwn_data()
    {
        QTest::addColumn<Settings>("settings");
        QTest::addColumn<Until>("until");
        const auto row = [this](const char *name, const char *module, Until until) {
            const auto model = "torchscript:" + m_folder.filePath(module).toStdString();
            using enum ParameterId;
            QTest::newRow(name) << support::quick({{WarmupShare, "0"}, {CommitShare, "0"}, {Epochs, "1"}, {Model, model.c_str()}}) << until;
        };
        row("separable", "separable.pt", Until::FourSteps); // grouped, with batch-norm and dropout
        row("separable, at its end", "separable.pt", Until::TheEnd);
        row("view", "view.pt", Until::FourSteps);
    }
    void networksOfTheUsersOwn()
    {
        if (QProcess::execute("/usr/bin/python3", {"-B", TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()}) ==
            kModuleMissing)
            QSKIP("python3-torch is not installed");
        const TrainedRun &run = trained();
        const auto module = QString::fromStdString(run.state().description.modelName);
        QVERIFY(QFile::remove(m_folder.filePath(module))); // the snapshot has the code
        const auto exported = exportBoth(run, "own.pt", ExportFormat::TorchScript);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        Script script;
        const auto logits = computedElsewhere(run, "torchscript", file("own.pt"), script);
        QVERIFY2(logits.defined(), qPrintable(script.why));
        QVERIFY(torch::equal(logits, run.logits));
        QCOMPARE(script.told["facts"].toObject()["model"].toString(), module);
        QCOMPARE(script.told["shapes"].toObject().size(), static_cast<qsizetype>(run.state().model.network->tensors().size()));

        const auto plain = exportBoth(run, "own.safetensors", ExportFormat::Safetensors);
        QVERIFY2(plain, plain ? "" : plain.error().text.c_str());
        const Script tensors = runScript({"safetensors", m_folder.filePath("own.safetensors")});
        QVERIFY2(tensors.status == 0, qPrintable(tensors.why));
        QCOMPARE(tensors.told["coded"].toInteger(), static_cast<qint64>(plain->quantizedWeights));
        for (const auto &source : {run.snapshot, run.packed}) {
            const auto refused = exportNetwork(source, file("own.onnx"), ExportFormat::Onnx);
            QVERIFY(!refused && oneSentence(refused.error()).contains("expected a built-in network"));
            QVERIFY(oneSentence(refused.error()).contains("torch.onnx.export"));
            QVERIFY(!std::filesystem::exists(file("own.onnx")));
        }
    }

    void tellsThatNothingWasClustered_data()
    {
        QTest::addColumn<bool>("finished");
        QTest::newRow("in warm-up") << false;
        QTest::newRow("a float reference at its end") << true;
    }
    void tellsThatNothingWasClustered()
    {
        QFETCH(bool, finished);
        DatasetShelf shelf;
        Trainer trainer{*prepareTraining(support::quick({{ParameterId::Forward, finished ? "float" : "snapped"}}), shelf)};
        const double accuracy = finished ? trainer.finish().snappedTestAccuracy : kNotMeasured;
        auto data = stored(trainer.state());
        if (finished)
            data.run.snappedTestAccuracy = accuracy;
        QVERIFY(writeSnapshot(data, file("preview.h5")));
        const auto exported = exportNetwork(file("preview.h5"), file("preview.safetensors"), ExportFormat::Safetensors);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        QCOMPARE(exported->remarks.size(), 1u);
        QVERIFY(exported->remarks.front().find("post-training quantization") != std::string::npos);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("reason");
        QTest::newRow("no snapshot") << "missing" << "missing.h5";
        QTest::newRow("another file") << "text" << "text.h5";
        QTest::newRow("cut off") << "cut" << "cut.h5";
        QTest::newRow("a packed file that is cut off") << "cut packed" << "cut packed.h5";
        QTest::newRow("data that are gone") << "nodata" << "/no/such";
        QTest::newRow("a folder in the way") << "folder" << "a folder of that name";
        QTest::newRow("no place to write") << "nowhere" << "/no/such/folder";
    }
    void refuses()
    {
        QFETCH(QString, what);
        QFETCH(QString, reason);
        DatasetShelf shelf;
        const auto state = *prepareTraining(support::quick(), shelf);
        auto data = stored(*state);
        if (what == "nodata")
            QVERIFY(data.run.description.settings.setText(ParameterId::Data, "idx:/no/such"));
        const auto snapshot = what.toStdString() + ".h5";
        if (what == "text") {
            QFile text{m_folder.filePath("text.h5")};
            QVERIFY(text.open(QFile::WriteOnly) && text.write("not a snapshot") > 0);
        } else if (what != "missing") {
            QVERIFY(writeSnapshot(data, file(snapshot)));
        }
        if (what == "cut")
            QVERIFY(QFile::resize(m_folder.filePath("cut.h5"), 20000));
        if (what == "cut packed") // whatever it is called
            QVERIFY(packSnapshot(data, file(snapshot)) && QFile::resize(m_folder.filePath("cut packed.h5"), 1000));
        for (const auto &info : kExportFormats) {
            std::string target = file("refused") + std::string{info.ending};
            if (what == "folder") {
                target = file("inTheWay");
                std::filesystem::create_directory(target);
            } else if (what == "nowhere") {
                target = "/no/such/folder/network" + std::string{info.ending};
            }
            const auto exported = exportNetwork(file(snapshot), target, info.format);
            QVERIFY(!exported);
            const auto text = oneSentence(exported.error());
            QVERIFY2(text.contains(reason), exported.error().text.c_str());
            QVERIFY(!std::filesystem::is_regular_file(target) && !std::filesystem::exists(target + ".part"));
        }
    }

    void choosesTheFormat()
    {
        QCOMPARE(exportFormat("", "a.b/net.onnx").value(), ExportFormat::Onnx);
        QCOMPARE(exportFormat("", "net.pt").value(), ExportFormat::TorchScript);
        QCOMPARE(exportFormat("safetensors", "net.onnx").value(), ExportFormat::Safetensors);
        QVERIFY(!exportFormat("", "net.h5") && !exportFormat("", "onnx") && !exportFormat("pt", "net.pt"));
    }

    void theWriterRefusesWhatDoesNotFit()
    {
        const NamedArray one{.name = "a", .type = NamedArray::Type::UInt8, .shape = {3}, .bytes = std::vector<std::byte>(3)};
        NamedArray other = one;
        const auto twice = writeSafetensors(std::vector{one, other}, {}, file("twice.safetensors"));
        QVERIFY(!twice && oneSentence(twice.error()).contains("found a twice"));
        other.name = "b";
        other.type = NamedArray::Type::Int64;
        const auto short_ = writeSafetensors(std::vector{one, other}, {}, file("short.safetensors"));
        QVERIFY(!short_ && oneSentence(short_.error()).contains("expected 24 bytes of b"));
        QVERIFY(!std::filesystem::exists(file("twice.safetensors")) && !std::filesystem::exists(file("short.safetensors")));
        other.bytes.resize(24);
        QVERIFY(writeSafetensors(std::vector{one, other}, {{"note", "\xff"}}, file("mixed.safetensors"))); // what is no UTF-8 is replaced
        const Script script = runScript({"safetensors", m_folder.filePath("mixed.safetensors")});
        QVERIFY2(script.status == 0 || script.status == kModuleMissing, qPrintable(script.why));
    }
};

QTEST_GUILESS_MAIN(TstExports)
#include "tst_exports.moc"
