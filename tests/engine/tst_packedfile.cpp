// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/half.h"
#include "engine/coding/packedfile.h"
#include "engine/coding/sizeaccount.h"
#include "tests/support/samplepacked.h"
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>

using namespace engine;
using Edit = std::function<void(PackedModel &)>;
Q_DECLARE_METATYPE(Edit)
Q_DECLARE_METATYPE(engine::PackedModel)

class TstPackedFile : public QObject {
    Q_OBJECT
private slots:
    void readsWhatItWrote();
    void readsWhatEveryCoderWrote();
    void writesTheSameWithAnyNumberOfThreads();
    void listsItsContents();
    void sharesEqualCodebooks();
    void roundsTensorsToHalfWhereTheyFit();
    void plansWhatItWouldWrite_data() { countsEveryByte_data(); }
    void plansWhatItWouldWrite();
    void plansNothingOnceStopped();
    void countsEveryByte_data();
    void countsEveryByte();
    void takesLittleBesidesItsContent_data();
    void takesLittleBesidesItsContent();
    void decodesKernelsOneByOne();
    void refusesModelsThatBreakARule_data();
    void refusesModelsThatBreakARule();
    void leavesTheOldFileWhenItCannotWrite();
    void convertsEveryHalf();

private:
    std::filesystem::path inFolder(const char *name) const { return std::filesystem::path{m_folder.path().toStdString()} / name; }
    QTemporaryDir m_folder;
};

void TstPackedFile::readsWhatItWrote()
{
    const auto model = support::samplePacked();
    const auto written = writePacked(model, inFolder("sample.cnd"));
    QVERIFY2(written, written ? "" : written.error().text.c_str());
    QCOMPARE(*written, std::filesystem::file_size(inFolder("sample.cnd")));
    const auto read = readPacked(inFolder("sample.cnd"));
    QVERIFY2(read, read ? "" : read.error().text.c_str());
    QVERIFY(*read == model);
    PackedModel bare; // no kernels, no tensors, nothing measured
    bare.network = {"lenet5", {}, 2, 1, 16, 16, {}};
    bare.data = {"", {}, {0.0f}, {1.0f}};
    const auto bytes = packToMemory(bare);
    QVERIFY2(bytes, bytes ? "" : bytes.error().text.c_str());
    QVERIFY(readPackedBytes(*bytes, "memory") == bare);
}

void TstPackedFile::readsWhatEveryCoderWrote()
{
    const auto model = support::samplePacked();
    const auto smallest = packToMemory(model)->size();
    for (const auto coder : kCoders) {
        const auto bytes = packToMemory(model, {.coder = coder});
        QVERIFY(bytes && bytes->size() >= smallest);
        const auto reader = PackedReader::view(*bytes, "memory");
        QVERIFY(reader);
        for (const auto &entry : reader->contents().kernels)
            QVERIFY(entry.coder == coder);
        QVERIFY(readPackedBytes(*bytes, "memory") == model);
    }
}

void TstPackedFile::writesTheSameWithAnyNumberOfThreads()
{
    const auto model = support::samplePacked();
    QVERIFY(*packToMemory(model, {.threads = 1}) == *packToMemory(model, {.threads = 5}));
}

void TstPackedFile::listsItsContents()
{
    const auto model = support::samplePacked();
    QVERIFY(writePacked(model, inFolder("sample.cnd")));
    const auto contents = readPackedHeader(inFolder("sample.cnd"));
    QVERIFY2(contents, contents ? "" : contents.error().text.c_str());
    QVERIFY(contents->data == model.data && contents->accuracy == model.accuracy && contents->provenance == model.provenance);
    QCOMPARE(contents->network.name, model.network.name);
    QCOMPARE(contents->kernels.size(), model.kernels.size());
    for (std::size_t i = 0; i < model.kernels.size(); ++i) {
        const auto &entry = contents->kernels[i];
        const auto &kernel = model.kernels[i];
        QVERIFY(entry.name == kernel.name && entry.kind == kernel.kind && entry.shape == kernel.shape &&
                entry.firstChannel == kernel.firstChannel && entry.channels == kernel.channels && entry.weights == kernel.codes.size() &&
                entry.k == static_cast<int>(kernel.codebook.size()));
        const auto counts = support::countCodes(kernel.codes, entry.k);
        QCOMPARE(entry.used, static_cast<int>(std::ranges::count_if(counts, [](auto n) { return n > 0; })));
        QCOMPARE(entry.entropy, static_cast<float>(entropyBits(counts)));
    }
    QVERIFY(contents->kernels[0].isWhole() && !contents->kernels[1].isWhole());
    QCOMPARE(contents->tensors.size(), model.tensors.size());
    QCOMPARE(contents->fileBytes, std::filesystem::file_size(inFolder("sample.cnd")));
}

void TstPackedFile::sharesEqualCodebooks()
{
    auto model = support::samplePacked();
    const auto codebooks = [&] { return PackedReader::view(*packToMemory(model), "memory")->contents().codebooks.size(); };
    QCOMPARE(codebooks(), std::size_t{5}); // the last two kernels have the same one
    model.kernels.back().codebook.back() += 1;
    QCOMPARE(codebooks(), std::size_t{6});
}

void TstPackedFile::roundsTensorsToHalfWhereTheyFit()
{
    auto model = support::samplePacked();
    model.tensors[2].values[0] = 70'000; // beyond float16
    const auto bytes = packToMemory(model, {.halfTensors = true});
    QVERIFY(bytes && bytes->size() < packToMemory(model)->size());
    const auto read = readPackedBytes(*bytes, "memory");
    QVERIFY(read);
    QVERIFY(read->tensors[2] == model.tensors[2]);
    QVERIFY(read->tensors[0].stored == PackedTensor::Stored::Float16);
    for (std::size_t i = 0; i < model.tensors[0].values.size(); ++i) {
        const float exact = model.tensors[0].values[i], rounded = read->tensors[0].values[i];
        QVERIFY(std::abs(rounded - exact) <= std::ldexp(std::abs(exact), -11));
    }
    QVERIFY(read->kernels == model.kernels);
}

/// Without the values of any tensor, and without writing them.
void TstPackedFile::plansWhatItWouldWrite()
{
    QFETCH(PackedModel, model);
    const auto written = PackedReader::view(*packToMemory(model), "memory");
    for (auto &tensor : model.tensors)
        tensor.values.clear();
    const auto planned = planPacked(model, {.threads = 1});
    QVERIFY2(planned, planned ? "" : planned.error().text.c_str());
    const auto &expected = written->contents();
    QCOMPARE(planned->fileBytes, expected.fileBytes);
    QVERIFY(planned->network == expected.network && planned->codebooks == expected.codebooks);
    QCOMPARE(planned->sections.size(), expected.sections.size());
    for (std::size_t i = 0; i < expected.sections.size(); ++i) {
        QCOMPARE(planned->sections[i].type, expected.sections[i].type);
        QCOMPARE(planned->sections[i].offset, expected.sections[i].offset);
        QCOMPARE(planned->sections[i].bytes, expected.sections[i].bytes);
    }
    for (std::size_t i = 0; i < expected.kernels.size(); ++i) {
        QCOMPARE(planned->kernels[i].stream.offset, expected.kernels[i].stream.offset);
        QCOMPARE(planned->kernels[i].tableBytes, expected.kernels[i].tableBytes);
        QVERIFY(planned->kernels[i].coder == expected.kernels[i].coder && planned->kernels[i].k == expected.kernels[i].k);
    }
    for (std::size_t i = 0; i < expected.tensors.size(); ++i) {
        QCOMPARE(planned->tensors[i].offset, expected.tensors[i].offset);
        QCOMPARE(planned->tensors[i].bytes, expected.tensors[i].bytes);
    }
    QCOMPARE(accountBytes(*planned).total(), expected.fileBytes);
}

void TstPackedFile::plansNothingOnceStopped()
{
    std::stop_source source;
    const auto model = support::samplePacked();
    QVERIFY(planPacked(model, {.stop = source.get_token()}));
    source.request_stop();
    QVERIFY(!planPacked(model, {.stop = source.get_token()}));
}

void TstPackedFile::countsEveryByte_data()
{
    QTest::addColumn<PackedModel>("model");
    QTest::newRow("a small network that has everything") << support::samplePacked();
    QTest::newRow("VGG16") << support::packedVgg16(support::skewedShares(4, 0.9));
}

void TstPackedFile::countsEveryByte()
{
    QFETCH(PackedModel, model);
    QVERIFY(writePacked(model, inFolder("counted.cnd")));
    const auto contents = readPackedHeader(inFolder("counted.cnd"));
    QVERIFY(contents);
    const auto size = accountBytes(*contents);
    QCOMPARE(size.total(), std::filesystem::file_size(inFolder("counted.cnd")));
    QCOMPARE(size.layers.size(), model.kernels.size());
    std::uint64_t values = 0, floatValues = 0;
    for (std::size_t i = 0; i < model.kernels.size(); ++i) {
        const auto stream = encodeSmallest(model.kernels[i].codes, static_cast<int>(model.kernels[i].codebook.size()));
        QVERIFY(stream && size.layers[i].tables == stream->tableBytes &&
                size.layers[i].codes + size.layers[i].tables == stream->bytes.size());
        values += model.kernels[i].codes.size();
    }
    for (const auto &tensor : model.tensors)
        floatValues += tensor.values.size();
    QCOMPARE(size.floatBytes, 4 * (values + floatValues));
    QCOMPARE(size.code, model.network.code.size());
    QVERIFY(size.floats <= 4 * floatValues);
}

void TstPackedFile::takesLittleBesidesItsContent_data()
{
    QTest::addColumn<PackedModel>("model");
    QTest::newRow("VGG16, k 16") << support::packedVgg16(support::gaussianShares(16));
    QTest::newRow("VGG16, share 0.99") << support::packedVgg16(support::skewedShares(4, 0.99));
    PackedModel many = support::packedVgg16({1});
    many.kernels.resize(1);
    many.tensors.clear();
    for (int i = 0; i < 500; ++i) {
        many.kernels.push_back(support::packedKernel("stages." + std::to_string(i / 7) + ".blocks." + std::to_string(i) + ".conv",
                                                     {8, 4, 3, 3}, {1, 2}, static_cast<std::uint64_t>(i)));
        many.tensors.push_back(support::packedTensor("stages." + std::to_string(i / 7) + ".blocks." + std::to_string(i) + ".bias", 8));
    }
    QTest::newRow("500 small layers") << many;
}

void TstPackedFile::takesLittleBesidesItsContent()
{
    QFETCH(PackedModel, model);
    const auto bytes = packToMemory(model);
    QVERIFY(bytes);
    const auto size = accountBytes(PackedReader::view(*bytes, "memory")->contents());
    auto overhead = size.headers;
    for (const auto &layer : size.layers)
        overhead += layer.headers;
    QVERIFY2(overhead < 1024 + 64 * size.layers.size(), qPrintable(QString::number(overhead)));
}

void TstPackedFile::decodesKernelsOneByOne()
{
    const auto model = support::samplePacked();
    QVERIFY(writePacked(model, inFolder("sample.cnd")));
    const auto reader = PackedReader::open(inFolder("sample.cnd"));
    QVERIFY(reader);
    for (std::size_t i = 0; i < model.kernels.size(); ++i) {
        const auto &kernel = model.kernels[i];
        std::vector<float> weights(kernel.codes.size());
        QVERIFY(reader->decodeWeights(i, weights));
        for (std::size_t w = 0; w < weights.size(); ++w)
            QCOMPARE(weights[w], kernel.codebook[kernel.codes[w]]);
    }
}

void TstPackedFile::refusesModelsThatBreakARule_data()
{
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<QString>("named");
    const auto row = [](const char *title, const char *named, const Edit &edit) { QTest::newRow(title) << edit << QString{named}; };
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    row("a code too many", "kernel features.0: ", [](PackedModel &m) { m.kernels[0].codes[5] = 4; });
    row("no codebook", "k from 1 to 256", [](PackedModel &m) { m.kernels[0].codebook.clear(); });
    row("a codebook too large", "k from 1 to 256", [](PackedModel &m) { m.kernels[0].codebook.resize(257); });
    row("a representative that is no number", "kernel features.0: expected finite", [](PackedModel &m) { m.kernels[0].codebook[1] = nan; });
    row("codes missing", "kernel features.0: expected 144 codes", [](PackedModel &m) { m.kernels[0].codes.pop_back(); });
    row("no codes", "used representatives", [](PackedModel &m) { m.kernels[0].codes.clear(); });
    row("no shape", "extents above 0", [](PackedModel &m) { m.kernels[0].shape.clear(); });
    row("an extent of 0", "extents above 0", [](PackedModel &m) { m.kernels[0].shape[1] = 0; });
    row("an extent below 0", "extents above 0", [](PackedModel &m) { m.kernels[0].shape[1] = -2; });
    row("a kernel twice", "found it twice", [](PackedModel &m) { m.kernels[3].name = "features.0"; });
    row("a range that overlaps", "range of its 16 output channels from 8 on", [](PackedModel &m) { m.kernels[2].firstChannel = 7; });
    row("a range missing", "expected all 16 output channels, found 8", [](PackedModel &m) { m.kernels.erase(m.kernels.begin() + 2); });
    row("a last range missing", "expected all 16 output channels, found 8", [](PackedModel &m) { m.kernels.resize(2); });
    row("a name with a line end", "without control characters", [](PackedModel &m) { m.kernels[0].name = "a\nb"; });
    row("no name", "without control characters", [](PackedModel &m) { m.tensors[0].name.clear(); });
    row("a tensor twice", "different names", [](PackedModel &m) { m.tensors[0].name = m.tensors[1].name; });
    row("a value missing", "expected 7 values", [](PackedModel &m) { m.tensors[0].values.pop_back(); });
    row("a value that is no number", "tensor features.0.bias: expected finite", [](PackedModel &m) { m.tensors[0].values[3] = nan; });
    row("a value beyond float16", "range of float16", [](PackedModel &m) { m.tensors[1].values[3] = 1e6f; });
    row("no classes", "classes", [](PackedModel &m) { m.network.classes = 0; });
    row("a channel without a mean", "each of 2 channels", [](PackedModel &m) { m.data.mean.pop_back(); });
    row("a deviation of 0", "deviation above 0", [](PackedModel &m) { m.data.deviation[0] = 0; });
    row("a class without a name", "names of 3 classes", [](PackedModel &m) { m.data.classNames.pop_back(); });
    row("an accuracy above 1", "accuracy: expected 0 to 1", [](PackedModel &m) { m.accuracy.snapped = 75; });
    row("a recipe of 17 MiB", "section PROV", [](PackedModel &m) { m.provenance.recipe.assign(17 << 20, 'x'); });
}

void TstPackedFile::refusesModelsThatBreakARule()
{
    QFETCH(Edit, edit);
    QFETCH(QString, named);
    auto model = support::samplePacked();
    edit(model);
    const auto bytes = packToMemory(model);
    QVERIFY(!bytes);
    const auto text = QString::fromStdString(bytes.error().text);
    QVERIFY2(text.contains(named) && text.endsWith('.') && !text.contains('\n'), qPrintable(text));
}

void TstPackedFile::leavesTheOldFileWhenItCannotWrite()
{
    auto model = support::samplePacked();
    QVERIFY(writePacked(model, inFolder("kept.cnd")));
    auto broken = model;
    broken.kernels[0].codes[0] = 200;
    QVERIFY(!writePacked(broken, inFolder("kept.cnd")));
    QVERIFY(readPacked(inFolder("kept.cnd")) == model);
    const auto nowhere = writePacked(model, inFolder("none/new.cnd"));
    QVERIFY(!nowhere && nowhere.error().code == ErrorCode::Unwritable);
    QVERIFY(!std::filesystem::exists(inFolder("kept.cnd.part")));
}

void TstPackedFile::convertsEveryHalf()
{
    QCOMPARE(toHalf(1.0f), std::uint16_t{0x3c00});
    QCOMPARE(fromHalf(0x0001), std::ldexp(1.0f, -24));
    QCOMPARE(fromHalf(0xfbff), -kLargestHalf);
    for (unsigned half = 0; half < 0x10000; ++half) {
        const float value = fromHalf(static_cast<std::uint16_t>(half));
        if (std::isnan(value))
            continue;
        QCOMPARE(toHalf(value), static_cast<std::uint16_t>(half));
        if ((half & 0x7fffu) >= 0x7bffu)
            continue;
        const float next = fromHalf(static_cast<std::uint16_t>(half + 1)), middle = 0.5f * (value + next); // exact in float32
        QCOMPARE(toHalf(middle), static_cast<std::uint16_t>(half % 2 == 0 ? half : half + 1)); // a tie goes to the even one
        QCOMPARE(toHalf(std::nextafter(middle, value)), static_cast<std::uint16_t>(half));
        QCOMPARE(toHalf(std::nextafter(middle, next)), static_cast<std::uint16_t>(half + 1));
    }
#ifdef __FLT16_MAX__ // the compiler's own float16 says the same of all numbers
    for (std::uint64_t bits = 0; bits <= 0xffff'ffff; bits += 4093) { // a prime: all exponents, many fractions
        const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        if (!std::isnan(value))
            QCOMPARE(toHalf(value), std::bit_cast<std::uint16_t>(static_cast<_Float16>(value)));
    }
    for (unsigned half = 0; half < 0x10000; ++half) {
        const auto theirs = static_cast<float>(std::bit_cast<_Float16>(static_cast<std::uint16_t>(half)));
        if (!std::isnan(theirs))
            QCOMPARE(std::bit_cast<std::uint32_t>(fromHalf(static_cast<std::uint16_t>(half))), std::bit_cast<std::uint32_t>(theirs));
    }
#endif
    QVERIFY(std::isinf(fromHalf(toHalf(65'520.0f))) && std::isnan(fromHalf(toHalf(std::numeric_limits<float>::quiet_NaN()))));
}


QTEST_APPLESS_MAIN(TstPackedFile)
#include "tst_packedfile.moc"
