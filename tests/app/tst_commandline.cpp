// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/image_files.h"
#include "tests/support/haswindow.h"
#include "tests/support/runprogram.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QtTest>
#include <csignal>
#include <sched.h>

using support::kHasWindow;
using support::Outcome;

namespace {

/// Runs the built program without a display.
Outcome run(const QStringList &arguments)
{
    auto environment = QProcessEnvironment::systemEnvironment();
    for (const auto *name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(name);
    return support::run(arguments, QStringLiteral(CONDENSATE_PROGRAM), environment);
}

QStringList quickTrain(const QString &out, const QStringList &more = {})
{
    return QStringList{"train", "--data", "generated", "--epochs", "2", "--batch-size", "60", "--threads", "1", "--snapped-subset", "50",
                       "--lr", "0.02", "--cluster-lr", "0.02", "--out", out} + more; // a gentle rate: small minibatches of a small set
}

/// What `info` tells of the layers and the test accuracy: equal for equal networks.
QString layersOf(const QString &snapshot)
{
    const auto object = QJsonDocument::fromJson(run({"info", snapshot, "--json"}).out.toUtf8()).object();
    return QString::fromUtf8(
        QJsonDocument{QJsonObject{{"layers", object["layers"]}, {"accuracy", object["test_accuracy"]}}}.toJson());
}

} // namespace

class TstCommandline : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder; // for what is refused

private slots:
    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("unknown flag") << QStringList{"train", "--strength", "1", "--out", m_folder.filePath("x")} << "--strength";
        QTest::newRow("unknown command") << QStringList{"fly", "away"} << "away";
        QTest::newRow("word for a number") << QStringList{"train", "--lambda", "strong", "--out", m_folder.filePath("x")}
                                           << "--lambda: expected a number, found \"strong\"";
        QTest::newRow("out of range") << QStringList{"train", "--k", "1000", "--out", m_folder.filePath("x")}
                                      << "--k: expected a whole number from 1 to 256, found 1000";
        QTest::newRow("shares together")
            << QStringList{"train", "--warmup-share", "0.9", "--commit-share", "0.5", "--out", m_folder.filePath("x")}
            << "at most 1 together";
        QTest::newRow("no folder named") << QStringList{"train"} << "--out";
        QTest::newRow("folder cannot be made") << QStringList{"train", "--out", "/dev/null/run"} << "/dev/null/run";
        QTest::newRow("no such data") << QStringList{"train", "--data", "cifar10:/no/such", "--out", m_folder.path()} << "/no/such";
        QTest::newRow("no such snapshot") << QStringList{"info", "/no/such.h5"} << "/no/such.h5";
        QTest::newRow("export of no snapshot") << QStringList{"export", "/no/such.h5", "-o", m_folder.filePath("x.onnx")} << "/no/such.h5";
        QTest::newRow("export to an unknown ending")
            << QStringList{"export", "/no/such.h5", "-o", "x.txt"} << "-o: expected a file that ends in .safetensors, .pt or .onnx";
        QTest::newRow("export in an unknown format")
            << QStringList{"export", "/no/such.h5", "-o", "x.onnx", "--format", "gguf"} << "--format: expected safetensors";
        QTest::newRow("export to nowhere") << QStringList{"export", "/no/such.h5"} << "--out";
        QTest::newRow("figures of no snapshot") << QStringList{"figures", "/no/such.h5", "--out", m_folder.path()} << "/no/such.h5";
        QTest::newRow("resume and compare") << QStringList{"train", "--resume", "a.h5", "--compare", "--out", m_folder.path()}
                                            << "--resume";
        QTest::newRow("resume with a parameter") << QStringList{"train", "--resume", "a.h5", "--lambda", "1", "--out", m_folder.path()}
                                                 << "--lambda: expected --epochs alone beside --resume";
        QTest::newRow("no such recipe") << QStringList{"train", "/no/such.toml", "--out", m_folder.path()} << "/no/such.toml";
        QTest::newRow("branch of no snapshot") << QStringList{"train", "--branch", "/no/such.h5", "--out", m_folder.path()}
                                               << "/no/such.h5";
        QTest::newRow("pack to nowhere") << QStringList{"pack", "a.h5"} << "--out";
        QTest::newRow("pack no snapshot") << QStringList{"pack", "/no/such.h5", "-o", "/no/model.cnd"} << "/no/such.h5";
        QTest::newRow("pack with no coder")
            << QStringList{"pack", "a.h5", "-o", "b.cnd", "--coder", "zip"}
            << "--coder: expected smallest or one of index-map, huffman, sparse-huffman, rans0, rans1, found \"zip\"";
        QTest::newRow("unpack no file") << QStringList{"unpack", "/no/such.cnd", "-o", "/no/model.safetensors"} << "/no/such.cnd";
        QTest::newRow("evaluate no file") << QStringList{"evaluate", "/no/such.cnd"} << "/no/such.cnd";
        QTest::newRow("evaluate a program") << QStringList{"evaluate", CONDENSATE_PROGRAM} << "Packed file";
        QTest::newRow("bad image shape") << QStringList{"models", "--images", "big"} << "--images";
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, mentions);
        const Outcome outcome = run(arguments);
        QCOMPARE(outcome.code, 2);
        if (!kHasWindow && arguments.front() == "figures")
            QSKIP("this build has no window");
        QVERIFY2(outcome.err.contains(mentions), qPrintable(outcome.err));
        QVERIFY2(outcome.err.startsWith("condensate: "), qPrintable(outcome.err));
        QVERIFY2(outcome.err.count('\n') <= 2, qPrintable(outcome.err)); // a sentence, and perhaps where to find help
    }

    void helpAndVersion()
    {
        const Outcome help = run({"train", "--help"});
        QCOMPARE(help.code, 0);
        for (const auto *flag : {"--lambda", "--k", "--out", "--reference", "--representative-lr"})
            QVERIFY2(help.out.contains(flag), flag);
        for (const QString &line : help.out.split('\n'))
            QVERIFY2(line.size() <= 120, qPrintable(line)); // fits a usual terminal
        const Outcome version = run({"--version"});
        QCOMPARE(version.code, 0);
        QVERIFY(version.out.startsWith("condensate 0."));
    }

    void models()
    {
        const Outcome models = run({"models"});
        QCOMPARE(models.code, 0);
        for (const auto *text : {"lenet5", "vgg-small", "alexnet", "vgg16-4096", "813408", "14715584"})
            QVERIFY2(models.out.contains(text), text);
    }

    void trainComparesAndReports()
    {
        QTemporaryDir folder;
        const QString out = folder.filePath("run");
        const Outcome trained = run(quickTrain(out, {"--compare", "--json"}));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QSet<QString> kinds;
        int finished = 0;
        const auto lines = trained.out.split('\n', Qt::SkipEmptyParts);
        for (const auto &line : lines) {
            QJsonParseError error;
            const auto object = QJsonDocument::fromJson(line.toUtf8(), &error).object();
            QVERIFY2(error.error == QJsonParseError::NoError, qPrintable(line));
            kinds.insert(object["event"].toString());
            finished += object["event"] == "finished";
            if (object["event"] == "finished")
                QVERIFY(object["snapped_test_accuracy"].toDouble() > 0.8);
        }
        QCOMPARE(finished, 3);
        QVERIFY((kinds.contains("sample") && kinds.contains("epoch") && kinds.contains("stage") && kinds.contains("snapshot")));
        for (const auto *file : {"snapshot.h5", "model.cnd", "reference.h5", "reference.cnd", "latent.h5", "latent.cnd", "warmup.h5",
                                 "report.md", "recipe.toml"})
            QVERIFY2(QFile::exists(out + '/' + file), file);
        QFile report{out + "/report.md"};
        QVERIFY(report.open(QIODevice::ReadOnly));
        const auto text = QString::fromUtf8(report.readAll());
        for (const auto *part : {"float network (reference)", "kmeans of it, k = 4", "forward snapped", "forward latent",
                                 "waiting for minibatches", "| seed | 1 |"})
            QVERIFY2(text.contains(part), part);

        // the legs that began with the shared warm-up are the runs that train it themselves, bit for bit
        const QString alone = folder.filePath("alone");
        QCOMPARE(run(quickTrain(alone, {"--quiet"})).code, 0);
        const Outcome branch = run({"train", "--branch", out + "/warmup.h5", "--out", folder.filePath("branch"), "--quiet"});
        QVERIFY2(branch.code == 0, qPrintable(branch.err));
        const QString expected = layersOf(alone + "/snapshot.h5");
        QVERIFY(expected.contains("classifier.1"));
        QCOMPARE(layersOf(out + "/snapshot.h5"), expected);
        QCOMPARE(layersOf(folder.filePath("branch/snapshot.h5")), expected);

        const Outcome exported = run({"export", out + "/snapshot.h5", "-o", folder.filePath("network"), "--format", "onnx"});
        QVERIFY2(exported.code == 0, qPrintable(exported.err));
        QVERIFY2(exported.out.contains("61470 quantized weights") && QFileInfo{folder.filePath("network")}.size() > 61470,
                 qPrintable(exported.out));

        const Outcome info = run({"info", out + "/snapshot.h5"});
        QCOMPARE(info.code, 0);
        QVERIFY(info.out.contains("classifier.1"));
        const Outcome json = run({"info", out + "/snapshot.h5", "--json"});
        QCOMPARE(QJsonDocument::fromJson(json.out.toUtf8()).object()["layers"].toArray().size(), 5);
    }

    /// The figures of a packed file agree wherever they are told, and with the disk.
    void aRunLeavesAPackedFile()
    {
        QTemporaryDir folder;
        const QString out = folder.filePath("run"), packed = out + "/model.cnd";
        const Outcome trained = run(quickTrain(out, {"--json", "--scope", "channels", "--layers", "classifier.5:float"}));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QJsonObject told, finished;
        for (const auto &line : trained.out.split('\n', Qt::SkipEmptyParts)) {
            const auto object = QJsonDocument::fromJson(line.toUtf8()).object();
            if (object["event"] == "packed")
                told = object;
            else if (object["event"] == "finished")
                finished = object;
        }
        const qint64 bytes = QFileInfo{packed}.size();
        QCOMPARE(told["bytes"].toInteger(), bytes);
        QFile report{out + "/report.md"};
        QVERIFY(report.open(QIODevice::ReadOnly));
        const auto text = QString::fromUtf8(report.readAll());
        QVERIFY2(text.contains(QString{" %1 |"}.arg(bytes)) && text.contains(QString{" %1×"}.arg(told["ratio"].toDouble(), 0, 'f', 1)),
                 qPrintable(text));

        const auto info = QJsonDocument::fromJson(run({"info", packed, "--json"}).out.toUtf8()).object();
        const auto size = info["size"].toObject();
        QCOMPARE(size["bytes"].toObject()["all"].toInteger(), bytes);
        QCOMPARE(size["ratio"].toDouble(), told["ratio"].toDouble());
        QVERIFY(size["ratio"].toDouble() == size["float32_bytes"].toDouble() / static_cast<double>(bytes));
        qint64 sum = 0;
        for (const auto &purpose : size["bytes"].toObject())
            sum += purpose.toInteger();
        QCOMPARE(sum, 2 * bytes); // all purposes, and all
        QCOMPARE(info["layers"].toArray().size(), 4 * 4); // four ranges of each kernel
        const Outcome exported = run({"export", packed, "-o", folder.filePath("model.pt")});
        QVERIFY2(exported.code == 0 && exported.out.contains("float values; test accuracy "), qPrintable(exported.err));
        QVERIFY(QFileInfo{folder.filePath("model.pt")}.size() > 4 * 61470);
        const Outcome onto = run({"export", packed, "-o", packed, "--format", "onnx"});
        QVERIFY(onto.code == 2 && onto.err.contains("expected another file"));
        QCOMPARE(QFileInfo{packed}.size(), bytes);
        const Outcome table = run({"info", packed});
        for (const auto *part : {"classifier.3[63:84]", "entropy bits", "provenance", "on disk: ", "theoretical"})
            QVERIFY2(table.out.contains(part), qPrintable(table.out));

        const auto found = QJsonDocument::fromJson(run({"evaluate", packed, "--json"}).out.toUtf8()).object();
        QVERIFY(found["accuracy"].toDouble() > 0.5 && found["accuracy"].toDouble() == finished["snapped_test_accuracy"].toDouble());
        QVERIFY(found["same"].toBool());
        const Outcome said = run({"evaluate", packed, "--data", "generated"});
        QVERIFY2(said.code == 0 && said.out.contains("as the file says"), qPrintable(said.out + said.err));
    }

    void packsAndUnpacks()
    {
        QTemporaryDir folder;
        const QString out = folder.filePath("run"), snapshot = out + "/snapshot.h5", mapped = folder.filePath("map.cnd"),
                      plain = folder.filePath("plain.safetensors");
        QCOMPARE(run(quickTrain(out, {"--quiet"})).code, 0);
        const Outcome packed = run({"pack", snapshot, "-o", mapped, "--coder", "index-map"});
        QVERIFY2(packed.code == 0 && packed.out.contains("× smaller") && packed.err.isEmpty(), qPrintable(packed.out + packed.err));
        QVERIFY(QFileInfo{mapped}.size() >= QFileInfo{out + "/model.cnd"}.size());
        const auto layers = QJsonDocument::fromJson(run({"info", mapped, "--json"}).out.toUtf8()).object()["layers"].toArray();
        QCOMPARE(layers.size(), 5);
        for (const auto &layer : layers)
            QCOMPARE(layer.toObject()["coder"].toString(), QString{"index-map"});
        QCOMPARE(run({"pack", snapshot, "-o", folder.filePath("half.cnd"), "--float16"}).code, 0);
        QVERIFY(QFileInfo{folder.filePath("half.cnd")}.size() < QFileInfo{out + "/model.cnd"}.size());
        QCOMPARE(run({"unpack", mapped, "-o", plain}).code, 0);
        QVERIFY(QFileInfo{plain}.size() > 4 * 61470);
        QCOMPARE(run({"train", "--weights", plain, "--data", "generated", "--epochs", "1", "--threads", "1", "--quiet", "--out",
                      folder.filePath("more")})
                     .code,
                 0);
        for (const auto &arguments : {QStringList{"pack", snapshot, "-o", snapshot}, QStringList{"unpack", mapped, "-o", mapped},
                                      QStringList{"pack", mapped, "-o", plain}}) {
            const Outcome refused = run(arguments);
            QVERIFY2(refused.code == 2 && refused.err.startsWith("condensate: ") && refused.err.count('\n') == 1, qPrintable(refused.err));
        }
        QCOMPARE(run({"info", snapshot}).code, 0);
    }

    void trainsOnAFolderOfImages()
    {
        QTemporaryDir folder;
        const QString images = folder.filePath("images");
        image_files::writeTwoClasses(images, 100);
        const QStringList arguments{"train", "--epochs", "2", "--batch-size", "16", "--threads", "1", "--snapped-subset", "16", "--json"};
        const Outcome trained = run(arguments + QStringList{"--data", "folder:" + images + "@28", "--out", folder.filePath("run")});
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QVERIFY2(trained.out.contains("\"event\":\"finished\""), qPrintable(trained.out));
        const Outcome info = run({"info", folder.filePath("run/snapshot.h5"), "--json"});
        QVERIFY2(info.out.contains("apple") && info.out.contains("pear"), qPrintable(info.out));
        image_files::writeBytes(images + "/apple/007.png", "no image");
        const Outcome refused = run(arguments + QStringList{"--data", "folder:" + images, "--out", folder.filePath("again")});
        QCOMPARE(refused.code, 2);
        QVERIFY2(refused.err.contains("apple/007.png") && refused.err.count('\n') == 1, qPrintable(refused.err));
    }

    void theRecipeARunLeavesRepeatsIt()
    {
        QTemporaryDir folder;
        QCOMPARE(run(quickTrain(folder.filePath("run"), {"--regularizer", "soft-min", "--layers", "features.*:k=6"})).code, 0);
        const QString recipe = folder.filePath("run/recipe.toml");
        const Outcome again = run({"train", recipe, "--out", folder.filePath("again"), "--quiet"});
        QVERIFY2(again.code == 0, qPrintable(again.err));
        const QString expected = layersOf(folder.filePath("run/snapshot.h5"));
        QVERIFY(expected.contains("classifier.1"));
        QCOMPARE(layersOf(folder.filePath("again/snapshot.h5")), expected);
        const Outcome other =
            run({"train", "--seed", "2", recipe, "--out", folder.filePath("other"), "--quiet"}); // the flag counts, wherever it stands
        QVERIFY2(other.code == 0, qPrintable(other.err));
        QVERIFY(layersOf(folder.filePath("other/snapshot.h5")) != expected);
        QCOMPARE(run({"train", recipe, "--resume", "a.h5", "--out", folder.filePath("no")}).code, 2);
    }

    /// Equally spaced representatives among 150 weights: some have none and leave.
    void aReportTellsWhatWasDropped()
    {
        QTemporaryDir folder;
        const QString out = folder.filePath("run");
        const Outcome trained = run(quickTrain(out, {"--k", "64", "--init", "linear", "--dead", "drop"}));
        QCOMPARE(trained.code, 0);
        QVERIFY2(trained.out.contains("k ≤ 64"), qPrintable(trained.out));
        QFile report{out + "/report.md"};
        QVERIFY(report.open(QIODevice::ReadOnly));
        const auto text = QString::fromUtf8(report.readAll());
        const auto told = QRegularExpression{"features\\.0 (\\d+) of 64"}.match(text);
        QVERIFY2(told.hasMatch(), qPrintable(text));
        const Outcome info = run({"info", out + "/snapshot.h5", "--json"});
        const auto layer = QJsonDocument::fromJson(info.out.toUtf8()).object()["layers"].toArray()[0].toObject();
        QCOMPARE(layer["k"].toInt(), told.captured(1).toInt());
        QCOMPARE(layer["used"].toInt(), layer["k"].toInt());
        QCOMPARE(run({"train", "--resume", out + "/snapshot.h5", "--out", folder.filePath("more"), "--quiet"}).code, 0);
    }

    void figuresAreDrawnWithoutADisplay()
    {
        QTemporaryDir folder;
        QCOMPARE(run(quickTrain(folder.filePath("run"))).code, 0);
        if (!kHasWindow)
            QSKIP("this build has no window");
        const Outcome figures = run({"figures", folder.filePath("run/snapshot.h5"), "--out", folder.filePath("figures")});
        QVERIFY2(figures.code == 0, qPrintable(figures.err));
        const auto files = figures.out.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(files.size(), 12 * 4); // 5 histograms, 5 trajectories, trade-off, curves; each in four formats
        for (const auto &file : files)
            QVERIFY2(QFileInfo{file}.size() > 200, qPrintable(file));
    }

    void anInterruptLeavesASnapshotToGoOnFrom()
    {
        QTemporaryDir folder;
        const QString out = folder.filePath("run");
        QProcess process;
        process.start(CONDENSATE_PROGRAM,
                      {"train", "--data", "generated", "--epochs", "100000", "--threads", "1", "--json", "--quiet", "--out", out});
        QString printed;
        while (!printed.contains("\"event\":\"sample\"")) { // training has begun
            QVERIFY(process.waitForReadyRead(60000));
            printed += QString::fromUtf8(process.readAllStandardOutput());
        }
        QFile environment{QStringLiteral("/proc/%1/environ").arg(process.processId())};
        QVERIFY(environment.open(QIODevice::ReadOnly));
        const QByteArrayList variables = environment.readAll().split('\0');
        QVERIFY(variables.contains("OMP_WAIT_POLICY=passive")); // its waiting threads sleep
        QVERIFY(variables.contains("OPENBLAS_THREAD_TIMEOUT=20"));
        QVERIFY(variables.contains("GLIBC_TUNABLES=glibc.malloc.hugetlb=1"));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 130);
        const Outcome info = run({"info", out + "/snapshot.h5"});
        QVERIFY2(info.code == 0, qPrintable(info.err));
    }

    /// Those that the program may use, not all that the machine has.
    void takesAThreadForEachProcessor()
    {
        QTemporaryDir folder;
        cpu_set_t mine, first;
        QVERIFY(::sched_getaffinity(0, sizeof mine, &mine) == 0);
        if (CPU_COUNT(&mine) < 2)
            QSKIP("this machine has one processor");
        CPU_ZERO(&first);
        for (std::size_t processor = 0; CPU_COUNT(&first) == 0; ++processor)
            if (CPU_ISSET(processor, &mine))
                CPU_SET(processor, &first);
        QProcess process; // as `taskset -c 0` would start it
        process.setChildProcessModifier([&first] { ::sched_setaffinity(0, sizeof first, &first); });
        process.start(CONDENSATE_PROGRAM, {"train", "--data", "generated", "--epochs", "1", "--quiet", "--out", folder.path()});
        QVERIFY(process.waitForFinished(110000));
        QCOMPARE(process.exitCode(), 0);
        const auto told = run({"info", folder.filePath("snapshot.h5")}).out;
        QVERIFY2(told.contains(", 1 thread,"), qPrintable(told));
    }

    void resumeFinishesARun()
    {
        QTemporaryDir folder;
        QCOMPARE(run(quickTrain(folder.filePath("run"))).code, 0);
        const Outcome resumed = run({"train", "--resume", folder.filePath("run/snapshot.h5"), "--out", folder.filePath("more"), "--quiet"});
        QVERIFY2(resumed.code == 0, qPrintable(resumed.err));
        QVERIFY(resumed.out.contains("snapped"));
    }
};

QTEST_GUILESS_MAIN(TstCommandline)
#include "tst_commandline.moc"
