// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include "engine/data/imagedecoder.h"
#include "tests/support/image_files.h"
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>
#include <cstdlib>
#include <functional>
#include <sys/stat.h>

using namespace engine;
using namespace image_files;

namespace {

/// The image with a header that claims another size.
QByteArray pngClaiming(quint32 width, quint32 height)
{
    QByteArray png = toPng(plain(16, 16, 1, 5)), header = png.mid(16, 13);
    qToBigEndian(width, header.data());
    qToBigEndian(height, header.data() + 4);
    return png.replace(8, 25, chunk("IHDR", header));
}

QByteArray jpegClaiming(quint16 width, quint16 height)
{
    QByteArray jpeg = toJpeg(plain(16, 16, 1, 5));
    const auto frame = jpeg.indexOf("\xff\xc0");
    qToBigEndian(height, jpeg.data() + frame + 5);
    qToBigEndian(width, jpeg.data() + frame + 7);
    return jpeg;
}

using Spoil = std::function<void(const QDir &)>;

} // namespace
Q_DECLARE_METATYPE(Spoil)

class TstBadImages : public QObject {
    Q_OBJECT
private slots:
    void refuses_data();
    void refuses();
    void standsDamage();
};

void TstBadImages::refuses_data()
{
    QTest::addColumn<Spoil>("spoil"); // what is done to a good folder
    QTest::addColumn<QString>("asked");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("mentions");
    const auto file = [](const QByteArray &bytes) {
        return Spoil{[bytes](const QDir &d) { writeBytes(d.filePath("pear/003.png"), bytes); }};
    };
    const Spoil nothing = [](const QDir &) {};
    const auto split = [](const QDir &d) {
        writeTwoClasses(d.filePath("train"), 2);
        writeTwoClasses(d.filePath("test"), 2);
    };
    const auto bad = [&](const char *name, const Spoil &spoil, const QString &where, const QString &mentions) {
        QTest::newRow(name) << spoil << "" << where << mentions;
    };
    QTest::newRow("no folder") << nothing << "/none" << "set/none" << "no folder";
    QTest::newRow("a file") << nothing << "/pear/001.png" << "001.png" << "is a file";
    QTest::newRow("too small a side") << nothing << "@15" << "set@15" << "16 to 256 after the @, found 15";
    QTest::newRow("too large a side") << nothing << "@257" << "set@257" << "found 257";
    QTest::newRow("far too large a side") << nothing << "@99999999999999" << "set@" << "found 99999999999999";
    QTest::newRow("a side that is no number") << nothing << "@big" << "set@big" << "no folder";
    QTest::newRow("a folder of images") << nothing << "/pear" << "set/pear" << "found no sub-folder";
    bad(
        "one class", [](const QDir &d) { QDir{d.filePath("pear")}.removeRecursively(); }, "set\"",
        "2 to 256 sub-folders with the images of one class each, found 1");
    bad(
        "too many classes",
        [](const QDir &d) {
            for (int i = 0; i < 255; ++i)
                writeBytes(d.filePath(QString::number(i)) + "/a.png", "x");
        },
        "set\"", "found 257");
    bad("an empty class", [](const QDir &d) { d.mkdir("fig"); }, "set/fig", "found none");
    bad(
        "a class of other files", [](const QDir &d) { writeBytes(d.filePath("fig/a.gif"), "GIF89a"); }, "set/fig",
        "found only others such as \"a.gif\"");
    bad(
        "too few for a test",
        [](const QDir &d) {
            QDir{d.path()}.removeRecursively();
            writeTwoClasses(d.path(), 4);
        },
        "set\"", "found at most 4 in a class");
    bad("train alone", [](const QDir &d) { writeTwoClasses(d.filePath("train")); }, "set\"", "a folder test, val or valid beside train");
    bad(
        "images beside the classes",
        [=](const QDir &d) {
            split(d);
            QDir{d.filePath("train")}.removeRecursively();
            writeBytes(d.filePath("train/1.png"), "x");
        },
        "set/train", "found no sub-folder");
    bad(
        "a class that only the test has",
        [=](const QDir &d) {
            split(d);
            writeBytes(d.filePath("test/fig/1.png"), toPng(plain(16, 16, 1, 0)));
        },
        "set/test", "found \"fig\" besides");
    bad(
        "a class that the test lacks",
        [=](const QDir &d) {
            split(d);
            writeBytes(d.filePath("train/fig/1.png"), toPng(plain(16, 16, 1, 0)));
        },
        "set/test", "found no \"fig\"");
    bad("text", file("this is no image"), "003.png", "a PNG or JPEG image, found a file of another kind");
    bad("an empty file", file(""), "003.png", "found an empty file");
    const QByteArray png = toPng(pattern(64, 64, 3)), jpeg = toJpeg(pattern(64, 64, 3));
    bad("a cut PNG", file(png.chopped(png.size() / 3)), "003.png", "a whole PNG image, found damage");
    bad("a PNG of few bytes", file(png.first(20)), "003.png", "a whole PNG image, found damage");
    bad("a PNG with a wrong byte", file(QByteArray{png}.replace(png.size() / 2, 1, "\x55")), "003.png", "a whole PNG image, found damage");
    bad("a cut JPEG", file(jpeg.chopped(jpeg.size() / 3)), "003.png", "a whole JPEG image, found damage (Premature end");
    bad("a JPEG of few bytes", file(jpeg.first(20)), "003.png", "a whole JPEG image, found damage");
    bad("a JPEG for print", file(toJpeg(pattern(16, 16, 4))), "003.png", "found colours for print (CMYK)");
    bad("a long PNG", file(pngClaiming(100'000, 1)), "003.png", "sides of up to 16384 and 67108864 pixels in all, found 100000×1");
    bad("a vast PNG", file(pngClaiming(16'384, 16'384)), "003.png", "found 16384×16384");
    bad("a PNG beyond libpng", file(pngClaiming(4'000'000'000, 4'000'000'000)), "003.png", "found damage");
    bad("a vast JPEG", file(jpegClaiming(65'500, 65'500)), "003.png", "found 65500×65500");
    bad("a JPEG that lacks rows", file(jpegClaiming(16, 8000)), "003.png", "found damage (");
    bad("a folder for an image", [](const QDir &d) { d.mkdir("pear/x.png"); }, "x.png", "is a folder");
    bad("a pipe", [](const QDir &d) { ::mkfifo(qPrintable(d.filePath("pear/x.png")), 0600); }, "x.png", "is a pipe or device");
    bad("a link to nothing", [](const QDir &d) { QFile::link("/nowhere", d.filePath("pear/x.png")); }, "x.png", "no file");
    bad(
        "a vast file", [](const QDir &d) { QFile{d.filePath("pear/003.png")}.resize(qint64{1} << 40); }, "003.png",
        "at most 134217728 bytes, found 1099511627776");
}

void TstBadImages::refuses()
{
    QFETCH(Spoil, spoil);
    QFETCH(QString, asked);
    QFETCH(QString, where);
    QFETCH(QString, mentions);
    const QTemporaryDir home;
    const QDir folder{home.filePath("set")};
    writeTwoClasses(folder.path());
    spoil(folder);
    ErrorStream stream;
    const auto data = loadDataset("folder:" + (folder.path() + asked).toStdString());
    QCOMPARE(stream.text(), QByteArray{});
    QVERIFY(!data);
    const QString text = QString::fromStdString(data.error().text);
    QVERIFY2(text.contains(mentions) && text.contains(where), qPrintable(text));
    QVERIFY2(QRegularExpression{"^[T\"].*\\.$"}.match(text).hasMatch() && !text.contains('\n'), qPrintable(text));
}

/// Whatever happens to a file, there is an image or a sentence.
void TstBadImages::standsDamage()
{
    const QTemporaryDir folder;
    const std::string file = folder.filePath("a.img").toStdString();
    std::srand(7);
    int refused = 0, tries = 0;
    for (const QByteArray &good : {toPng(pattern(30, 30, 3)), toPng(pattern(30, 30, 4)), toJpeg(pattern(30, 30, 3)),
                                   toJpeg(pattern(30, 30, 1), 80, TJFLAG_PROGRESSIVE)}) {
        for (int i = 0; i < 500; ++i, ++tries) {
            QByteArray bytes = good;
            for (int changes = 1 + i % 4; changes > 0; --changes)
                bytes[std::rand() % (i % 2 == 0 ? std::min<qsizetype>(200, bytes.size()) : bytes.size())] = static_cast<char>(std::rand());
            if (i % 5 == 0)
                bytes.truncate(std::rand() % bytes.size());
            writeBytes(QString::fromStdString(file), bytes);
            const auto image = decodeImage(file, 3, 16);
            refused += !image;
            QVERIFY(image ? image->pixels.size() == static_cast<std::size_t>(image->width) * static_cast<std::size_t>(image->height) * 3
                          : image.error().text.find("a.img") != std::string::npos);
        }
    }
    QVERIFY2(refused > tries / 2, qPrintable(QString::number(refused)));
}

QTEST_GUILESS_MAIN(TstBadImages)
#include "tst_badimages.moc"
