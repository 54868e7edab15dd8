// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/safetensorswriter.h"
#include "tests/support/image_files.h"
#include "tests/support/quickrun.h"
#include "tests/support/quicksnapshot.h"
#include "tests/support/replaying.h"

using namespace engine;
using support::quick;
using How = Followed::How;

namespace {

/// The weights of lenet5's first layer, as a file to start from.
void writeStart(const std::filesystem::path &file, float value)
{
    const std::vector<float> weights(6 * 25, value);
    const auto bytes = std::as_bytes(std::span{weights});
    const NamedArray array{"features.0.weight", NamedArray::Type::Float32, {6, 1, 5, 5}, {bytes.begin(), bytes.end()}};
    const auto written = writeSafetensors({&array, 1}, {}, file);
    QVERIFY2(written, written ? "" : written.error().text.c_str());
}

RunLog startedOn(int threads, const char *processor = "A processor", const char *torch = "2.0")
{
    const Started start{.threads = threads, .program = "0.2", .torch = torch, .processor = processor, .changes = {}, .hasCodebooks = false};
    return {.start = {}, .entries = {{.step = {}, .by = Author::Hand, .time = 0, .what = start}}, .ahead = {}, .isComplete = true};
}

} // namespace

/// Replays that cannot, or may not, come out the same, and how states are compared.
class TstReplayDiffers : public QObject {
    Q_OBJECT
private slots:
    void otherImages();
    void otherStartWeights();
    void thoseThatAreNotKnownDoNotDiffer();
    void otherMachines_data();
    void otherMachines();
    void theThreadsOfTheRunAreTaken();
    void anIncompleteLogIsRefused();
    void whatIsAlteredIsFound();

private:
    /// A snapshot of these settings after a step or two, and what its replay says once `change` was made.
    template <typename Change>
    void refuses(const Settings &settings, const Change &change, const char *says);

    QTemporaryDir m_folder;
    std::filesystem::path path(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)).toStdString(); }
};

template <typename Change>
void TstReplayDiffers::refuses(const Settings &settings, const Change &change, const char *says)
{
    const auto stored = support::snapshotAt(settings, Step{2});
    QVERIFY2(stored, stored ? "" : stored.error().text.c_str());
    support::compareReplay(*stored);
    change();
    auto from = replayOf(stored->run);
    QVERIFY(from);
    const auto place = path("replay");
    {
        auto folder = RunFolder::forNewRun(place, RunFolder::Replace::No);
        QVERIFY(folder);
        Signals system;
        support::SilentWatcher watcher;
        const auto replayed = replay(*stored, *std::move(from), *folder, system, watcher);
        QVERIFY(replayed.end.how == How::Refused && replayed.end.why && !replayed.comparison);
        const auto text = QString::fromStdString(replayed.end.why->text);
        QVERIFY2(text.startsWith("Replay: expected ") && text.contains(says) && text.endsWith('.'), qPrintable(text));
    }
    QVERIFY(!std::filesystem::exists(place)); // nothing was begun
}

void TstReplayDiffers::otherImages()
{
    const QString images = m_folder.filePath("images");
    image_files::writeTwoClasses(images, 100);
    const auto data = "folder:" + images.toStdString() + "@28";
    const Settings settings = quick({{ParameterId::Data, data.c_str()}, {ParameterId::BatchSize, "16"}});
    const auto paint = [&] {
        image_files::writeBytes(images + "/apple/007.png", image_files::toPng(image_files::pattern(16, 16, 1, 99)));
    };
    refuses(settings, paint, "images that the run was trained on, found others");
}

void TstReplayDiffers::otherStartWeights()
{
    const auto file = path("start.safetensors");
    writeStart(file, 0.01f);
    const Settings settings = quick({{ParameterId::StartWeights, file.c_str()}});
    refuses(settings, [&] { writeStart(file, 0.02f); }, "weights that the run began with, found others");
}

void TstReplayDiffers::thoseThatAreNotKnownDoNotDiffer()
{
    RunDescription stored, now;
    now.fingerprints.data = "1";
    now.fingerprints.module = "2";
    now.fingerprints.startWeights = "3";
    QCOMPARE(whatDiffers(stored, now), std::string{}); // an older snapshot
    stored.fingerprints = now.fingerprints;
    QCOMPARE(whatDiffers(stored, now), std::string{});
    stored.fingerprints.module = "other code";
    QVERIFY(whatDiffers(stored, now).find("network") != std::string::npos);
}

void TstReplayDiffers::otherMachines_data()
{
    QTest::addColumn<int>("threads");
    QTest::addColumn<QByteArray>("processor");
    QTest::addColumn<QByteArray>("torch");
    QTest::addColumn<QString>("says");
    QTest::newRow("the same") << 2 << QByteArray{"A processor"} << QByteArray{"2.0"} << "";
    QTest::newRow("another number of threads")
        << 3 << QByteArray{"A processor"} << QByteArray{"2.0"} << "The run was trained on 2 threads, this is on 3: bits may differ.";
    QTest::newRow("another processor") << 2 << QByteArray{"Another"} << QByteArray{"2.0"}
                                       << "The run was trained with the processor A processor, this is Another: bits may differ.";
    QTest::newRow("another LibTorch") << 2 << QByteArray{"A processor"} << QByteArray{"2.1"}
                                      << "The run was trained with LibTorch 2.0, this is 2.1: bits may differ.";
}
void TstReplayDiffers::otherMachines()
{
    QFETCH(int, threads);
    QFETCH(QByteArray, processor);
    QFETCH(QByteArray, torch);
    auto stored = startedOn(2);
    stored.entries.push_back(startedOn(1).entries.front()); // it went on, on one thread, as the replay will
    const auto says = whatMayDiffer(stored, startedOn(threads, processor, torch));
    QCOMPARE(says.size(), QTest::currentDataTag() == QByteArray{"the same"} ? 0u : 1u);
    QTEST(says.empty() ? QString{} : QString::fromStdString(says.front()), "says");
}

/// As many as there were, also where the settings leave that to the machine, and from where they changed.
void TstReplayDiffers::theThreadsOfTheRunAreTaken()
{
    {
        Run run{FromSettings{quick({{ParameterId::Threads, "2"}})}};
        Follower follower{run};
        QCOMPARE(support::steer(run, follower, {{12, {}}}), std::string{});
        QVERIFY(support::takeSnapshot(run, follower, path("two.h5")));
    }
    const std::vector<SetParameter> changes{{ParameterId::Threads, std::int64_t{1}}, {ParameterId::Momentum, 0.5}};
    Run branch{Branch{path("two.h5"), changes}};
    Follower follower{branch};
    QCOMPARE(support::steer(branch, follower, {{40, {}}}), std::string{});
    const auto stored = support::takeSnapshot(branch, follower, path("one.h5"));
    QVERIFY(stored);
    const auto from = replayOf(stored->run);
    QVERIFY(from);
    QCOMPARE(from->settings.whole(ParameterId::Threads), std::int64_t{2});
    const auto again = support::runAgain(*from);
    QVERIFY(again);
    QCOMPARE(again->run.description.threads, 1);
    support::compareBits(*again, *stored);
}

void TstReplayDiffers::anIncompleteLogIsRefused()
{
    const auto old = readSnapshot(std::filesystem::path{TEST_SOURCE_DIR} / "golden/snapshot-1.3/run.h5");
    QVERIFY2(old, old ? "" : old.error().text.c_str());
    QVERIFY(!old->run.log.isComplete);
    const auto from = replayOf(old->run);
    QVERIFY(!from);
    const auto text = QString::fromStdString(from.error().text);
    QVERIFY2(text.startsWith("Replay: expected a snapshot that knows all that was done") && text.endsWith('.'), qPrintable(text));
}

void TstReplayDiffers::whatIsAlteredIsFound()
{
    const auto stored = support::snapshotAt(quick({{ParameterId::Regularizer, "soft-min"}, {ParameterId::Mixing, "learnt"}}), Step{40});
    QVERIFY(stored);
    QVERIFY(compareStates(*stored, *stored).isSame());
    auto other = *stored;
    other.training.layers[1].weights[3] = -other.training.layers[1].weights[3];
    other.training.layers[1].weights[7] += 1;
    other.network.layers[2].representatives[0] -= 1;
    other.training.layers[3].mixing[0] += 0.125;
    other.training.arrays.back().bytes.back() ^= std::byte{1};
    other.network.arrays.pop_back();
    const auto found = compareStates(*stored, other);
    QCOMPARE(found.layers.size(), 2u);
    QCOMPARE(found.layers[0].name, std::string{"features.3"});
    QCOMPARE(found.layers[0].weights, 2u);
    QCOMPARE(found.layers[0].representatives, 0u);
    QCOMPARE(found.layers[1].representatives, 1u);
    QCOMPARE(found.arrays.size(), 3u);
    const auto says = QString::fromStdString(describe(found, stored->run));
    for (const auto &line : {QString{"Other bits at step 40:\n"}, QString{"  features.3: 2 weights and 0 representatives differ\n"},
                             QString{"mixing"}, QString::fromStdString(stored->training.arrays.back().name)})
        QVERIFY2(says.contains(line), qPrintable(says));
    QVERIFY(describe(compareStates(*stored, *stored), stored->run).starts_with("The same bits at step 40"));
}

QTEST_APPLESS_MAIN(TstReplayDiffers)
#include "tst_replaydiffers.moc"
