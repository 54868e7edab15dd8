// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshot.h"
#include "tests/support/h5edits.h"
#include "tests/support/samplesnapshot.h"
#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <functional>
#include <hdf5.h>
#include <map>
#include <random>
#include <sys/stat.h>

using namespace engine;
using namespace support;

/// HDF5 1.10 forgets some 400 bytes whenever an object header fails its checksum.
extern "C" const char *__lsan_default_suppressions() { return "leak:libhdf5"; }

namespace {

const char *const kFeatures = "/run/layers/000 features.0";
using Edit = std::function<void(hid_t file)>;

SnapshotData small()
{
    auto data = support::sampleSnapshot({{"features.0", "conv", {4, 1, 3, 3}, 4}, {"classifier", "linear", {30, 60}, 256}}, 12);
    data.run.description.settings.setLayerRules(LayerRules{{{.pattern = "classifier", .values = {{ParameterId::Lambda, 0.5}}}}});
    data.run.snappedTestAccuracy = 0.9;
    data.run.description.floatLayers = {support::floatLayer("features.3", {2, 4, 3, 3}, 1), support::floatLayer("head", {10, 30}, 2)};
    data.network.module.assign(5000, std::byte{0x5A});
    return data;
}

} // namespace

Q_DECLARE_METATYPE(Edit)

class TstSnapshotDamage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void refusesWhatIsNoSnapshot_data();
    void refusesWhatIsNoSnapshot();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void namesWhatIsMissing_data();
    void namesWhatIsMissing();
    void refusesANewerMajor();
    void acceptsANewerMinor();
    void acceptsAnOlderProgramsParameters();
    void takesNoHarmFromTruncation();
    void takesNoHarmFromFlippedBits_data();
    void takesNoHarmFromFlippedBits();

private:
    std::filesystem::path inFolder(const char *name) const { return std::filesystem::path{m_folder.path().toStdString()} / name; }
    std::filesystem::path edited(const Edit &edit) const;
    std::filesystem::path withBytes(const QByteArray &bytes) const;

    QTemporaryDir m_folder;
    QByteArray m_good;
};

void TstSnapshotDamage::initTestCase()
{
    QVERIFY(writeSnapshot(small(), inFolder("good.h5")));
    QFile file{QString::fromStdString(inFolder("good.h5").string())};
    QVERIFY(file.open(QIODevice::ReadOnly));
    m_good = file.readAll();
}

std::filesystem::path TstSnapshotDamage::withBytes(const QByteArray &bytes) const
{
    const auto file = inFolder("damaged.h5");
    std::ofstream{file, std::ios::binary}.write(bytes.data(), bytes.size());
    return file;
}

std::filesystem::path TstSnapshotDamage::edited(const Edit &edit) const
{
    const auto file = withBytes(m_good);
    const hid_t opened = H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    edit(opened);
    H5Fclose(opened);
    return file;
}

void TstSnapshotDamage::refusesWhatIsNoSnapshot_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("named");
    const auto row = [this](const char *title, const char *name, ErrorCode code, const char *named) {
        QTest::newRow(title) << QString::fromStdString(inFolder(name).string()) << static_cast<int>(code) << QString{named};
    };
    row("not there", "none.h5", ErrorCode::NotFound, "no such file");
    row("below a file", "good.h5/none.h5", ErrorCode::NotFound, "no such file");
    std::filesystem::create_directory(inFolder("folder.h5"));
    row("a folder", "folder.h5", ErrorCode::Unreadable, "folder");
    ::mkfifo(inFolder("pipe.h5").c_str(), 0600);
    row("a pipe nobody writes to", "pipe.h5", ErrorCode::Unreadable, "pipe");
    std::ofstream{inFolder("empty.h5")};
    row("empty", "empty.h5", ErrorCode::BadFormat, "empty");
    std::ofstream{inFolder("short.h5")} << "\x89HDF";
    row("shorter than a signature", "short.h5", ErrorCode::BadFormat, "not an HDF5 file");
    std::ofstream{inFolder("text.h5")} << std::string(5000, 'x');
    row("a text", "text.h5", ErrorCode::BadFormat, "not an HDF5 file");
    H5Fclose(H5Fcreate(inFolder("other.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    row("another program's HDF5 file", "other.h5", ErrorCode::BadFormat, "not a snapshot");
}

void TstSnapshotDamage::refusesWhatIsNoSnapshot()
{
    QFETCH(QString, file);
    QFETCH(int, code);
    QFETCH(QString, named);
    const auto read = readSnapshot(file.toStdString());
    QVERIFY(!read);
    QCOMPARE(static_cast<int>(read.error().code), code);
    const auto text = QString::fromStdString(read.error().text);
    QVERIFY2(text.contains(named) && text.contains(file) && text.endsWith('.') && !text.contains('\n'), qPrintable(text));
}

void TstSnapshotDamage::namesWhatIsWrong_data()
{
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *title, const char *named, const Edit &edit) { QTest::newRow(title) << edit << QString{named}; };
    const std::string layer = kFeatures;
    row("weights as doubles", "weights: expected numbers of 4 bytes", [=](hid_t f) {
        replace(f, layer + "/weights", {{4, 1, 3, 3}, H5T_IEEE_F64LE});
    });
    row("weights big-endian", "weights: expected numbers", [=](hid_t f) {
        replace(f, layer + "/weights", {{4, 1, 3, 3}, H5T_IEEE_F32BE});
    });
    row("weights of nine dimensions", "weights: expected at most 8",
        [=](hid_t f) { replace(f, layer + "/weights", {std::vector<hsize_t>(9, 1)}); });
    row("weights a group", "weights: expected a dataset", [=](hid_t f) {
        H5Ldelete(f, (layer + "/weights").c_str(), H5P_DEFAULT);
        H5Gclose(H5Gcreate2(f, (layer + "/weights").c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    });
    row("fewer weights than codes", "assignment: expected 3 × 1 × 3 × 3, found 4 × 1 × 3 × 3", [=](hid_t f) {
        replace(f, layer + "/weights", {{3, 1, 3, 3}});
    });
    row("no weights", "shape", [=](hid_t f) {
        replace(f, layer + "/weights", {{0, 1, 3, 3}, H5T_IEEE_F32LE, [](hid_t) {}, false});
        replace(f, layer + "/assignment", {{0, 1, 3, 3}, H5T_STD_U8LE, [](hid_t) {}, false});
    });
    row("a code too many", "codes below k = 4, found 9", [=](hid_t f) {
        replace(f, layer + "/assignment", {{4, 1, 3, 3}, H5T_STD_U8LE}, 9);
    });
    row("a codebook of 257", "codebook: expected a list of at most 256", [=](hid_t f) { replace(f, layer + "/codebook", {{257}}); });
    row("a codebook of none", "1 to 256 representatives", [=](hid_t f) {
        replace(f, layer + "/codebook", {{0}, H5T_IEEE_F32LE, [](hid_t) {}, false});
        replace(f, layer + "/identity", {{0}, H5T_STD_U16LE, [](hid_t) {}, false});
    });
    row("identities all the same", "4 different identities from 0 to 3", [=](hid_t f) {
        replace(f, layer + "/identity", {{4}, H5T_STD_U16LE});
    });
    row("as many edges as bins", "edges: expected 513, found 512", [=](hid_t f) {
        replace(f, layer + "/histogram/edges", {{512}, H5T_IEEE_F64LE});
    });
    row("edges of another range", "edges: expected -0.3 to 0.3", [=](hid_t f) {
        replace(f, layer + "/histogram/edges", {{513}, H5T_IEEE_F64LE});
    });
    row("steps that stand still", "step: expected ascending", [](hid_t f) { replace(f, "/run/series/step", {{12}, H5T_STD_U64LE}); });
    row("series of another length", "snapped: expected 12, found 11", [](hid_t f) {
        replace(f, "/run/series/accuracy/snapped", {{11}, H5T_IEEE_F64LE});
    });
    row("trajectories of another k", "representatives: expected 12 × 4, found 12 × 5",
        [](hid_t f) { replace(f, "/run/series/layers/000 features.0/representatives/representatives", {{12, 5}}); });
    row("density of other bins", "density: expected 12 × 128", [](hid_t f) {
        replace(f, "/run/series/layers/000 features.0/density/density", {{12, 64}, H5T_STD_U32LE});
    });
    row("a stage that is none", "stages 0 to 4, found 7", [](hid_t f) { replace(f, "/run/series/stage", {{12}, H5T_STD_U8LE}, 7); });
    row("stage unknown", "stage of /run", [](hid_t f) { setText(f, "/run", "stage", "lunch"); });
    row("step a text", "attribute step of /run: expected a whole number", [](hid_t f) { setText(f, "/run", "step", "soon"); });
    row("step negative", "attribute step of /run: expected 0 or more", [](hid_t f) { setWhole(f, "/run", "step", -5); });
    row("a parameter out of range", "k: expected a whole number from 1 to 256", [](hid_t f) { setWhole(f, "/run", "k", 100000); });
    row("a parameter of another kind", "seed: expected a whole number", [](hid_t f) { setText(f, "/run", "seed", "one"); });
    row("a layer twice", "out of turn", [](hid_t f) { setWhole(f, "/run/layers/001 classifier", "id", 0); });
    row("a layer too many", "expected 3 layers, found 2", [](hid_t f) { setWhole(f, "/run/layers", "count", 3); });
    row("a billion layers", "expected 1000000000 layers, found 2", [](hid_t f) { setWhole(f, "/run/layers", "count", 1000000000); });
    row("an array too few", "/run/state: expected 2 arrays, found 3", [](hid_t f) { setWhole(f, "/run/state", "count", 2); });
    row("a float layer too many", "/run/float_layers: expected 3 layers, found 2",
        [](hid_t f) { setWhole(f, "/run/float_layers", "count", 3); });
    row("a float layer twice", "out of turn", [](hid_t f) { setWhole(f, "/run/float_layers/001 head", "id", 0); });
    row("a float layer of no size", "float layer \"head\": expected a shape", [](hid_t f) {
        replace(f, "/run/float_layers/001 head/shape", {{2}, H5T_STD_I64LE});
    });
    row("a float layer of nine dimensions", "shape: expected a list of at most 8", [](hid_t f) {
        replace(f, "/run/float_layers/001 head/shape", {{9}, H5T_STD_I64LE}, 1);
    });
    row("a float layer beyond the last", "1 to 2 quantized layers before it, found 7",
        [](hid_t f) { setWhole(f, "/run/float_layers/001 head", "quantized_before", 7); });
    row("a module of floats", "module: expected whole numbers of 1 byte", [](hid_t f) { replace(f, "/run/module", {{500}}); });
    row("a module in a square", "module: expected a list", [](hid_t f) { replace(f, "/run/module", {{50, 50}, H5T_STD_U8LE}); });
    row("a module beyond all size", "module: expected a list of at most", [](hid_t f) {
        replace(f, "/run/module",
                {{std::uint64_t{1} << 40},
                 H5T_STD_U8LE,
                 [](hid_t p) {
                     const hsize_t c = 1 << 20;
                     H5Pset_chunk(p, 1, &c);
                 },
                 false});
    });
    row("a state array of 16-bit numbers", "odd: expected whole numbers", [](hid_t f) {
        replace(f, "/run/state/network/odd", {{3}, H5T_STD_I16LE});
        setText(f, "/run/state/network/odd", "name", "bias");
        setWhole(f, "/run/state/network/odd", "order", 3);
    });
    row("huge, nothing stored", "declares", [=](hid_t f) {
        replace(f, layer + "/weights", {{1 << 20, 1 << 20, 1 << 20}, H5T_IEEE_F32LE, chunkedGzip, false});
    });
    row("more values than numbers go", "weights", [=](hid_t f) {
        replace(f, layer + "/weights", {{1 << 30, 1 << 30, 1 << 30}, H5T_IEEE_F32LE, chunkedGzip, false});
    });
    row("small, unpacks to much", "unpacks to far more", [=](hid_t f) {
        replace(f, layer + "/weights", {{1, 30, 1 << 20}, H5T_IEEE_F32LE, chunkedGzip});
    });
    row("data in another file", "inside this file", [=](hid_t f) {
        replace(f, layer + "/codebook", {{4}, H5T_IEEE_F32LE, [](hid_t p) { H5Pset_external(p, "/etc/passwd", 0, 16); }, false});
    });
    row("a filter we do not know", "found filter", [=](hid_t f) {
        replace(f, layer + "/codebook", {{4}, H5T_IEEE_F32LE, [](hid_t p) {
                                             const hsize_t c = 4;
                                             H5Pset_chunk(p, 1, &c);
                                             H5Pset_scaleoffset(p, H5Z_SO_FLOAT_DSCALE, 2);
                                         }});
    });
    row("a link to nowhere", "codebook: expected data of this file", [=](hid_t f) {
        H5Ldelete(f, (layer + "/codebook").c_str(), H5P_DEFAULT);
        H5Lcreate_soft("/nowhere", f, (layer + "/codebook").c_str(), H5P_DEFAULT, H5P_DEFAULT);
    });
    row("a link to another file", "network: expected data of this file", [](hid_t f) {
        H5Ldelete(f, "/run/state/network", H5P_DEFAULT);
        H5Lcreate_external("/etc/passwd", "/", f, "/run/state/network", H5P_DEFAULT, H5P_DEFAULT);
    });
    row("a group inside itself", "groups inside each other",
        [](hid_t f) { H5Lcreate_hard(f, "/run/state", f, "/run/state/again", H5P_DEFAULT, H5P_DEFAULT); });
    row("a group many times inside itself", "/run/state", [](hid_t f) {
        for (int i = 0; i < 40; ++i)
            H5Lcreate_hard(f, "/run/state", f, ("/run/state/~" + std::to_string(i)).c_str(), H5P_DEFAULT, H5P_DEFAULT);
        H5Ldelete(f, "/run/state/network", H5P_DEFAULT);
        H5Ldelete(f, "/run/state/optimizer", H5P_DEFAULT);
    });
}

void TstSnapshotDamage::namesWhatIsWrong()
{
    QFETCH(Edit, edit);
    QFETCH(QString, named);
    QElapsedTimer timer;
    const auto file = edited(edit);
    timer.start();
    const auto read = readSnapshot(file);
    QVERIFY(!read);
    QCOMPARE(static_cast<int>(read.error().code), static_cast<int>(ErrorCode::BadFormat));
    QVERIFY2(QString::fromStdString(read.error().text).contains(named), read.error().text.c_str());
    QVERIFY2(timer.elapsed() < 20000, "refusing took over 20 s");
}

void TstSnapshotDamage::namesWhatIsMissing_data()
{
    QTest::addColumn<QString>("object");
    QTest::addColumn<QString>("attribute");
    for (const char *object : {"/run", "/run/layers", "/run/series", "/run/state", "/run/layers/000 features.0/weights",
                               "/run/layers/000 features.0/codebook", "/run/layers/001 classifier/identity",
                               "/run/layers/001 classifier/assignment", "/run/layers/001 classifier/histogram",
                               "/run/layers/001 classifier/histogram/counts", "/run/layers/001 classifier/histogram/edges",
                               "/run/series/step", "/run/series/stage", "/run/series/whole_validation", "/run/series/loss/task",
                               "/run/series/layers/001 classifier", "/run/series/layers/001 classifier/density/low",
                               "/run/series/layers/001 classifier/measures/lambda"})
        QTest::newRow(object) << QString{object} << QString{};
    const std::multimap<const char *, const char *> attributes{
        {"/", "format"}, {"/", "version_major"}, {"/", "version_minor"}, {"/", "program_version"}, {"/run", "step"}, {"/run", "stage"},
        {"/run", "codebooks_are_live"}, {"/run", "data_name"}, {"/run", "train_images"}, {"/run", "threads_used"}, {"/run", "slow_blas"},
        {"/run", "history_capacity"}, {"/run/layers", "count"}, {"/run/layers/000 features.0", "name"},
        {"/run/layers/000 features.0/histogram", "low"}, {"/run/state", "count"}, {"/run/state/network/classifier.1.bias", "name"}};
    for (const auto &[object, name] : attributes)
        QTest::addRow("%s of %s", name, object) << QString{object} << QString{name};
}

void TstSnapshotDamage::namesWhatIsMissing()
{
    QFETCH(QString, object);
    QFETCH(QString, attribute);
    const auto at = object.toStdString();
    const auto read = readSnapshot(edited([&](hid_t file) {
        if (attribute.isEmpty())
            H5Ldelete(file, at.c_str(), H5P_DEFAULT);
        else
            H5Adelete_by_name(file, at.c_str(), qPrintable(attribute), H5P_DEFAULT);
    }));
    QVERIFY(!read);
    QCOMPARE(static_cast<int>(read.error().code), static_cast<int>(ErrorCode::BadFormat));
    const auto text = QString::fromStdString(read.error().text);
    const bool isFormat = attribute == "format"; // without it the file is simply somebody else's
    QVERIFY2(isFormat || (text.contains("missing") && text.contains(attribute.isEmpty() ? object : attribute)), qPrintable(text));
}

void TstSnapshotDamage::refusesANewerMajor()
{
    const auto read = readSnapshot(edited([](hid_t file) {
        setWhole(file, "/", "version_major", kSnapshotMajor + 1);
        setWhole(file, "/", "version_minor", 3);
        H5Ldelete(file, "/run", H5P_DEFAULT); // nothing else of it can be relied on
    }));
    QVERIFY(!read);
    QCOMPARE(static_cast<int>(read.error().code), static_cast<int>(ErrorCode::TooNew));
    const auto text = QString::fromStdString(read.error().text);
    QVERIFY2(text.contains(QString{"%1.3"}.arg(kSnapshotMajor + 1)) && text.contains(QString{"%1.x"}.arg(kSnapshotMajor)),
             qPrintable(text));
}

void TstSnapshotDamage::acceptsANewerMinor()
{
    const auto file = edited([](hid_t f) {
        setWhole(f, "/", "version_minor", kSnapshotMinor + 1);
        for (const char *group : {"/extra", "/run/extra", "/run/layers/extra", "/run/layers/000 features.0/extra", "/run/series/extra",
                                  "/run/series/layers/extra", "/run/series/accuracy/extra", "/run/state/extra"}) {
            H5Gclose(H5Gcreate2(f, group, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
            setText(f, group, "purpose", "unknown");
            replace(f, std::string{group} + "/numbers", {{3}});
        }
        for (const char *object : {"/", "/run", "/run/layers", "/run/layers/000 features.0", "/run/state"})
            setWhole(f, object, "unheard-of", 7);
    });
    const auto read = readSnapshot(file);
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QCOMPARE(support::difference(small(), *read), std::string{});
}

void TstSnapshotDamage::acceptsAnOlderProgramsParameters()
{
    const auto read = readSnapshot(edited([](hid_t file) { H5Adelete_by_name(file, "/run", "autosave-minutes", H5P_DEFAULT); }));
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QVERIFY(read->run.description.settings == small().run.description.settings); // among which it has its default
}

void TstSnapshotDamage::takesNoHarmFromTruncation()
{
    for (qsizetype length = 0; length < m_good.size(); length += 1 + length / 12) {
        const auto read = readSnapshot(withBytes(m_good.first(length)));
        QVERIFY2(!read, qPrintable(QString{"opened although only %1 of %2 bytes are there"}.arg(length).arg(m_good.size())));
        QCOMPARE(static_cast<int>(read.error().code), static_cast<int>(ErrorCode::BadFormat));
    }
    const auto almost = readSnapshot(withBytes(m_good.first(m_good.size() - 1)));
    QVERIFY(!almost);
    const auto named = QString{"expected %1 bytes, found %2"}.arg(m_good.size()).arg(m_good.size() - 1);
    QVERIFY2(QString::fromStdString(almost.error().text).contains(named), almost.error().text.c_str());
}

void TstSnapshotDamage::takesNoHarmFromFlippedBits_data()
{
    QTest::addColumn<int>("flips");
    QTest::newRow("one bit") << 1;
    QTest::newRow("eight bits") << 8;
    QTest::newRow("a hundred bits") << 100;
}

void TstSnapshotDamage::takesNoHarmFromFlippedBits()
{
    QFETCH(int, flips);
    std::mt19937_64 random{static_cast<std::uint64_t>(flips)};
    int refused = 0, equal = 0, different = 0;
    for (int trial = 0; trial < 300; ++trial) {
        auto bytes = m_good;
        for (int i = 0; i < flips; ++i) {
            auto &byte = bytes.data()[random() % static_cast<std::size_t>(bytes.size())];
            byte = static_cast<char>(byte ^ (1 << random() % 8));
        }
        const auto read = readSnapshot(withBytes(bytes));
        if (!read) {
            ++refused;
            QVERIFY2(read.error().text.ends_with('.') && read.error().text.find('\n') == std::string::npos, read.error().text.c_str());
        } else {
            ++(support::difference(small(), *read).empty() ? equal : different);
        }
    }
    qInfo("%d refused, %d read equal, %d read different", refused, equal, different);
    QCOMPARE(different, 0); // every number lies under a checksum
    QVERIFY(refused > 0);
}

QTEST_APPLESS_MAIN(TstSnapshotDamage)
#include "tst_snapshotdamage.moc"
