// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/imagedecoder.h"
#include "engine/data/sources.h"
#include "tests/support/image_files.h"
#include <QTemporaryDir>
#include <QtTest>
#include <cstdlib>

using namespace engine;
using namespace image_files;

namespace {

Result<Dataset> load(const QString &folder) { return loadDataset("folder:" + folder.toStdString()); }

std::string textOf(const Result<Dataset> &result) { return result ? std::string{} : result.error().text; }

/// As an ImageSet holds the picture.
std::vector<std::uint8_t> planes(const Picture &picture)
{
    std::vector<std::uint8_t> all;
    for (int channel = 0; channel < picture.channels; ++channel) {
        for (int pixel = 0; pixel < picture.width * picture.height; ++pixel)
            all.push_back(static_cast<std::uint8_t>(picture.pixels[pixel * picture.channels + channel]));
    }
    return all;
}

bool holds(const ImageSet &set, std::size_t image, const Picture &picture) { return std::ranges::equal(set.image(image), planes(picture)); }

std::vector<std::uint8_t> pixelsOf(const Result<DecodedImage> &image) { return image ? image->pixels : std::vector<std::uint8_t>{}; }

Picture slope(int width, int height)
{
    Picture picture{width, height, 3, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x)
            picture.pixels.append(static_cast<char>(255 * x / width))
                .append(static_cast<char>(255 * y / height))
                .append(static_cast<char>(120));
    }
    return picture;
}

} // namespace

class TstImageFolder : public QObject {
    Q_OBJECT
private slots:
    void readsTrainAndTest_data();
    void readsTrainAndTest();
    void setsEveryFifthImageAside();
    void takesAClassThatIsCalledTrain();
    void isGreyOnlyIfEveryImageIs();
    void choosesOneSize_data();
    void choosesOneSize();
    void scalesByWeightedMeans();
    void readsJpegClosely();
    void shrinksLargeJpegAsIfItWerePng();
    void blendsOntoBlack();
    void takesWhatCostsNoPixel();
    void doesNotDependOnTheThreads();
};

void TstImageFolder::readsTrainAndTest_data()
{
    QTest::addColumn<QString>("test");
    for (const auto *name : {"test", "val", "valid"})
        QTest::newRow(name) << name;
}

void TstImageFolder::readsTrainAndTest()
{
    QFETCH(QString, test);
    const QTemporaryDir home;
    const QString folder = home.filePath("fruit");
    writeBytes(folder + "/train/pear/b.PNG", toPng(pattern(18, 16, 3, 1)));
    writeBytes(folder + "/train/pear/a.png", toPng(pattern(18, 16, 3, 2)));
    writeBytes(folder + "/train/Größe/1.jpg", toPng(pattern(18, 16, 3, 3))); // what it is, its first bytes tell
    writeBytes(folder + "/train/apple/10.Jpeg", toJpeg(plain(18, 16, 3, 77)));
    writeBytes(folder + "/train/apple/notes.txt", "about apples");
    writeBytes(folder + "/train/apple/.hidden.png", "no image");
    writeBytes(folder + "/train/.cache/1.png", "no image");
    writeBytes(folder + "/train/index.csv", "no folder");
    for (const auto *name : {"apple", "pear", "Größe"})
        writeBytes(folder + '/' + test + '/' + name + "/1.png", toPng(pattern(18, 16, 3, 4)));
    const auto data = load(folder + '/');
    QVERIFY2(data, textOf(data).c_str());
    QCOMPARE(data->name, "fruit");
    QVERIFY(data->mirrorIsSafe);
    QVERIFY((data->classNames == std::vector<std::string>{"Größe", "apple", "pear"})); // by their bytes
    QCOMPARE(data->train.channels, 3);
    QCOMPARE(data->train.height, 16);
    QCOMPARE(data->train.width, 18);
    QVERIFY((data->train.labels == std::vector<std::uint8_t>{0, 1, 2, 2}));
    QVERIFY((data->test.labels == std::vector<std::uint8_t>{0, 1, 2}));
    QVERIFY(holds(data->train, 0, pattern(18, 16, 3, 3)));
    QVERIFY(holds(data->train, 1, plain(18, 16, 3, 77)));
    QVERIFY(holds(data->train, 2, pattern(18, 16, 3, 2)) && holds(data->train, 3, pattern(18, 16, 3, 1)));
    for (std::size_t image = 0; image < 3; ++image)
        QVERIFY(holds(data->test, image, pattern(18, 16, 3, 4)));
}

void TstImageFolder::setsEveryFifthImageAside()
{
    const QTemporaryDir folder;
    writeTwoClasses(folder.path(), 11);
    const auto data = load(folder.path());
    QVERIFY2(data, textOf(data).c_str());
    QVERIFY((data->test.labels == std::vector<std::uint8_t>{0, 0, 1, 1}));
    std::vector<int> test, train;
    for (std::size_t i = 0; i < data->test.count(); ++i)
        test.push_back(data->test.image(i)[0]);
    for (std::size_t i = 0; i < 9; ++i)
        train.push_back(data->train.image(i)[0]);
    QVERIFY((test == std::vector<int>{5, 10, 105, 110}));
    QVERIFY((train == std::vector<int>{1, 2, 3, 4, 6, 7, 8, 9, 11}));
    QCOMPARE(data->train.count(), 18u);
}

void TstImageFolder::takesAClassThatIsCalledTrain()
{
    const QTemporaryDir folder;
    writeTwoClasses(folder.path());
    QVERIFY(QDir{folder.path()}.rename("apple", "train"));
    const auto data = load(folder.path());
    QVERIFY2(data, textOf(data).c_str());
    QVERIFY((data->classNames == std::vector<std::string>{"pear", "train"}));
}

void TstImageFolder::isGreyOnlyIfEveryImageIs()
{
    const QTemporaryDir folder;
    writeTwoClasses(folder.path());
    writeBytes(folder.filePath("pear/jpeg.jpg"), toJpeg(plain(16, 16, 1, 9)));
    const auto grey = load(folder.path());
    QVERIFY2(grey, textOf(grey).c_str());
    QCOMPARE(grey->train.channels, 1);
    QVERIFY(holds(grey->train, 1, plain(16, 16, 1, 2)));
    writeBytes(folder.filePath("pear/colour.png"), toPng(pattern(16, 16, 3)));
    const auto colour = load(folder.path());
    QVERIFY2(colour, textOf(colour).c_str());
    QCOMPARE(colour->train.channels, 3);
    QVERIFY(holds(colour->train, 1, plain(16, 16, 3, 2)));
}

void TstImageFolder::choosesOneSize_data()
{
    QTest::addColumn<QSize>("usual"); // of all images but one
    QTest::addColumn<QSize>("other");
    QTest::addColumn<QString>("asked");
    QTest::addColumn<QSize>("expected");
    QTest::newRow("all alike") << QSize{40, 24} << QSize{40, 24} << "" << QSize{40, 24};
    QTest::newRow("just small enough") << QSize{96, 96} << QSize{96, 96} << "" << QSize{96, 96};
    QTest::newRow("a side too long") << QSize{24, 97} << QSize{24, 97} << "" << QSize{32, 32};
    QTest::newRow("one differs") << QSize{40, 24} << QSize{24, 40} << "" << QSize{32, 32};
    QTest::newRow("asked for, larger") << QSize{40, 24} << QSize{40, 24} << "@64" << QSize{64, 64};
    QTest::newRow("asked for, smaller") << QSize{300, 200} << QSize{20, 20} << "@16" << QSize{16, 16};
    QTest::newRow("the largest") << QSize{30, 20} << QSize{20, 20} << "@256" << QSize{256, 256};
}

void TstImageFolder::choosesOneSize()
{
    QFETCH(QSize, usual);
    QFETCH(QSize, other);
    QFETCH(QString, asked);
    QFETCH(QSize, expected);
    const QTemporaryDir folder;
    writeTwoClasses(folder.path(), 4);
    for (const auto *file : {"apple/001", "apple/002", "apple/003", "apple/004", "apple/005", "pear/001", "pear/002", "pear/003"})
        writeBytes(folder.filePath(file) + ".png", toPng(plain(usual.width(), usual.height(), 3, 200)));
    writeBytes(folder.filePath("pear/004.png"), toPng(plain(other.width(), other.height(), 3, 200)));
    const auto data = load(folder.path() + asked);
    QVERIFY2(data, textOf(data).c_str());
    QCOMPARE((QSize{data->train.width, data->train.height}), expected);
    QCOMPARE((QSize{data->test.width, data->test.height}), expected);
    QVERIFY(std::ranges::all_of(data->train.pixels, [](int value) { return value == 200; }));
}

void TstImageFolder::scalesByWeightedMeans()
{
    const QTemporaryDir home;
    const QString folder = home.filePath("edges@64"); // a folder may be called so
    writeTwoClasses(folder);
    Picture edge = plain(64, 64, 1, 0), rising{16, 16, 1, {}};
    for (int i = 0; i < 64 * 64; ++i)
        edge.pixels[i] = static_cast<char>(i % 64 < 32 ? 0 : 255);
    for (int i = 0; i < 16 * 16; ++i)
        rising.pixels.append(static_cast<char>(i / 16 * 16));
    writeBytes(folder + "/apple/001.png", toPng(edge));
    writeBytes(folder + "/apple/002.png", toPng(rising));
    const auto data = load(folder);
    QVERIFY2(data, textOf(data).c_str());
    QCOMPARE(data->train.width, 32);
    const auto row = data->train.image(0).subspan(7 * 32, 32); // weights 1, 3, 3, 1 eighths
    for (std::size_t x = 0; x < 32; ++x)
        QCOMPARE(int{row[x]}, x < 15 ? 0 : x == 15 ? 32 : x == 16 ? 223 : 255);
    const auto tall = data->train.image(1); // twice as large: new centres lie a quarter of a pixel beside the old ones
    for (std::size_t y = 1; y < 31; ++y)
        QCOMPARE(int{tall[y * 32 + 9]}, static_cast<int>(8 * y) - 4);
    QCOMPARE(int{tall[0]}, 0);
    QCOMPARE(int{tall[31 * 32]}, 240);
}

void TstImageFolder::readsJpegClosely()
{
    const QTemporaryDir folder;
    const Picture picture = slope(48, 40);
    for (const auto *flavour : {"baseline", "progressive"}) {
        writeBytes(folder.filePath("a.jpg"), toJpeg(picture, 95, *flavour == 'p' ? TJFLAG_PROGRESSIVE : 0));
        const auto image = decodeImage(folder.filePath("a.jpg").toStdString(), 3, 48);
        QVERIFY(image);
        QCOMPARE(image->pixels.size(), static_cast<std::size_t>(picture.pixels.size()));
        for (std::size_t i = 0; i < image->pixels.size(); ++i)
            QVERIFY(std::abs(image->pixels[i] - static_cast<std::uint8_t>(picture.pixels[static_cast<qsizetype>(i)])) <= 6);
    }
}

void TstImageFolder::shrinksLargeJpegAsIfItWerePng()
{
    const QTemporaryDir folder;
    writeTwoClasses(folder.path());
    const Picture picture = slope(701, 530);
    writeBytes(folder.filePath("apple/001.png"), toPng(picture));
    writeBytes(folder.filePath("apple/002.jpg"), toJpeg(picture));
    QFile::remove(folder.filePath("apple/002.png"));
    const auto data = load(folder.path());
    QVERIFY2(data, textOf(data).c_str());
    const auto png = data->train.image(0), jpeg = data->train.image(1);
    QVERIFY(png[31] > 240 && png[0] < 10); // red rises across
    for (std::size_t i = 0; i < png.size(); ++i)
        QVERIFY2(std::abs(png[i] - jpeg[i]) <= 4, qPrintable(QString::number(i)));

    Picture stripes = plain(300, 300, 3, 0); // which an eighth of the size could not show
    for (int i = 0; i < 300 * 300 * 3; ++i)
        stripes.pixels[i] = static_cast<char>(i / 3 % 20 < 10 ? 200 : 20);
    writeBytes(folder.filePath("apple/001.png"), toPng(stripes));
    writeBytes(folder.filePath("apple/002.jpg"), toJpeg(stripes));
    const auto striped = load(folder.path() + "@64");
    QVERIFY2(striped, textOf(striped).c_str());
    for (std::size_t i = 0; i < striped->train.imageBytes(); ++i)
        QVERIFY2(std::abs(striped->train.image(0)[i] - striped->train.image(1)[i]) <= 8, qPrintable(QString::number(i)));

    writeBytes(folder.filePath("apple/002.jpg"), toJpeg(picture));
    const auto shrunk = decodeImage(folder.filePath("apple/002.jpg").toStdString(), 3, 64);
    QVERIFY(shrunk);
    QCOMPARE(shrunk->width, 88); // an eighth
}

void TstImageFolder::blendsOntoBlack()
{
    const QTemporaryDir folder;
    Picture picture = pattern(16, 16, 4);
    for (int i = 0; i < 256; ++i)
        picture.pixels[i * 4 + 3] = static_cast<char>(i < 128 ? 255 : 0);
    writeBytes(folder.filePath("a.png"), toPng(picture));
    const auto image = decodeImage(folder.filePath("a.png").toStdString(), 3, 0);
    QVERIFY(image);
    for (int i = 0; i < 256 * 3; ++i)
        QCOMPARE(int{image->pixels[static_cast<std::size_t>(i)]},
                 i < 128 * 3 ? static_cast<std::uint8_t>(picture.pixels[i / 3 * 4 + i % 3]) : 0);
    // 16 bits that do not say how they are to be shown: the upper byte counts. Stored without compression, 1
    // × 2 pixels.
    const QByteArray header("\0\0\0\1\0\0\0\2\x10\0\0\0\0", 13), rows("\x78\x01\x01\6\0\xf9\xff\0\x80\x80\0\x11\x11\x04\xb9\x01\x23", 17);
    writeBytes(folder.filePath("deep.png"),
               QByteArray{"\x89PNG\r\n\x1a\n", 8} + chunk("IHDR", header) + chunk("IDAT", rows) + chunk("IEND", ""));
    const auto deep = decodeImage(folder.filePath("deep.png").toStdString(), 1, 0);
    QVERIFY2(deep, deep ? "" : deep.error().text.c_str());
    QVERIFY((deep->pixels == std::vector<std::uint8_t>{0x80, 0x11}));
}

void TstImageFolder::takesWhatCostsNoPixel()
{
    const QTemporaryDir folder;
    const std::string file = folder.filePath("a.img").toStdString();
    const QByteArray jpeg = toJpeg(slope(40, 40)), png = toPng(slope(40, 40)), comment = "\xff\xfe\xff\xff" + QByteArray(65533, 'c');
    const auto decode = [&](const QByteArray &bytes) {
        writeBytes(QString::fromStdString(file), bytes);
        const auto header = readImageHeader(file);
        return header && header->width == 40 && !header->grey ? pixelsOf(decodeImage(file, 3, 40)) : std::vector<std::uint8_t>{};
    };
    ErrorStream stream;
    const auto plainJpeg = decode(jpeg), plainPng = decode(png);
    QCOMPARE(plainJpeg.size(), 4800u);
    QVERIFY(decode(jpeg.first(2) + comment + comment + comment + jpeg.mid(2)) == plainJpeg); // the header stands far behind
    QVERIFY(decode(QByteArray{jpeg}.insert(jpeg.size() - 2, QByteArray(200, 'x'))) == plainJpeg); // bytes to skip
    QVERIFY(decode(QByteArray{jpeg}.replace(11, 1, "\7")) == plainJpeg); // JFIF 7.01
    QVERIFY(decode(QByteArray{png}.insert(33, chunk("tEXt", "Comment" + QByteArray(1, '\0') + QByteArray(200'000, 'c')))) == plainPng);
    QVERIFY(decode(QByteArray{png}.insert(33, chunk("gAMA", "bad"))) == plainPng); // of which libpng warns
    QCOMPARE(stream.text(), QByteArray{});
}

void TstImageFolder::doesNotDependOnTheThreads()
{
    const QTemporaryDir folder;
    for (int i = 0; i < 60; ++i)
        writeBytes(folder.filePath(QStringLiteral("%1/%2.png").arg(i % 3).arg(i)), toPng(pattern(20 + i % 7, 30, 3, i)));
    const auto one = loadFolder(folder.path().toStdString(), 1), many = loadFolder(folder.path().toStdString(), 7),
               usual = load(folder.path());
    QVERIFY2(one && many && usual, textOf(one).c_str());
    QVERIFY(one->train.pixels == many->train.pixels && one->train.labels == many->train.labels && one->test.pixels == many->test.pixels);
    QVERIFY(one->train.pixels == usual->train.pixels);
    // of two damaged images side by side (48 is for the test) the first in order is named, whichever is done sooner
    const auto write = [&](int number, const QByteArray &bytes) {
        writeBytes(folder.filePath(QStringLiteral("%1/%2.png").arg(number % 3).arg(number)), bytes);
    };
    const QByteArray quick = toPng(pattern(1000, 1000, 3)).chopped(20), slow = toPng(pattern(3000, 3000, 3)).chopped(20);
    write(31, quick);
    write(2, quick);
    for (const bool isFirstSlow : {false, true}) {
        write(45, isFirstSlow ? slow : quick);
        write(51, isFirstSlow ? quick : slow);
        for (const unsigned threads : {1u, 2u, 5u, 5u, 5u, 5u}) {
            const std::string text = textOf(loadFolder(folder.path().toStdString(), threads));
            QVERIFY2(text.find("/0/45.png") != std::string::npos, text.c_str());
        }
    }
}

QTEST_GUILESS_MAIN(TstImageFolder)
#include "tst_imagefolder.moc"
