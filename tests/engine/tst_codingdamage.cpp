// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/coder.h"
#include "tests/support/samplecodes.h"
#include <QTest>
#include <random>

using namespace engine;
using Codes = std::vector<CodeIndex>;
using Bytes = std::vector<std::byte>;

namespace {

/// Refused in a few words, or decoded to codes that are in range.
bool takesNoHarm(const Bytes &stream, Coder coder, int k, std::size_t number)
{
    Codes codes(number);
    const auto decoded = decode(stream, coder, k, codes);
    const auto tables = countTableBytes(stream, coder, k);
    if (tables && *tables > stream.size())
        return false;
    if (!decoded)
        return decoded.error().code == ErrorCode::BadFormat && decoded.error().text.starts_with("expected ") &&
               decoded.error().text.find(", found ") != std::string::npos;
    return std::ranges::max(codes) < k;
}

struct Layer { Codes codes; int k; };

std::vector<Layer> layers()
{
    return {{Codes{1}, 3},
            {Codes(500, 6), 7},
            {support::drawCodes(support::gaussianShares(3), 40), 3},
            {support::drawCodes(support::gaussianShares(16), 700), 16},
            {support::drawCodes(support::skewedShares(256, 0.6), 900), 256},
            {support::drawCodes(support::skewedShares(20, 0.98), 4000), 20}};
}

} // namespace

class TstCodingDamage : public QObject {
    Q_OBJECT
private slots:
    void refusesTruncatedStreams();
    void refusesLongerStreams();
    void takesNoHarmFromFlippedBits();
    void takesNoHarmFromRandomBytes();
    void takesNoHarmFromOtherNumbersOfCodes();
    void refusesUnusualNumbers();
    void refusesHostileStreams_data();
    void refusesHostileStreams();
};

void TstCodingDamage::refusesTruncatedStreams()
{
    for (const auto &[codes, k] : layers())
        for (const auto coder : kCoders) {
            const auto stream = encode(codes, k, coder)->bytes;
            for (std::size_t size = 0; size < stream.size(); ++size) {
                const Bytes part{stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(size)};
                Codes again(codes.size());
                QVERIFY(takesNoHarm(part, coder, k, codes.size()));
                // What is missing at the end of a rANS stream reads as zeros: a checksum stands beside it.
                QVERIFY(coder == Coder::Rans0 || coder == Coder::Rans1 || !decode(part, coder, k, again));
            }
        }
}

void TstCodingDamage::refusesLongerStreams()
{
    for (const auto &[codes, k] : layers())
        for (const auto coder : {Coder::IndexMap, Coder::Huffman, Coder::SparseHuffman}) {
            auto stream = encode(codes, k, coder)->bytes;
            stream.push_back(std::byte{0});
            Codes again(codes.size());
            QVERIFY(!decode(stream, coder, k, again));
        }
}

void TstCodingDamage::takesNoHarmFromFlippedBits()
{
    for (const auto &[codes, k] : layers())
        for (const auto coder : kCoders) {
            const auto stream = encode(codes, k, coder)->bytes;
            for (std::size_t bit = 0; bit < 8 * stream.size(); ++bit) {
                auto damaged = stream;
                damaged[bit / 8] ^= std::byte{1} << static_cast<int>(bit % 8);
                QVERIFY(takesNoHarm(damaged, coder, k, codes.size()));
            }
        }
}

void TstCodingDamage::takesNoHarmFromRandomBytes()
{
    std::mt19937 random{5};
    for (int trial = 0; trial < 20'000; ++trial) {
        Bytes stream(random() % 200);
        std::ranges::generate(stream, [&] { return static_cast<std::byte>(random() % (trial % 2 == 0 ? 256 : 20)); });
        if (!stream.empty() && trial % 4 < 2)
            stream[0] = static_cast<std::byte>(random() % 2 == 0 ? 0x10 | (random() & 0xa5) : random() % 2); // what a stream may begin with
        for (const auto coder : kCoders)
            QVERIFY(takesNoHarm(stream, coder, 1 + static_cast<int>(random() % 256), 1 + random() % 5000));
    }
}

void TstCodingDamage::takesNoHarmFromOtherNumbersOfCodes()
{
    for (const auto &[codes, k] : layers())
        for (const auto coder : kCoders)
            for (const std::size_t number :
                 {std::size_t{1}, codes.size() - codes.size() / 3, codes.size() + 1, 3 * codes.size(), std::size_t{1'000'000}})
                for (const int other : {1, k - 1, k, k + 1, 256})
                    QVERIFY(other < 1 || other > 256 || takesNoHarm(encode(codes, k, coder)->bytes, coder, other, number));
}

void TstCodingDamage::refusesUnusualNumbers()
{
    Codes codes(4), none;
    for (const auto coder : kCoders) {
        const Bytes stream(100);
        QVERIFY(!decode(stream, coder, 0, codes) && !decode(stream, coder, 257, codes) && !decode(stream, coder, -1, codes) &&
                !decode(stream, coder, 4, none));
        QVERIFY(!countTableBytes(stream, coder, 0));
    }
    QVERIFY(!decode(Bytes(1), static_cast<Coder>(77), 4, codes) && !countTableBytes(Bytes(1), static_cast<Coder>(77), 4));
}

void TstCodingDamage::refusesHostileStreams_data()
{
    QTest::addColumn<int>("coder");
    QTest::addColumn<QByteArray>("stream");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *title, Coder coder, const char *hexadecimal, const char *named) {
        QTest::newRow(title) << static_cast<int>(coder) << QByteArray::fromHex(hexadecimal) << QString{named};
    };
    row("index map: a code out of range", Coder::IndexMap, "ffff", "below k = 3, found 3");
    row("index map: bits behind the last code", Coder::IndexMap, "0001", "expected zeros");
    row("huffman: a table of another kind", Coder::Huffman, "02", "kind 0 or 1");
    row("huffman: a symbol out of range", Coder::Huffman, "0003", "symbol below 3");
    row("huffman: words that overlap", Coder::Huffman, "011101ff", "complete code");
    row("huffman: words that leave a gap", Coder::Huffman, "012202ff", "complete code");
    row("huffman: no words", Coder::Huffman, "010000ff", "complete code");
    row("huffman: one word of one bit", Coder::Huffman, "010100ff", "complete code");
    row("huffman: a word for a symbol too many", Coder::Huffman, "011110ff", "complete code");
    row("huffman: fewer bits than codes", Coder::Huffman, "011100", "at least a bit");
    row("sparse: more codes than there are", Coder::SparseHuffman, "000800000000000000", "at most 7 codes");
    row("sparse: 2^63 codes", Coder::SparseHuffman, "0080808080808080808001000000000000", "at most 7 codes");
    row("sparse: a filler out of range", Coder::SparseHuffman, "0300", "below k = 3");
    row("sparse: a shift of 17", Coder::SparseHuffman, "00011100", "at most 16 plain bits");
    row("sparse: distances beyond the end", Coder::SparseHuffman, "00010007000700010000", "end within 7 codes");
    row("sparse: distances without end", Coder::SparseHuffman, "000100ff00ff0001", "end within 7 codes");
    row("rans: stripes", Coder::Rans0, "18", "variant 0x18");
    row("rans: run lengths", Coder::Rans0, "50", "variant 0x50");
    row("rans: a size of its own", Coder::Rans0, "00", "variant 0x0");
    row("rans: order 1 where 0 is promised", Coder::Rans0, "11", "variant 0x11");
    row("rans: fewer plain codes than there are", Coder::Rans0, "30000000", "cannot decode");
    row("rans: plain codes out of range", Coder::Rans0, "3000000000000003", "below k = 3, found 3");
}

void TstCodingDamage::refusesHostileStreams()
{
    QFETCH(int, coder);
    QFETCH(QByteArray, stream);
    QFETCH(QString, named);
    Codes codes(7);
    const auto bytes = std::as_bytes(std::span{stream.constData(), static_cast<std::size_t>(stream.size())});
    const auto decoded = decode(bytes, static_cast<Coder>(coder), 3, codes);
    QVERIFY(!decoded);
    QVERIFY2(QString::fromStdString(decoded.error().text).contains(named), decoded.error().text.c_str());
}

QTEST_APPLESS_MAIN(TstCodingDamage)
#include "tst_codingdamage.moc"
