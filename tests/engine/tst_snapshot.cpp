// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "condensateversion.h"
#include "engine/storage/snapshot.h"
#include "tests/support/samplesnapshot.h"
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

using namespace engine;
using support::SampleLayer;

namespace {

std::filesystem::path path(const QTemporaryDir &folder, const char *name)
{
    return std::filesystem::path{folder.path().toStdString()} / name;
}

std::string textOf(const Result<void> &result) { return result ? std::string{} : result.error().text; }
std::string textOf(const Result<SnapshotData> &result) { return result ? std::string{} : result.error().text; }

/// A run as it stands in the middle of its cluster stage: codebooks of several sizes, odd values everywhere.
SnapshotData realistic()
{
    auto data = support::sampleSnapshot({{"features.0", "conv", {8, 3, 5, 5}, 1},
                                         {"features.3/branch", "conv", {16, 8, 3, 3}, 2},
                                         {"größe.ß", "linear", {64, 144}, 17},
                                         {"classifier.0", "linear", {513, 1031}, 256}}, 100);
    data.training.layers[0].weights[3] = std::numeric_limits<float>::quiet_NaN();
    data.training.layers[0].weights[4] = -0.0f;
    data.training.layers[0].weights[5] = std::bit_cast<float>(0x7fa01234u); // a signalling NaN with a payload
    data.training.layers[0].weights[6] = std::numeric_limits<float>::denorm_min();
    data.training.layers[1].sigma = 0.1 + 0.2;
    data.run.waitingShare = 0.125;
    data.run.measuringShare = 1.0 / 3;
    data.run.snappedAsTrainedTestAccuracy = 0.5;
    data.run.log.start.setLayerRules(LayerRules{{{.pattern = "größe.?", .values = {{ParameterId::Lambda, std::nullopt}}}}});
    data.run.log.isComplete = false;
    data.training.layers[2].histogram = {.low = -1.0 / 3, .high = 2.0 / 3, .counts = {1, 0, std::uint64_t{1} << 40}, .underflow = 1,
                                .overflow = 2, .notANumber = 3, .infinite = 4, .rangeRevision = 5};
    data.training.layers[0].mixing = {1.0};
    data.training.layers[1].mixing = {1.0 / 3, 2.0 / 3};
    data.run.snappedTestAccuracy = 0.8765432109876543;
    data.run.latentTestAccuracy = kNotMeasured;
    (void)data.run.description.settings.set(ParameterId::Lambda, 0.1 + 0.2);
    (void)data.run.description.settings.set(ParameterId::Seed, std::int64_t{9223372036854775807});
    (void)data.run.description.settings.set(ParameterId::Data, std::string{"cifar10:/daten/Bücher/画像"});
    data.run.description.classNames.emplace_back("");
    data.run.description.floatLayers = {support::floatLayer("stem/größe", {8, 3, 1, 1}, 0),
                                        support::floatLayer("classifier.2", {10, 513}, 4)};
    data.network.module.assign(100'000, std::byte{0x5A});
    return data;
}

/// A run whose third layer has lost two of its 17 representatives after the 50th sample.
SnapshotData withDropped()
{
    auto data = realistic();
    auto &snapped = data.network.layers[2];
    auto &identity = data.training.layers[2].identity;
    const std::vector<std::size_t> places{9, 4};
    std::vector<std::uint16_t> ended;
    for (const auto place : places) {
        const auto at = static_cast<std::ptrdiff_t>(place);
        ended.push_back(identity[place]);
        snapped.representatives.erase(snapped.representatives.begin() + at);
        identity.erase(identity.begin() + at);
        for (auto &code : snapped.assignment)
            code = static_cast<std::uint8_t>(code - (code >= place && code > 0));
    }
    History history{data.run.history.capacity()};
    for (std::size_t i = 0; i < data.run.history.samples().size(); ++i) {
        Sample sample = data.run.history.samples()[i];
        for (const auto trajectory : ended) {
            if (i >= 50)
                sample.layers[2].representatives[trajectory] = static_cast<float>(kNotMeasured);
        }
        history.add(std::move(sample));
    }
    data.run.history = std::move(history);
    return data;
}

NamedArray bytesArray(std::string name, std::vector<std::int64_t> shape, std::size_t count)
{
    return {std::move(name), NamedArray::Type::UInt8, std::move(shape), std::vector<std::byte>(count, std::byte{0xA5})};
}

} // namespace

Q_DECLARE_METATYPE(engine::SnapshotData)

class TstSnapshot : public QObject {
    Q_OBJECT
private slots:
    void comesBackAsItWas_data();
    void comesBackAsItWas();
    void theSameDataGiveTheSameBytes();
    void survivesOddNames_data();
    void survivesOddNames();
    void refusesContradictions_data();
    void refusesContradictions();
    void twoThreadsMayReadAndWrite();
    void writesVgg16AtDiskSpeed();
};

void TstSnapshot::comesBackAsItWas_data()
{
    QTest::addColumn<SnapshotData>("data");
    QTest::newRow("a run in its cluster stage") << realistic();
    QTest::newRow("dropped representatives") << withDropped();
    QTest::newRow("before the first sample") << support::sampleSnapshot(support::lenetLayers(), 0);
    QTest::newRow("no layers") << support::sampleSnapshot({}, 3);
    SnapshotData many;
    QTest::newRow("nothing at all") << many;
    auto noBins = support::sampleSnapshot(support::lenetLayers(), 1);
    noBins.training.layers[0].histogram = {};
    QTest::newRow("a histogram without bins") << noBins;
    auto finished = support::sampleSnapshot(support::lenetLayers(), 2048);
    finished.run.stage = Stage::Finished;
    finished.run.description.slowBlas = true;
    QTest::newRow("a full history, finished") << finished;
    for (int i = 0; i < 500; ++i)
        many.training.arrays.push_back(bytesArray("optimizer/" + std::to_string(i), {7, 11}, 77));
    many.run.history = History{17};
    QTest::newRow("many state arrays, a short history") << many;
}

void TstSnapshot::comesBackAsItWas()
{
    QFETCH(SnapshotData, data);
    const QTemporaryDir folder;
    const auto file = path(folder, "Läufe – 実験.h5");
    QCOMPARE(textOf(writeSnapshot(data, file)), std::string{});
    const auto read = readSnapshot(file);
    QCOMPARE(textOf(read), std::string{});
    QCOMPARE(support::difference(data, *read), std::string{});
    QCOMPARE(read->run.programVersion, std::string{CONDENSATE_VERSION});
    QCOMPARE(std::distance(std::filesystem::directory_iterator{file.parent_path()}, {}), 1);
}

void TstSnapshot::theSameDataGiveTheSameBytes()
{
    const QTemporaryDir folder;
    const auto data = realistic();
    QVERIFY(writeSnapshot(data, path(folder, "a.h5")));
    QVERIFY(writeSnapshot(data, path(folder, "b.h5")));
    const auto bytes = [&](const char *name) {
        QFile file{folder.filePath(name)};
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
    };
    QVERIFY(!bytes("a.h5").isEmpty());
    QVERIFY(bytes("a.h5") == bytes("b.h5"));
}

void TstSnapshot::survivesOddNames_data()
{
    QTest::addColumn<QStringList>("names");
    QTest::newRow("dots") << QStringList{".", "..", "a/./b", "a/../b", "...", "a."};
    QTest::newRow("slashes at odd places") << QStringList{"/", "//", "/a", "a/", "a//b", "b/c/"};
    QTest::newRow("one is the folder of another") << QStringList{"a", "a/b", "a/b/c", "a%", "a/b%"};
    QTest::newRow("percent signs") << QStringList{"%", "%2E", "%%", "100 %", "%25"};
    QTest::newRow("not in alphabetical order") << QStringList{"z", "a", "m/z", "m/a"};
    QTest::newRow("other scripts") << QStringList{"größe", "重み", "\xF0\x9F\x98\x80", "new\nline", "tab\t"};
    QTest::newRow("very long") << QStringList{QString{3000, 'x'}, QString{3000, 'x'} + "/y"};
}

void TstSnapshot::survivesOddNames()
{
    QFETCH(QStringList, names);
    SnapshotData data;
    for (const auto &name : names) {
        const auto size = data.network.arrays.size() * 3;
        data.network.arrays.push_back(bytesArray(name.toStdString(), {static_cast<std::int64_t>(size)}, size));
    }
    data.network.arrays.push_back(bytesArray("a scalar", {}, 1));
    const QTemporaryDir folder;
    QCOMPARE(textOf(writeSnapshot(data, path(folder, "names.h5"))), std::string{});
    const auto read = readSnapshot(path(folder, "names.h5"));
    QCOMPARE(textOf(read), std::string{});
    QCOMPARE(support::difference(data, *read), std::string{});
}

void TstSnapshot::refusesContradictions_data()
{
    QTest::addColumn<SnapshotData>("data");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *title, const char *named, const std::function<void(SnapshotData &)> &spoil) {
        auto data = support::sampleSnapshot(support::lenetLayers(), 3);
        spoil(data);
        QTest::newRow(title) << data << QString{named};
    };
    row("weights are missing", "features.3", [](auto &d) { d.training.layers[1].weights.pop_back(); });
    row("codes are missing", "features.3", [](auto &d) { d.network.layers[1].assignment.pop_back(); });
    row("a code without representative", "below k = 4", [](auto &d) { d.network.layers[0].assignment[7] = 4; });
    row("an identity twice", "identities", [](auto &d) { d.training.layers[0].identity = {0, 1, 1, 3}; });
    row("an identity out of range", "identities", [](auto &d) { d.training.layers[0].identity[2] = 9; });
    row("fewer trajectories than representatives", "trajectories", [](auto &d) { d.training.layers[0].trajectories = 3; });
    row("mixing proportions for other representatives", "mixing", [](auto &d) { d.training.layers[0].mixing = {0.5, 0.5}; });
    row("mixing proportions that are not shares", "mixing", [](auto &d) { d.training.layers[0].mixing = {0.5, 0.5, 0.5, 0.5}; });
    row("a mixing proportion below 0", "mixing", [](auto &d) { d.training.layers[0].mixing = {1.5, -0.5, 0.5, -0.5}; });
    row("a mixing proportion that is no number", "mixing", [](auto &d) { d.training.layers[0].mixing = {kNotMeasured, 0.5, 0.25, 0.25}; });
    row("more trajectories than samples have", "series", [](auto &d) { d.training.layers[0].trajectories = 5; });
    row("no codebook", "representatives", [](auto &d) { d.network.layers[0].representatives.clear(); });
    row("codebook not ascending", "ascending",
        [](auto &d) { std::swap(d.network.layers[0].representatives[0], d.network.layers[0].representatives[1]); });
    row("codebook not finite", "finite", [](auto &d) { d.network.layers[0].representatives[3] = INFINITY; });
    row("shape against count", "features.0", [](auto &d) { d.run.description.layers[0].shape[0] = 7; });
    row("description against state", "description", [](auto &d) { d.run.description.layers.pop_back(); });
    row("layers out of order", "number", [](auto &d) { std::swap(d.run.description.layers[0], d.run.description.layers[1]); });
    row("two arrays of one name", "two", [](auto &d) { d.training.arrays.push_back(d.training.arrays.front()); });
    row("an array without name", "name", [](auto &d) { d.training.arrays.front().name.clear(); });
    row("array bytes against shape", "state", [](auto &d) { d.training.arrays.front().bytes.pop_back(); });
    row("a sample without layers", "series", [](auto &d) {
        auto s = d.run.history.samples()[2];
        s.step = Step{99};
        s.layers.clear();
        d.run.history.add(s);
    });
    row("a float layer without name", "float layer", [](auto &d) { d.run.description.floatLayers = {support::floatLayer("", {3, 3}, 0)}; });
    row("a float layer's shape against count", "shape", [](auto &d) {
        d.run.description.floatLayers = {support::floatLayer("a", {3, 3}, 0)};
        d.run.description.floatLayers[0].info.weightCount = 8;
    });
    row("a float layer behind all", "0 to 5 quantized layers", [](auto &d) {
        d.run.description.floatLayers = {support::floatLayer("a", {3, 3}, 6)};
    });
    row("float layers out of order", "2 to 5 quantized layers", [](auto &d) {
        d.run.description.floatLayers = {support::floatLayer("a", {3, 3}, 2), support::floatLayer("b", {3, 3}, 1)};
    });
    row("too long a module", "module: expected at most", [](auto &d) { d.network.module.resize(kMaxModuleBytes + 1); });
    row("a histogram without range", "histogram", [](auto &d) { d.training.layers[0].histogram.low = kNotMeasured; });
}

void TstSnapshot::refusesContradictions()
{
    QFETCH(SnapshotData, data);
    QFETCH(QString, named);
    const QTemporaryDir folder;
    const auto text = textOf(writeSnapshot(data, path(folder, "bad.h5")));
    QVERIFY2(QString::fromStdString(text).contains(named), text.c_str());
    QVERIFY(std::filesystem::is_empty(folder.path().toStdString()));
}

void TstSnapshot::twoThreadsMayReadAndWrite()
{
    const QTemporaryDir folder;
    const auto data = support::sampleSnapshot(support::lenetLayers(), 20);
    const auto trouble = [&](const std::filesystem::path &file) {
        const auto wrote = writeSnapshot(data, file);
        const auto read = readSnapshot(file);
        return textOf(wrote) + textOf(read) + (read ? support::difference(data, *read) : std::string{});
    };
    const auto work = [&](const char *own, std::string &found) {
        for (int round = 0; round < 15; ++round)
            found += trouble(path(folder, own)) + trouble(path(folder, "shared.h5"));
    };
    std::string first, second;
    {
        const std::jthread one{work, "first.h5", std::ref(first)};
        const std::jthread two{work, "second.h5", std::ref(second)};
    }
    QCOMPARE(first, std::string{});
    QCOMPARE(second, std::string{});
}

void TstSnapshot::writesVgg16AtDiskSpeed()
{
    std::vector<SampleLayer> layers{{"features.0", "conv", {64, 3, 3, 3}, 4}};
    std::int64_t in = 64;
    for (const std::int64_t out : {64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512}) {
        layers.push_back({"features." + std::to_string(3 * layers.size()), "conv", {out, in, 3, 3}, 4});
        in = out;
    }
    layers.push_back({"classifier", "linear", {10, 512}, 4});
    const auto data = support::sampleSnapshot(layers, 500);
    const QTemporaryDir folder;
    QElapsedTimer timer;
    timer.start();
    QVERIFY(writeSnapshot(data, path(folder, "vgg16.h5")));
    const auto wrote = timer.restart();
    const auto read = readSnapshot(path(folder, "vgg16.h5"));
    const auto readTime = timer.elapsed();
    QCOMPARE(textOf(read), std::string{});
    QCOMPARE(support::difference(data, *read), std::string{});
    qInfo("%.1f MB: written in %lld ms, read in %lld ms", static_cast<double>(std::filesystem::file_size(path(folder, "vgg16.h5"))) / 1e6,
          static_cast<long long>(wrote), static_cast<long long>(readTime));
    QVERIFY2(wrote < 20000, "a snapshot of VGG16 took over 20 s");
}

QTEST_APPLESS_MAIN(TstSnapshot)
#include "tst_snapshot.moc"
