// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "condensateversion.h"
#include "engine/storage/snapshot.h"
#include "tests/support/samplesnapshot.h"
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace engine;

namespace {

constexpr int kNoH5py = 77; // as check_snapshot.py says

template <typename T>
QString hashOf(const std::vector<T> &values)
{
    const auto bytes = std::as_bytes(std::span{values});
    return QCryptographicHash::hash(QByteArray{reinterpret_cast<const char *>(bytes.data()), static_cast<qsizetype>(bytes.size())},
                                    QCryptographicHash::Sha256)
        .toHex();
}

QJsonArray listOf(const std::vector<std::int64_t> &extents)
{
    QJsonArray list;
    for (const auto extent : extents)
        list.append(static_cast<qint64>(extent));
    return list;
}

SnapshotData sampleRun(int samples)
{
    auto layers = support::lenetLayers();
    layers.push_back({"wide", "linear", {700, 1000}, 200});
    auto data = support::sampleSnapshot(layers, samples);
    data.run.description.settings.setLayerRules(LayerRules{{{.pattern = "features.3", .values = {{ParameterId::Lambda, 0.25}}}}});
    data.run.snappedTestAccuracy = 0.875;
    return data;
}

} // namespace

/// Reads snapshots with python3-h5py: what others see of them.
class TstSnapshotH5py : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void leadsAViewerToAPlot_data();
    void leadsAViewerToAPlot();
    void holdsTheRunsFacts();
    void holdsEachLayer();
    void holdsTheSeries();
    void holdsTheState();
    void packsWhereItPays();

private:
    QJsonObject attributes(const QString &object) const { return m_contents["attributes"][object].toObject(); }
    QJsonObject dataset(const QString &name) const { return m_contents["datasets"][name].toObject(); }
    /// What the script says about a snapshot of `data`; empty, and `why` set, if it cannot run.
    static QJsonObject contentsOf(const SnapshotData &data, QString &why, int &status);

    SnapshotData m_data = sampleRun(40);
    QJsonObject m_contents;
};

QJsonObject TstSnapshotH5py::contentsOf(const SnapshotData &data, QString &why, int &status)
{
    const QTemporaryDir folder;
    const auto file = folder.filePath("snapshot.h5");
    if (const auto wrote = writeSnapshot(data, file.toStdString()); !wrote) {
        why = QString::fromStdString(wrote.error().text);
        status = -1;
        return {};
    }
    for (const auto *interpreter : {"/usr/bin/python3", "python3"}) { // Debian's own first: the package belongs to it
        QProcess python;
        python.start(interpreter, {"-B", QString{TEST_SOURCE_DIR} + "/support/check_snapshot.py", file});
        if (!python.waitForStarted())
            continue;
        const bool ended = python.waitForFinished(60000) && python.exitStatus() == QProcess::NormalExit;
        status = ended ? python.exitCode() : -1;
        why = QString::fromUtf8(python.readAllStandardError());
        if (status != kNoH5py)
            return QJsonDocument::fromJson(python.readAllStandardOutput()).object();
    }
    return {};
}

void TstSnapshotH5py::initTestCase()
{
    QString why = "python3 does not start";
    int status = kNoH5py;
    m_contents = contentsOf(m_data, why, status);
    if (status == kNoH5py)
        QSKIP(qPrintable("python3-h5py is missing, snapshots are not read back by it: " + why));
    QVERIFY2(status == 0, qPrintable(why));
}

void TstSnapshotH5py::leadsAViewerToAPlot_data()
{
    QTest::addColumn<int>("samples");
    QTest::addColumn<QString>("plot");
    QTest::newRow("the accuracy curve") << 5 << "/run/series/accuracy";
    QTest::newRow("before there is one, a histogram") << 0 << "/run/layers/000 features.0/histogram";
}

void TstSnapshotH5py::leadsAViewerToAPlot()
{
    QFETCH(int, samples);
    QFETCH(QString, plot);
    QString why;
    int status = -1;
    const auto contents = contentsOf(sampleRun(samples), why, status);
    QVERIFY2(status == 0, qPrintable(why));
    QCOMPARE(contents["default"].toString(), plot);
}

void TstSnapshotH5py::holdsTheRunsFacts()
{
    const auto root = attributes("");
    QCOMPARE(root["format"].toString(), "condensate-snapshot");
    QCOMPARE(root["version_major"].toInt(), kSnapshotMajor);
    QCOMPARE(root["version_minor"].toInt(), kSnapshotMinor);
    QCOMPARE(root["program_version"].toString(), CONDENSATE_VERSION);
    const auto run = attributes("run");
    for (const auto &row : parameterTable()) {
        const auto found = run[QString::fromUtf8(row.key.data(), static_cast<qsizetype>(row.key.size()))];
        const auto &value = m_data.run.description.settings.value(row.id);
        if (const auto *text = std::get_if<std::string>(&value))
            QCOMPARE(found.toString(), QString::fromStdString(*text));
        else if (const auto *whole = std::get_if<std::int64_t>(&value))
            QCOMPARE(found.toInteger(), static_cast<qint64>(*whole));
        else
            QCOMPARE(found.toDouble(), std::get<double>(value));
    }
    QCOMPARE(run["step"].toInt(), 2500);
    QCOMPARE(run["stage"].toString(), "cluster");
    QCOMPARE(run["data_name"].toString(), "Fashion-MNIST");
    QCOMPARE(run["class_names"].toArray(), (QJsonArray{"T-shirt/top", "Trouser", "Pullover", "Bag"}));
    QCOMPARE(run["train_images"].toInt(), 54000);
    QCOMPARE(run["warmup_steps"].toInt(), 2110);
    QCOMPARE(run["threads_used"].toInt(), 2);
    QCOMPARE(run["blas_name"].toString(), "OpenBLAS");
    QCOMPARE(run["snapped_test_accuracy"].toDouble(), 0.875);
    QVERIFY(!run.contains("latent_test_accuracy"));
}

void TstSnapshotH5py::holdsEachLayer()
{
    for (std::size_t l = 0; l < m_data.run.description.layers.size(); ++l) {
        const auto &info = m_data.run.description.layers[l];
        const auto &snapped = m_data.network.layers[l];
        const auto &trained = m_data.training.layers[l];
        const auto group = QString::asprintf("run/layers/%03zu %s", index(info.id), info.name.c_str());
        QCOMPARE(dataset(group + "/weights")["type"].toString(), "<f4");
        QCOMPARE(dataset(group + "/weights")["shape"].toArray(), listOf(info.shape));
        QCOMPARE(dataset(group + "/weights")["sha256"].toString(), hashOf(trained.weights));
        QCOMPARE(dataset(group + "/assignment")["type"].toString(), "|u1");
        QCOMPARE(dataset(group + "/assignment")["shape"].toArray(), listOf(info.shape));
        QCOMPARE(dataset(group + "/assignment")["sha256"].toString(), hashOf(snapped.assignment));
        QCOMPARE(dataset(group + "/codebook")["sha256"].toString(), hashOf(snapped.representatives));
        QCOMPARE(dataset(group + "/identity")["sha256"].toString(), hashOf(trained.identity));
        QCOMPARE(dataset(group + "/histogram/counts")["type"].toString(), "<u8");
        QCOMPARE(dataset(group + "/histogram/counts")["sha256"].toString(), hashOf(trained.histogram.counts));
        QCOMPARE(dataset(group + "/histogram/edges")["sha256"].toString(), hashOf(trained.histogram.edges()));
        QCOMPARE(attributes(group)["name"].toString(), QString::fromStdString(info.name));
        QCOMPARE(attributes(group).contains("lambda_override"), info.name == "features.3");
    }
}

void TstSnapshotH5py::holdsTheSeries()
{
    std::vector<std::uint64_t> steps;
    std::vector<double> losses;
    std::vector<float> representatives;
    std::vector<std::uint32_t> density;
    for (const auto &sample : m_data.run.history.samples()) {
        steps.push_back(count(sample.step));
        losses.push_back(sample.taskLoss);
        const auto &layer = sample.layers.back();
        representatives.insert(representatives.end(), layer.representatives.begin(), layer.representatives.end());
        density.insert(density.end(), layer.density.begin(), layer.density.end());
    }
    QCOMPARE(dataset("run/series/loss/task")["sha256"].toString(), hashOf(losses));
    const auto layer = QString{"run/series/layers/005 wide"};
    QCOMPARE(dataset(layer + "/representatives/representatives")["shape"].toArray(), (QJsonArray{40, 200}));
    QCOMPARE(dataset(layer + "/representatives/representatives")["sha256"].toString(), hashOf(representatives));
    QCOMPARE(dataset(layer + "/density/density")["shape"].toArray(), (QJsonArray{40, kDensityBins}));
    QCOMPARE(dataset(layer + "/density/density")["type"].toString(), "<u4");
    QCOMPARE(dataset(layer + "/density/density")["sha256"].toString(), hashOf(density));
    QCOMPARE(attributes("run/series/accuracy")["auxiliary_signals"].toArray(), (QJsonArray{"latent", "train"}));
    // The steps stand once in the file, under a name in each plot; h5py visits one of the names.
    int found = 0;
    for (const auto &entry : m_contents["datasets"].toObject().keys())
        found += entry.endsWith("/step");
    QCOMPARE(found, 1);
}

void TstSnapshotH5py::holdsTheState()
{
    for (const auto *arrays : {&m_data.network.arrays, &m_data.training.arrays}) {
        QVERIFY(!arrays->empty());
        for (const auto &array : *arrays) {
            const auto name = "run/state/" + QString::fromStdString(array.name);
            QCOMPARE(dataset(name)["shape"].toArray(), listOf(array.shape));
            QCOMPARE(dataset(name)["sha256"].toString(), hashOf(array.bytes));
        }
    }
}

void TstSnapshotH5py::packsWhereItPays()
{
    const auto wide = QString{"run/layers/005 wide"};
    QCOMPARE(dataset(wide + "/weights")["compression"].toString(), QString{});
    QCOMPARE(dataset(wide + "/assignment")["compression"].toString(), "gzip");
    const auto chunk = dataset(wide + "/weights")["chunk_bytes"].toInt();
    QVERIFY2(chunk >= 100'000 && chunk <= (1 << 20), qPrintable(QString::number(chunk)));
}

QTEST_GUILESS_MAIN(TstSnapshotH5py)
#include "tst_snapshot_h5py.moc"
