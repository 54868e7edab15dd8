// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include "tests/support/data_damage.h"
#include "tests/support/data_files.h"
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <random>

#include <unistd.h>

using namespace engine;
using namespace data_files;
Q_DECLARE_METATYPE(Damage)
Q_DECLARE_METATYPE(engine::ErrorCode)

namespace {

Result<Dataset> load(const QString &kind, const QString &path)
{
    return loadDataset((kind + ":" + path).toStdString());
}

quint32 checksum(const std::vector<std::uint8_t> &bytes)
{
    return static_cast<quint32>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size())));
}

std::vector<std::uint32_t> all(const ImageSet &images)
{
    std::vector<std::uint32_t> indices(images.count());
    std::iota(indices.begin(), indices.end(), 0u);
    return indices;
}

std::vector<std::size_t> classCounts(const ImageSet &images, const std::vector<std::uint32_t> &indices)
{
    std::vector<std::size_t> counts(10);
    for (const auto i : indices)
        ++counts[images.labels[i]];
    return counts;
}

bool whole(const ImageSet &images, std::size_t classes)
{
    return images.count() > 0 && images.pixels.size() == images.count() * images.imageBytes()
        && std::ranges::all_of(images.labels, [&](auto label) { return label < classes; });
}

/// Peak memory of this process since the last call, in MiB; −1 where the system does not tell.
long peakMemory()
{
    long peak = -1;
    QFile status{"/proc/self/status"};
    if (status.open(QIODevice::ReadOnly)) {
        for (const QByteArray &line : status.readAll().split('\n')) {
            if (line.startsWith("VmHWM:"))
                peak = line.mid(6).simplified().split(' ').first().toLong() / 1024;
        }
    }
    QFile reset{"/proc/self/clear_refs"};
    const bool possible = reset.open(QIODevice::WriteOnly) && reset.write("5") == 1;
    return possible ? peak : -1;
}

} // namespace

class TstDataset : public QObject {
    Q_OBJECT

private slots:
    void forgedCountsTakeNoMemory();
    void badSpec_data();
    void badSpec();
    void smallFashion();
    void badFashion_data();
    void badFashion();
    void badFashionMayNotBeRead();
    void damagedBytesNeverCrash();
    void realFashion();
    void cifarFolder();
    void cifarArchive();
    void badCifar_data();
    void badCifar();
    void badArchive_data();
    void badArchive();
    void realCifar();

private:
    void checkError(const Result<Dataset> &data);
};

void TstDataset::checkError(const Result<Dataset> &data)
{
    QFETCH(ErrorCode, code);
    QFETCH(QStringList, words);
    QVERIFY2(!data, "a bad data set was loaded");
    const QString text = QString::fromStdString(data.error().text);
    for (const QString &word : words)
        QVERIFY2(text.contains(word), qPrintable(text + " (lacks " + word + ")"));
    QVERIFY2(text.endsWith('.') && !text.contains('\n'), qPrintable(text));
    QCOMPARE(static_cast<int>(data.error().code), static_cast<int>(code));
}

void TstDataset::forgedCountsTakeNoMemory() // first: the peak of later tests would hide it
{
    QTemporaryDir folder;
    writeFashion(QDir{folder.path()});
    write(folder.filePath("t10k-images-idx3-ubyte"), idxHeader({1'000'000, 28, 28}) + QByteArray(5000, '\1'));
    const long before = peakMemory();
    if (before < 0)
        QSKIP("this system does not tell the peak memory of a process");
    QVERIFY(!load("fashion-mnist", folder.path()));
    QVERIFY2(peakMemory() - before < 32, "a header of 16 bytes made the program take memory");
}

void TstDataset::badSpec_data()
{
    QTest::addColumn<QString>("spec");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QStringList>("words");
    QTest::newRow("nothing") << "" << ErrorCode::BadValue << QStringList{"fashion-mnist", "cifar10:PATH", "generated"};
    QTest::newRow("unknown kind") << "imagenet" << ErrorCode::BadValue << QStringList{"\"imagenet\"", "expected"};
    QTest::newRow("near miss") << "fashion-mnist2" << ErrorCode::BadValue << QStringList{"fashion-mnist2"};
    QTest::newRow("no folder after the colon") << "fashion-mnist:" << ErrorCode::BadValue << QStringList{"fashion-mnist:DIR"};
    QTest::newRow("cifar10 without a path") << "cifar10" << ErrorCode::BadValue << QStringList{"cifar10:PATH"};
    QTest::newRow("no such folder, fashion") << "fashion-mnist:/no/such" << ErrorCode::NotFound
                                             << QStringList{"\"/no/such\"", "apt install dataset-fashion-mnist"};
    QTest::newRow("no such path, cifar") << "cifar10:/no/such" << ErrorCode::NotFound
                                         << QStringList{"\"/no/such\"", "cifar-10-binary.tar.gz"};
    QTest::newRow("no such path in the home folder")
        << "cifar10:~/no/such" << ErrorCode::NotFound << QStringList{QDir::home().filePath("no/such")};
    for (const char *shape : {"2x28x28", "1x28", "1x28x28x1", "1x28x28 ", "1x8x28", "3x65x32", "axbxc", "1x-28x28", "99999999999x1x1"})
        QTest::addRow("generated:%s", shape) << QString{"generated:"} + shape << ErrorCode::BadValue << QStringList{shape, "CxHxW"};
}

void TstDataset::badSpec()
{
    QFETCH(QString, spec);
    checkError(loadDataset(spec.toStdString()));
}

void TstDataset::smallFashion()
{
    QTemporaryDir folder;
    writeFashion(QDir{folder.path()});
    const auto data = load("fashion-mnist", folder.path());
    QVERIFY2(data.has_value(), data ? "" : data.error().text.c_str());
    QCOMPARE(data->train.count(), 12u);
    QCOMPARE(data->test.count(), 5u);
    QVERIFY(whole(data->train, 10) && whole(data->test, 10));
    QCOMPARE(int{data->train.image(11)[783]}, 12);
    QCOMPARE(int{data->train.labels[11]}, 1);
}

void TstDataset::badFashion_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QStringList>("words");
    const QString images = "t10k-images-idx3-ubyte", labels = "train-labels-idx1-ubyte", zipped = "train-images-idx3-ubyte.gz";
    const auto row = [](const char *name, const Damage &damage, ErrorCode code, const QStringList &words) {
        QTest::newRow(name) << damage << code << words;
    };
    const auto bad = ErrorCode::BadFormat;
    row("a file is missing", removeFile(labels), ErrorCode::NotFound, {labels, "apt install dataset-fashion-mnist"});
    row("an empty file", replaceFile(images, ""), bad, {images, "header of 16 bytes", "0 bytes"});
    row("half a header", replaceFile(images, idxHeader({5, 28, 28}).left(9)), bad, {images, "9 bytes"});
    row("cut off in the pixels", rewrite(images, [](auto &b) { b.chop(100); }), bad, {images, "3920", "3820"});
    row("one byte too many", rewrite(images, [](auto &b) { b += 'x'; }), bad, {images, "3920", "more"});
    row("labels where images should be", replaceFile(images, idxLabels(5)), bad, {images, "2051", "2049"});
    row("another kind of number", rewrite(images, [](auto &b) { b[2] = 0x0d; }), bad, {images, "2051"});
    row("images of another size", replaceFile(images, idxImages(5, 32)), bad, {images, "28×28", "32×32"});
    row("sides that overflow", replaceFile(images, idxHeader({5, 0xffffffff, 0xffffffff})), bad, {images, "4294967295"});
    row("no images", replaceFile(images, idxImages(0)), bad, {images, "found 0"});
    row("four thousand million images", replaceFile(images, idxHeader({0xffffffff, 28, 28})), bad, {images, "4294967295"});
    row("more images than bytes", replaceFile(images, idxHeader({1'000'000, 28, 28})), bad, {images, "784000000"});
    row("fewer labels than images", replaceFile(labels, idxLabels(11)), bad, {labels, "12 labels", "11"});
    row("a label out of range", rewrite(labels, [](auto &b) { b[8 + 6] = 10; }), bad, {labels, "label 10", "number 7"});
    row("a text file", replaceFile(labels, "hello, hello, hello"), bad, {labels, "2049"});
    row("garbage after a gzip header", replaceFile(zipped, gzip(idxImages(12)).left(10) + QByteArray(500, '\xee')), bad,
        {zipped, "damaged"});
    row("gzip cut off", rewrite(zipped, [](auto &b) { b.truncate(b.size() / 2); }), bad, {zipped});
    row("gzip with a wrong checksum", rewrite(zipped, [](auto &b) { b[b.size() - 8] = char(~b[b.size() - 8]); }), bad, {zipped, "damaged"});
    row("a folder instead of a file", swapForFolder(labels), ErrorCode::Unreadable, {labels, "folder"});
    row("a device instead of a file", swapForLink(labels, "/dev/zero"), ErrorCode::Unreadable, {labels, "device"});
    row("a pipe instead of a file, which nobody feeds", swapForPipe(labels), ErrorCode::Unreadable, {labels, "pipe"});
    row("a file that fails while being read", swapForLink(labels, "/proc/self/mem"), ErrorCode::Unreadable, {labels, "cannot be read"});
    row("a file instead of the folder", [](const QDir &folder) { QDir{folder}.removeRecursively(); write(folder.path(), "x"); },
        ErrorCode::Unreadable, {"is a file"});
}

void TstDataset::badFashion()
{
    QFETCH(Damage, damage);
    QTemporaryDir outer;
    QDir folder{outer.filePath("fashion")};
    QVERIFY(folder.mkpath("."));
    writeFashion(folder);
    damage(folder);
    checkError(load("fashion-mnist", folder.path()));
}

void TstDataset::badFashionMayNotBeRead()
{
    if (geteuid() == 0)
        QSKIP("root may read everything");
    QTemporaryDir folder;
    writeFashion(QDir{folder.path()});
    QVERIFY(QFile::setPermissions(folder.filePath("train-labels-idx1-ubyte"), {}));
    const auto data = load("fashion-mnist", folder.path());
    QVERIFY(!data && data.error().code == ErrorCode::Unreadable);
    QVERIFY(data.error().text.contains("train-labels-idx1-ubyte"));
}

void TstDataset::damagedBytesNeverCrash()
{
    QTemporaryDir folder;
    const QDir dir{folder.path()};
    const QString archiveFile = folder.filePath("small.tar.gz");
    writeFashion(dir);
    writeTarGz(archiveFile, {{"cifar-10-batches-bin/batches.meta.txt", "a\n"}, {"data_batch_1.bin", QByteArray(5000, 'x')}});
    const QStringList files{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"};
    std::mt19937 random{7};
    for (int trial = 0; trial < 600; ++trial) {
        const bool archive = trial % 3 == 0;
        const QString path = archive ? archiveFile : dir.filePath(files[trial % files.size()]);
        const QByteArray good = read(path);
        QByteArray bytes = good;
        for (int changes = 1 + trial % 4; changes > 0; --changes)
            bytes[static_cast<qsizetype>(random() % static_cast<std::size_t>(std::min<qsizetype>(bytes.size(), 600)))] =
                static_cast<char>(random());
        write(path, bytes);
        const auto data = archive ? load("cifar10", archiveFile) : load("fashion-mnist", folder.path());
        QVERIFY(archive ? !data : (!data || (whole(data->train, 10) && whole(data->test, 10))));
        write(path, good);
    }
}

void TstDataset::realFashion()
{
    const auto data = loadDataset("fashion-mnist");
    QVERIFY2(data.has_value(), data ? "" : data.error().text.c_str()); // part of the set-up, so never skipped
    QCOMPARE(data->name, std::string{"Fashion-MNIST"});
    QCOMPARE(data->classNames.size(), 10u);
    QCOMPARE(data->classNames[9], std::string{"Ankle boot"});
    QVERIFY(data->mirrorIsSafe);
    QCOMPARE(classCounts(data->train, all(data->train)), std::vector<std::size_t>(10, 6000));
    QCOMPARE(classCounts(data->test, all(data->test)), std::vector<std::size_t>(10, 1000));
    // CRC-32 of the unzipped files behind their headers
    QCOMPARE(checksum(data->train.pixels), 0xae65dccdu);
    QCOMPARE(checksum(data->train.labels), 0x2ed6e46au);
    QCOMPARE(checksum(data->test.pixels), 0x12728439u);
    QCOMPARE(checksum(data->test.labels), 0x242bc73fu);
    const auto normalisation = measureNormalisation(data->train, all(data->train));
    QVERIFY(std::abs(normalisation.mean[0] - 0.2860) < 1e-4 && std::abs(normalisation.deviation[0] - 0.3530) < 1e-4); // widely published
}

void TstDataset::cifarFolder()
{
    QTemporaryDir folder;
    for (const bool nested : {false, true}) {
        QDir inner{nested ? folder.filePath("outer/cifar-10-batches-bin") : folder.filePath("plain")};
        QVERIFY(inner.mkpath("."));
        writeCifar(inner);
        const auto data = load("cifar10", folder.filePath(nested ? "outer" : "plain"));
        QVERIFY2(data.has_value(), data ? "" : data.error().text.c_str());
        QCOMPARE(data->train.count(), 50'000u);
        QCOMPARE(data->test.count(), 10'000u);
        QVERIFY(whole(data->train, 10) && whole(data->test, 10) && data->mirrorIsSafe);
        QCOMPARE(data->classNames[0], std::string{"airplane"});
        for (std::size_t batch = 0; batch < 5; ++batch) {
            QCOMPARE(std::size_t{data->train.labels[batch * 10'000]}, batch + 1);
            QCOMPARE(std::size_t{data->train.image(batch * 10'000)[3071]}, batch + 1);
            QCOMPARE(int{data->train.image(batch * 10'000 + 1)[0]}, 0);
        }
        QCOMPARE(int{data->test.labels[0]}, 6);
    }
}

void TstDataset::cifarArchive()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("cifar-10-binary.tar.gz");
    writeTarGz(path, cifarEntries());
    const auto data = load("cifar10", path);
    QVERIFY2(data.has_value(), data ? "" : data.error().text.c_str());
    QCOMPARE(data->classNames[9], std::string{"j"});
    QVERIFY(whole(data->train, 10) && whole(data->test, 10));
    for (std::size_t batch = 0; batch < 5; ++batch)
        QCOMPARE(std::size_t{data->train.image(batch * 10'000)[0]}, batch + 1);
    QCOMPARE(int{data->test.labels[0]}, 6);
    QCOMPARE(QDir{folder.path()}.entryList(QDir::AllEntries | QDir::NoDotAndDotDot).size(), 1); // nothing unpacked beside it
}

void TstDataset::badCifar_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QStringList>("words");
    const QString first = "data_batch_1.bin", last = "test_batch.bin";
    const auto bad = ErrorCode::BadFormat;
    QTest::newRow("a batch is missing") << removeFile("data_batch_3.bin") << ErrorCode::NotFound
                                        << QStringList{"data_batch_3.bin", "expected"};
    QTest::newRow("the test batch is missing") << removeFile(last) << ErrorCode::NotFound << QStringList{last};
    QTest::newRow("an empty file") << replaceFile(first, "") << bad << QStringList{first, "30730000", "found 0"};
    QTest::newRow("one record less") << Damage{[=](const QDir &d) { QFile::resize(d.filePath(first), kCifarBytes - kCifarRecord); }}
                                     << bad << QStringList{first, "30730000", "30726927"};
    QTest::newRow("one byte more") << Damage{[=](const QDir &d) { QFile::resize(d.filePath(last), kCifarBytes + 1); }}
                                   << bad << QStringList{last, "30730001"};
    QTest::newRow("a label out of range") << rewrite(last, [](auto &b) { b[kCifarRecord * 41] = 10; })
                                          << bad << QStringList{last, "record number 42", "found 10"};
    QTest::newRow("nine class names") << replaceFile("batches.meta.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\n") << bad
                                      << QStringList{"batches.meta.txt", "found 9"};
    QTest::newRow("a folder instead of a file") << swapForFolder(first) << ErrorCode::Unreadable << QStringList{first, "folder"};
    QTest::newRow("a device instead of a file") << swapForLink(last, "/dev/zero") << ErrorCode::Unreadable << QStringList{last, "device"};
}

void TstDataset::badCifar()
{
    QFETCH(Damage, damage);
    QTemporaryDir folder;
    writeCifar(QDir{folder.path()});
    damage(QDir{folder.path()});
    checkError(load("cifar10", folder.path()));
}

void TstDataset::badArchive_data()
{
    QTest::addColumn<Damage>("make");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QStringList>("words");
    const auto entries = [](std::function<void(QList<Entry> &)> change) {
        return Damage{[=](const QDir &d) { auto list = cifarEntries(); change(list); writeTarGz(d.filePath("x.tar.gz"), list); }};
    };
    const auto bytes = [](const QByteArray &b) { return replaceFile("x.tar.gz", b); };
    const auto bad = ErrorCode::BadFormat;
    QTest::newRow("an empty file") << bytes("") << bad << QStringList{"x.tar.gz"};
    QTest::newRow("a text file") << bytes("this is no archive at all") << bad << QStringList{"x.tar.gz", "damaged or no gzipped tar"};
    QTest::newRow("gzip, but no tar") << bytes(gzip(QByteArray(3000, 'y'))) << bad << QStringList{"x.tar.gz"};
    QTest::newRow("cut off") << Damage{[](const QDir &d) {
        const QString path = d.filePath("x.tar.gz");
        writeTarGz(path, cifarEntries());
        QFile::resize(path, QFileInfo{path}.size() / 2);
    }} << bad << QStringList{"x.tar.gz", "damaged"};
    QTest::newRow("the version for Python") << Damage{[](const QDir &d) {
        writeTarGz(d.filePath("x.tar.gz"), {{"cifar-10-batches-py/data_batch_1", "80"}});
    }} << ErrorCode::NotFound << QStringList{"data_batch_1.bin", "binary version"};
    QTest::newRow("a batch is missing") << entries([](auto &list) {
        list.removeIf([](const Entry &e) { return e.name.endsWith("_4.bin"); });
    }) << ErrorCode::NotFound << QStringList{"data_batch_4.bin"};
    QTest::newRow("a batch too short") << entries([](auto &list) { list.last().bytes.chop(1); }) << bad
                                       << QStringList{"data_batch_3.bin", "30729999"};
    QTest::newRow("a batch twice") << entries([](auto &list) { list.append(list[2]); }) << bad << QStringList{"twice", "data_batch_4.bin"};
    QTest::newRow("a label out of range") << entries([](auto &list) { list.last().bytes[0] = 11; }) << bad
                                          << QStringList{"data_batch_3.bin", "record number 1,"};
    QTest::newRow("no class names") << entries([](auto &list) { list[0].bytes = "\n\n"; }) << bad
                                    << QStringList{"batches.meta.txt", "found 0"};
    QTest::newRow("a batch that promises 8 GiB") << bytes(gzip(hugeTarHeader("data_batch_1.bin"))) << bad << QStringList{"x.tar.gz"};
    QTest::newRow("a stranger that promises 8 GiB") << bytes(gzip(hugeTarHeader("zeros"))) << bad << QStringList{"far more"};
    QTest::newRow("thousands of entries") << Damage{[](const QDir &d) {
        writeTarGz(d.filePath("x.tar.gz"), QList<Entry>(3000, Entry{"e", ""}));
    }} << bad << QStringList{"far more"};
}

void TstDataset::badArchive()
{
    QFETCH(Damage, make);
    QTemporaryDir folder;
    make(QDir{folder.path()});
    checkError(load("cifar10", folder.filePath("x.tar.gz")));
}

void TstDataset::realCifar()
{
    const QString path = qEnvironmentVariable("CONDENSATE_CIFAR10");
    if (path.isEmpty())
        QSKIP("CONDENSATE_CIFAR10 names no folder with the .bin files of CIFAR-10");
    const auto data = load("cifar10", path);
    QVERIFY2(data.has_value(), data ? "" : data.error().text.c_str());
    QCOMPARE(data->name, std::string{"CIFAR-10"});
    QCOMPARE(data->classNames[3], std::string{"cat"});
    QCOMPARE(classCounts(data->train, all(data->train)), std::vector<std::size_t>(10, 5000));
    QCOMPARE(classCounts(data->test, all(data->test)), std::vector<std::size_t>(10, 1000));
    QCOMPARE(checksum(data->train.pixels), 0x9266eb85u); // CRC-32 of the files without their labels, of the labels alone
    QCOMPARE(checksum(data->train.labels), 0xff2d9a88u);
    QCOMPARE(checksum(data->test.pixels), 0x5cc577c0u);
    QCOMPARE(checksum(data->test.labels), 0xef085250u);
}

QTEST_GUILESS_MAIN(TstDataset)
#include "tst_dataset.moc"
