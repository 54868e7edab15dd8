// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/export.h"
#include "engine/nets/plannednetwork_torch.h"
#include "engine/nets/startweights_torch.h"
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

/// A run that was trained for some steps, its snapshot, and what the engine computes with its snapped network.
struct TrainedRun {
    std::unique_ptr<Trainer> trainer;
    std::string snapshot;
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
    return {python.exitCode(), QString::fromUtf8(python.readAllStandardError()), QJsonDocument::fromJson(python.readAllStandardOutput()).object()};
}

torch::Tensor testImages(const TrainingState &state)
{
    std::vector<std::uint32_t> indices(kImages);
    std::iota(indices.begin(), indices.end(), 0u);
    Minibatch batch;
    fillPlain(state.dataset.test, indices, state.normalisation, batch);
    return imagesOf(batch, state.dataset.test).clone();
}

torch::Tensor snappedLogits(const TrainingState &state, const torch::Tensor &images)
{
    torch::NoGradGuard noGradient;
    return state.network->forward(images, state.snappedKernels(), Network::Mode::Evaluate);
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
    const TrainedRun &trained(const Settings &settings)
    {
        const std::string name = QTest::currentDataTag();
        auto &run = m_runs[name];
        if (run.trainer)
            return run;
        auto state = prepareTraining(settings);
        if (!state)
            qFatal("%s", state.error().text.c_str());
        run.trainer = std::make_unique<Trainer>(*std::move(state));
        for (int step = 0; step < 4; ++step) {
            if (auto stepped = run.trainer->runStep(); !stepped)
                qFatal("%s", stepped.error().text.c_str());
        }
        run.snapshot = file(name + ".h5");
        if (auto written = writeSnapshot(toSnapshot(run.state(), History{16}, 0.0), run.snapshot); !written)
            qFatal("%s", written.error().text.c_str());
        run.images = testImages(run.state());
        run.logits = snappedLogits(run.state(), run.images);
        return run;
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
        script = runScript({QString::fromStdString(mode), QString::fromStdString(exported), QString::fromStdString(images), QString::fromStdString(logits)});
        QFile in{QString::fromStdString(logits)};
        if (script.status != 0 || !in.open(QFile::ReadOnly))
            return {};
        QByteArray bytes = in.readAll();
        return torch::from_blob(bytes.data(), {kImages, bytes.size() / kImages / static_cast<qsizetype>(sizeof(float))}).clone();
    }

    static void rows()
    {
        QTest::addColumn<Settings>("settings");
        const auto row = [](const char *name, std::initializer_list<std::pair<ParameterId, const char *>> more) {
            QTest::newRow(name) << support::quick(more);
        };
        using enum ParameterId;
        row("lenet5-layer", {{WarmupShare, "0"}});
        row("lenet5-channels", {{WarmupShare, "0"}, {Scope, "channels"}, {ChannelGroups, "4"}});
        row("lenet5-unified-float", {{WarmupShare, "0"}, {Scope, "unified"}, {Layers, "classifier.5:float"}});
        row("vgg-small-layer", {{WarmupShare, "0"}, {Model, "vgg-small"}, {Data, "generated:3x32x32"}, {CodebookSize, "16"}});
        row("vgg-small-channels", {{WarmupShare, "0"}, {Model, "vgg-small"}, {Scope, "channels"}}); // sides of 7 pixels are pooled
    }

private Q_SLOTS:
    void pyTorchGivesTheSameLogits_data() { rows(); }
    void pyTorchGivesTheSameLogits()
    {
        QFETCH(Settings, settings);
        const TrainedRun &run = trained(settings);
        const auto exported = exportSnapshot(run.snapshot, file("network.pt"), ExportFormat::TorchScript);
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
        QCOMPARE(static_cast<float>(facts["mean"].toArray()[0].toDouble()), run.state().normalisation.mean[0]);
        QCOMPARE(script.told["shapes"].toObject().size(), static_cast<qsizetype>(run.state().network->tensors().size()));
        const ImageSet &images = run.state().dataset.train; // and it is a start for a run
        PlannedNetwork again{*planNetwork(settings.text(ParameterId::Model), {images.channels, images.height, images.width}, 10), 99};
        const auto told = loadStartWeights(again, file("network.pt"));
        QVERIFY2(told && told->find("keep") == std::string::npos, told ? told->c_str() : told.error().text.c_str());
        torch::NoGradGuard noGradient;
        QVERIFY(torch::equal(again.forward(run.images, again.kernels(), Network::Mode::Evaluate), run.logits));
    }

    void onnxGivesTheSameLogits_data() { rows(); }
    void onnxGivesTheSameLogits()
    {
        QFETCH(Settings, settings);
        const TrainedRun &run = trained(settings);
        const auto exported = exportSnapshot(run.snapshot, file("network.onnx"), ExportFormat::Onnx);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        const auto bytes = QFileInfo{m_folder.filePath("network.onnx")}.size();
        QCOMPARE(exported->bytes, static_cast<std::uint64_t>(bytes));
        std::uint64_t codebooks = 0;
        for (const auto &layer : run.state().layers)
            codebooks += layer->codebook().size();
        // A byte a weight, four a float value, and some hundred bytes of names and operations a layer.
        const auto needed = exported->quantizedWeights + 4 * (exported->floatValues + codebooks);
        QVERIFY2(exported->bytes < needed + 4096 + 600 * run.state().layers.size(), qPrintable(QString{"%1 bytes, %2 needed"}.arg(bytes).arg(needed)));
        Script script;
        const auto logits = computedElsewhere(run, "onnx", file("network.onnx"), script);
        if (script.status == kModuleMissing)
            QSKIP(qPrintable("onnx does not check the graph: " + script.why));
        QVERIFY2(logits.defined(), qPrintable(script.why));
        const double difference = (logits - run.logits).abs().max().item<double>(), largest = run.logits.abs().max().item<double>();
        QVERIFY2(difference <= 1e-5 * largest, qPrintable(QString{"%1 of %2"}.arg(difference).arg(largest))); // another order of sums
        QCOMPARE(script.told["facts"].toObject()["model"].toString(), QString::fromStdString(run.state().description.modelName));
        const auto types = script.told["types"].toObject();
        for (const auto &layer : run.state().layers)
            QCOMPARE(types[QString::fromStdString(layer->info().name) + ".indices"].toString(), "torch.uint8");
    }

    void safetensorsAreStartWeights_data() { rows(); }
    void safetensorsAreStartWeights()
    {
        QFETCH(Settings, settings);
        const TrainedRun &run = trained(settings);
        const auto exported = exportSnapshot(run.snapshot, file("network.safetensors"), ExportFormat::Safetensors);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        const ImageSet &images = run.state().dataset.train;
        PlannedNetwork again{*planNetwork(settings.text(ParameterId::Model), {images.channels, images.height, images.width}, 10), 99};
        const auto told = loadStartWeights(again, file("network.safetensors"));
        QVERIFY2(told && told->find("keep") == std::string::npos, told ? told->c_str() : told.error().text.c_str());
        torch::NoGradGuard noGradient;
        QVERIFY(torch::equal(again.forward(run.images, again.kernels(), Network::Mode::Evaluate), run.logits));

        const Script script = runScript({"safetensors", m_folder.filePath("network.safetensors")});
        if (script.status == kModuleMissing)
            QSKIP(qPrintable("numpy does not read the file: " + script.why));
        QVERIFY2(script.status == 0, qPrintable(script.why));
        QCOMPARE(script.told["coded"].toInteger(), static_cast<qint64>(exported->quantizedWeights));
        QCOMPARE(script.told["shapes"].toObject().size(), static_cast<qsizetype>(again.tensors().size() + 2 * run.state().layers.size()));
        const auto facts = script.told["facts"].toObject();
        QCOMPARE(QJsonDocument::fromJson(facts["input_shape"].toString().toUtf8()).array(), (QJsonArray{images.channels, images.height, images.width}));
        QCOMPARE(QJsonDocument::fromJson(facts["classes"].toString().toUtf8()).array().size(), 10);
    }

    void networksOfTheUsersOwn_data()
    {
        QTest::addColumn<QString>("module");
        QTest::newRow("separable") << "separable.pt"; // grouped, with batch-norm and dropout
        QTest::newRow("view") << "view.pt";
    }
    void networksOfTheUsersOwn()
    {
        QFETCH(QString, module);
        if (!QFile::exists(m_folder.filePath(module)) // of all rows
            && QProcess::execute("/usr/bin/python3", {"-B", TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()}) == kModuleMissing)
            QSKIP("python3-torch is not installed");
        const auto model = "torchscript:" + m_folder.filePath(module).toStdString();
        const TrainedRun &run = trained(support::quick({{ParameterId::WarmupShare, "0"}, {ParameterId::Model, model.c_str()}}));
        QVERIFY(QFile::remove(m_folder.filePath(module))); // the snapshot has the code
        const auto exported = exportSnapshot(run.snapshot, file("own.pt"), ExportFormat::TorchScript);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        QVERIFY(std::ranges::any_of(exported->remarks, [](const std::string &remark) { return remark.find("is gone") != std::string::npos; }));
        Script script;
        const auto logits = computedElsewhere(run, "torchscript", file("own.pt"), script);
        QVERIFY2(logits.defined(), qPrintable(script.why));
        QVERIFY(torch::equal(logits, run.logits));
        QCOMPARE(script.told["facts"].toObject()["model"].toString(), module);

        QVERIFY(exportSnapshot(run.snapshot, file("own.safetensors"), ExportFormat::Safetensors));
        const Script tensors = runScript({"safetensors", m_folder.filePath("own.safetensors")});
        QVERIFY2(tensors.status == 0, qPrintable(tensors.why));
        const auto refused = exportSnapshot(run.snapshot, file("own.onnx"), ExportFormat::Onnx);
        QVERIFY(!refused && oneSentence(refused.error()).contains("expected a built-in network"));
        QVERIFY(!std::filesystem::exists(file("own.onnx")));
    }

    void tellsWhichStatisticsAreInTheFile_data()
    {
        QTest::addColumn<bool>("committed");
        QTest::addColumn<bool>("live");
        QTest::addColumn<QString>("remark");
        QTest::newRow("warm-up") << false << false << "post-training quantization";
        QTest::newRow("finished without a commit") << false << true << "accuracy of 87.50 % was measured with re-estimated ones";
        QTest::newRow("finished after a commit") << true << true << "were re-estimated for the snapped network";
    }
    void tellsWhichStatisticsAreInTheFile()
    {
        QFETCH(bool, committed);
        QFETCH(bool, live);
        QFETCH(QString, remark);
        const auto state = *prepareTraining(support::quick({{ParameterId::Model, "vgg-small"}, {ParameterId::CommitShare, committed ? "0.1" : "0"}}));
        state->codebooksAreLive = live;
        state->stage = live ? Stage::Finished : Stage::Warmup;
        for (const auto &layer : state->layers) {
            if (committed)
                layer->commit();
        }
        auto data = toSnapshot(*state, History{16}, 0.0);
        if (live)
            data.snappedTestAccuracy = 0.875;
        QVERIFY(writeSnapshot(data, file("statistics.h5")));
        const auto exported = exportSnapshot(file("statistics.h5"), file("statistics.safetensors"), ExportFormat::Safetensors);
        QVERIFY2(exported, exported ? "" : exported.error().text.c_str());
        QStringList remarks;
        for (const auto &text : exported->remarks)
            remarks << QString::fromStdString(text);
        QCOMPARE(remarks.filter(remark).size(), 1);
        QCOMPARE(remarks.filter("re-estimated").size(), 1);
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("reason");
        QTest::newRow("no snapshot") << "missing" << "missing.h5";
        QTest::newRow("another file") << "text" << "text.h5";
        QTest::newRow("cut off") << "cut" << "cut.h5";
        QTest::newRow("data that are gone") << "nodata" << "/no/such";
        QTest::newRow("a folder in the way") << "folder" << "a folder of that name";
        QTest::newRow("no place to write") << "nowhere" << "/no/such/folder";
    }
    void refuses()
    {
        QFETCH(QString, what);
        QFETCH(QString, reason);
        const auto state = *prepareTraining(support::quick());
        auto data = toSnapshot(*state, History{16}, 0.0);
        if (what == "nodata")
            QVERIFY(data.description.settings.setText(ParameterId::Data, "idx:/no/such"));
        const auto snapshot = what.toStdString() + ".h5";
        if (what == "text") {
            QFile text{m_folder.filePath("text.h5")};
            QVERIFY(text.open(QFile::WriteOnly) && text.write("not a snapshot") > 0);
        } else if (what != "missing") {
            QVERIFY(writeSnapshot(data, file(snapshot)));
        }
        if (what == "cut")
            QVERIFY(QFile::resize(m_folder.filePath("cut.h5"), 20000));
        for (const auto &info : kExportFormats) {
            std::string target = file("refused") + std::string{info.ending};
            if (what == "folder") {
                target = file("inTheWay");
                std::filesystem::create_directory(target);
            } else if (what == "nowhere") {
                target = "/no/such/folder/network" + std::string{info.ending};
            }
            const auto exported = exportSnapshot(file(snapshot), target, info.format);
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
