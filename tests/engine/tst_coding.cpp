// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/coder.h"
#include "tests/support/samplecodes.h"
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <numeric>
#include <span>
#include <sys/mman.h>
#include <unistd.h>

using namespace engine;
using Codes = std::vector<CodeIndex>;

Q_DECLARE_METATYPE(Codes)

namespace {

/// Four states, variant, two codes and their frequencies.
constexpr std::size_t kLeastRansTables = 22;

/// Memory between two pages that nobody may touch.
class Fenced {
public:
    explicit Fenced(std::size_t bytes)
        : m_inner{(bytes + m_page - 1) / m_page * m_page}, m_bytes{bytes},
          m_all{static_cast<std::byte *>(::mmap(nullptr, m_inner + 2 * m_page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))}
    {
        if (m_all == MAP_FAILED || ::mprotect(m_all + m_page, m_inner, PROT_READ | PROT_WRITE) != 0)
            qFatal("no memory");
    }
    ~Fenced() { ::munmap(m_all, m_inner + 2 * m_page); }
    Fenced(const Fenced &) = delete;
    Fenced &operator=(const Fenced &) = delete;

    std::byte *atTheStart() const { return m_all + m_page; }
    std::byte *atTheEnd() const { return m_all + m_page + m_inner - m_bytes; }

private:
    std::size_t m_page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::size_t m_inner, m_bytes;
    std::byte *m_all;
};

std::string sentence(const Result<void> &result) { return result ? std::string{"no error"} : result.error().text; }

void addLayers()
{
    QTest::addColumn<Codes>("codes");
    QTest::addColumn<int>("k");
    const auto row = [](const std::string &title, Codes codes, int k) { QTest::newRow(title.c_str()) << std::move(codes) << k; };
    row("one weight", {0}, 1);
    row("one weight, the last code", {255}, 256);
    row("two weights", {1, 0}, 2);
    row("seven weights", {1, 0, 2, 1, 1, 0, 2}, 3);
    row("one value of one", Codes(1000, 0), 1);
    row("one value of 256", Codes(100'000, 17), 256);
    row("all but the last are one value", [] { Codes codes(70'001, 3); codes.back() = 4; return codes; }(), 5);
    row("all but the first are one value", [] { Codes codes(70'001, 3); codes.front() = 4; return codes; }(), 5);
    row("long runs", [] { Codes codes(300'000, 2); std::fill(codes.begin() + 100'000, codes.begin() + 200'000, 1); return codes; }(), 4);
    row("one after the other", [] { Codes codes(65'536); std::iota(codes.begin(), codes.end(), CodeIndex{0}); return codes; }(), 256);
    row("shares that fall by half, whose words would be longer than 15 bits", [] {
        Codes codes;
        for (int j = 0; j < 20; ++j)
            codes.insert(codes.end(), std::size_t{1} << j, static_cast<CodeIndex>(j));
        return codes;
    }(), 20);
    for (const int k : {2, 3, 4, 5, 16, 17, 100, 255, 256}) {
        for (const std::size_t n : {std::size_t{9}, std::size_t{150}, std::size_t{2400}, std::size_t{40'003}})
            row("Gaussian, k " + std::to_string(k) + ", " + std::to_string(n), support::drawCodes(support::gaussianShares(k), n), k);
        for (const double share : {0.3, 0.7, 0.9, 0.99, 0.9999})
            row("share " + std::to_string(share) + ", k " + std::to_string(k), support::drawCodes(support::skewedShares(k, share), 200'000),
                k);
    }
}

} // namespace

class TstCoding : public QObject {
    Q_OBJECT
private slots:
    void decodesWhatItEncoded_data() { addLayers(); }
    void decodesWhatItEncoded();
    void readsNothingBesideItsInput_data() { addLayers(); }
    void readsNothingBesideItsInput();
    void takesTheSmallest_data() { addLayers(); }
    void takesTheSmallest();
    void staysWithinAHundredthOfTheEntropy_data();
    void staysWithinAHundredthOfTheEntropy();
    void usesWhatNeighboursTell();
    void takesNextToNothingForOneValue();
    void isSmallerThanGeneralCompressors_data();
    void isSmallerThanGeneralCompressors();
    void refusesWhatItCannotEncode();
    void namesEveryCoder();
};

void TstCoding::decodesWhatItEncoded()
{
    QFETCH(Codes, codes);
    QFETCH(int, k);
    for (const auto coder : kCoders) {
        const auto stream = encode(codes, k, coder);
        QVERIFY2(stream, stream ? "" : stream.error().text.c_str());
        QVERIFY(stream->coder == coder);
        Codes again(codes.size(), 99);
        const auto decoded = decode(stream->bytes, coder, k, again);
        QVERIFY2(decoded, (std::string{name(coder)} + ": " + sentence(decoded)).c_str());
        QVERIFY2(again == codes, name(coder).data());
        const auto tables = countTableBytes(stream->bytes, coder, k);
        QVERIFY(tables && *tables == stream->tableBytes && *tables <= stream->bytes.size());
    }
}

void TstCoding::readsNothingBesideItsInput()
{
    QFETCH(Codes, codes);
    QFETCH(int, k);
    const auto copied = [](std::span<const std::byte> bytes, std::byte *to) {
        std::ranges::copy(bytes, to);
        return std::span<const std::byte>{to, bytes.size()};
    };
    const auto asCodes = [](std::span<const std::byte> bytes) {
        return std::span{reinterpret_cast<const CodeIndex *>(bytes.data()), bytes.size()};
    };
    const Fenced input{codes.size()};
    for (const auto coder : kCoders) {
        const auto stream = encode(asCodes(copied(std::as_bytes(std::span{codes}), input.atTheStart())), k, coder);
        QVERIFY(stream);
        QVERIFY(encode(asCodes(copied(std::as_bytes(std::span{codes}), input.atTheEnd())), k, coder)->bytes == stream->bytes);
        const Fenced stored{stream->bytes.size()};
        Codes again(codes.size());
        QVERIFY(decode(copied(stream->bytes, stored.atTheStart()), coder, k, again) && again == codes);
        QVERIFY(decode(copied(stream->bytes, stored.atTheEnd()), coder, k, again) && again == codes);
    }
}

void TstCoding::takesTheSmallest()
{
    QFETCH(Codes, codes);
    QFETCH(int, k);
    const auto smallest = encodeSmallest(codes, k);
    QVERIFY(smallest);
    for (const auto coder : kCoders)
        QVERIFY2(smallest->bytes.size() <= encode(codes, k, coder)->bytes.size(), name(coder).data());
    Codes again(codes.size());
    QVERIFY(decode(smallest->bytes, smallest->coder, k, again));
    QVERIFY(again == codes);
}

void TstCoding::staysWithinAHundredthOfTheEntropy_data()
{
    QTest::addColumn<int>("k");
    QTest::addColumn<double>("share"); // 0: Gaussian
    QTest::addColumn<int>("weights");
    for (const int k : {2, 3, 4, 8, 16, 32, 64, 128, 256})
        for (const double share : {0.0, 0.4, 0.6, 0.75, 0.9, 0.95, 0.99, 0.999})
            for (const int weights : {1728, 36'864, 589'824}) { // the first and larger layers of VGG16
                if (weights > 100'000 && k != 2 && k != 4 && k != 16 && k != 256)
                    continue;
                QTest::addRow("k %d, share %g, %d weights", k, share, weights) << k << share << weights;
            }
}

/// Some coder takes 1.01 times the entropy and its tables, and the smallest takes no more than that one.
void TstCoding::staysWithinAHundredthOfTheEntropy()
{
    QFETCH(int, k);
    QFETCH(double, share);
    QFETCH(int, weights);
    const auto shares = share > 0 ? support::skewedShares(k, share) : support::gaussianShares(k);
    const auto codes = support::drawCodes(shares, static_cast<std::size_t>(weights));
    const auto smallest = encodeSmallest(codes, k);
    QVERIFY(smallest);
    const double bound = 1.01 * support::entropyBytes(codes, k);
    QString all;
    bool isMet = static_cast<double>(smallest->bytes.size() - kLeastRansTables) <= bound; // what hardly differs from k equal shares
    for (const auto coder : kCoders) {
        const auto stream = encode(codes, k, coder);
        QVERIFY(stream && smallest->bytes.size() <= stream->bytes.size());
        isMet = isMet || static_cast<double>(stream->bytes.size() - stream->tableBytes) <= bound;
        all += QString{" %1 %2 + %3 bytes"}
                   .arg(QLatin1String{name(coder).data()})
                   .arg(stream->bytes.size() - stream->tableBytes)
                   .arg(stream->tableBytes);
    }
    QVERIFY2(isMet, qPrintable(QString{"entropy times 1.01: %1;"}.arg(bound) + all));
}

/// Where codes come in blocks, order 1 pays.
void TstCoding::usesWhatNeighboursTell()
{
    Codes codes(200'000);
    for (std::size_t i = 0; i < codes.size(); ++i)
        codes[i] = static_cast<CodeIndex>(i / 50 % 2 == 0 ? 3 : i * 7 / 3 % 8);
    const auto stream = encodeSmallest(codes, 8);
    QVERIFY(stream && stream->coder == Coder::Rans1);
    QVERIFY(static_cast<double>(stream->bytes.size()) < 0.9 * support::entropyBytes(codes, 8));
}

void TstCoding::takesNextToNothingForOneValue()
{
    QCOMPARE(encodeSmallest(Codes(5'000'000, 0), 1)->bytes.size(), std::size_t{0});
    QCOMPARE(encodeSmallest(Codes(5'000'000, 200), 256)->bytes.size(), std::size_t{2});
}

void TstCoding::isSmallerThanGeneralCompressors_data()
{
    QTest::addColumn<QString>("compressor");
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("gzip -9") << "gzip" << QStringList{"-9", "-c"};
    QTest::newRow("xz -9") << "xz" << QStringList{"-9", "-c"};
    QTest::newRow("zstd -19") << "zstd" << QStringList{"-19", "-q", "-c"};
}

void TstCoding::isSmallerThanGeneralCompressors()
{
    QFETCH(QString, compressor);
    QFETCH(QStringList, arguments);
    const QTemporaryDir folder;
    for (const int k : {2, 4, 16, 256}) {
        for (const double share : {0.0, 0.9, 0.99}) {
            const auto codes = support::drawCodes(share > 0 ? support::skewedShares(k, share) : support::gaussianShares(k), 300'000);
            QFile plain{folder.filePath("codes")};
            QVERIFY(plain.open(QIODevice::WriteOnly));
            plain.write(reinterpret_cast<const char *>(codes.data()), static_cast<qint64>(codes.size()));
            plain.close();
            QProcess process;
            process.start(compressor, arguments + QStringList{plain.fileName()});
            if (!process.waitForStarted() && process.error() == QProcess::FailedToStart)
                QSKIP(qPrintable(compressor + " is not installed"));
            QVERIFY(process.waitForFinished(60'000));
            QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0, process.readAllStandardError().constData());
            const auto theirs = process.readAllStandardOutput().size();
            QVERIFY(theirs > 0);
            QVERIFY(encodeSmallest(codes, k)->bytes.size() < static_cast<std::size_t>(theirs));
        }
    }
}

void TstCoding::refusesWhatItCannotEncode()
{
    const auto refused = [](const Codes &codes, int k, Coder coder, const char *named) {
        const auto stream = encode(codes, k, coder);
        return !stream && stream.error().code == ErrorCode::BadValue && stream.error().text.find(named) != std::string::npos &&
               stream.error().text.ends_with('.');
    };
    for (const auto coder : kCoders) {
        QVERIFY(refused({0, 1, 2}, 2, coder, "below k = 2, found 2"));
        QVERIFY(refused({}, 2, coder, "found 0"));
        QVERIFY(refused({0}, 0, coder, "k from 1 to 256, found 0"));
        QVERIFY(refused({0}, 257, coder, "k from 1 to 256, found 257"));
    }
    QVERIFY(refused({0}, 2, static_cast<Coder>(5), "coder"));
    QVERIFY(!encodeSmallest({}, 2));
}

void TstCoding::namesEveryCoder()
{
    for (const auto coder : kCoders)
        QVERIFY(coderNamed(name(coder)) == coder);
    QVERIFY(!coderNamed("rans2") && !coderNamed("unknown"));
}

QTEST_APPLESS_MAIN(TstCoding)
#include "tst_coding.moc"
