// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/decode/condensate_decode.h"
#include "engine/coding/packedfile.h"
#include "tests/support/readpacked.h"
#include "tests/support/samplepacked.h"
#include <QTemporaryDir>
#include <QTest>
#include <memory>

using namespace engine;

namespace {

using File = std::unique_ptr<cnd_file, decltype(&cnd_close)>;

File openBytes(const std::vector<std::byte> &bytes) { return {cnd_open_memory(bytes.data(), bytes.size(), nullptr, 0), cnd_close}; }

} // namespace

/// The C interface: support/readpacked.c uses it from C, here are what it tells and what it refuses.
class TstDecodeC : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { m_bytes = *packToMemory(m_model); }
    void isReadByACProgram();
    void tellsWhatTheNetworkIs();
    void tellsWhatALayerIs();
    void refusesOtherSizesAndNumbers();
    void saysWhyAFileCannotBeOpened();
    void findsDamageWhenItDecodes();

private:
    PackedModel m_model = support::samplePacked();
    std::vector<std::byte> m_bytes;
};

void TstDecodeC::isReadByACProgram()
{
    const QTemporaryDir folder;
    const auto path = folder.filePath("sample.cnd").toStdString();
    QVERIFY(writePacked(m_model, path));
    packed_sums sums, expected{};
    char error[CND_ERROR_BYTES] = "";
    QVERIFY2(sum_packed(path.c_str(), &sums, error, sizeof error), error);
    for (const auto &kernel : m_model.kernels) {
        for (const auto code : kernel.codes)
            expected.weights += static_cast<double>(kernel.codebook[code]);
        expected.count += kernel.codes.size();
        expected.name_letters += kernel.name.size() + kernel.kind.size();
    }
    for (const auto &tensor : m_model.tensors)
        for (const float value : tensor.values)
            expected.values += static_cast<double>(value);
    QCOMPARE(sums.weights, expected.weights);
    QCOMPARE(sums.values, expected.values);
    QCOMPARE(sums.count, expected.count);
    QCOMPARE(sums.name_letters, expected.name_letters);
    QVERIFY(!sum_packed(folder.filePath("none.cnd").toUtf8().constData(), &sums, error, sizeof error));
    QVERIFY2(QString{error}.contains("none.cnd"), error);
}

void TstDecodeC::tellsWhatTheNetworkIs()
{
    const auto file = openBytes(m_bytes);
    QVERIFY(file);
    cnd_network network;
    cnd_get_network(file.get(), &network);
    QCOMPARE(network.name, "torchscript");
    QCOMPARE(network.code_bytes, m_model.network.code.size());
    QVERIFY(std::equal(m_model.network.code.begin(), m_model.network.code.end(), static_cast<const std::byte *>(network.code)));
    QVERIFY(network.classes == 3 && network.channels == 2 && network.height == 17 && network.width == 19);
    QVERIFY(network.mean[1] == 0.5f && network.deviation[1] == 0.2f);
    QCOMPARE(network.class_names[2], "Stern ☆");
    QVERIFY(network.latent_accuracy == 0.875 && network.snapped_accuracy == 0.75 && network.test_images == 400);
    QCOMPARE(network.data_name, "Shapes");
    QCOMPARE(network.recipe, m_model.provenance.recipe.c_str());
    QCOMPARE(network.program_version, "0.1.0");
    auto bare = m_model;
    bare.network.code.clear();
    bare.data.classNames.clear();
    bare.accuracy.snapped.reset();
    const auto bareBytes = *packToMemory(bare);
    const auto bareFile = openBytes(bareBytes);
    cnd_get_network(bareFile.get(), &network);
    QVERIFY(!network.code && network.code_bytes == 0 && !network.class_names && std::isnan(network.snapped_accuracy));
}

void TstDecodeC::tellsWhatALayerIs()
{
    const auto file = openBytes(m_bytes);
    QCOMPARE(cnd_layer_count(file.get()), m_model.kernels.size());
    cnd_layer layer;
    QVERIFY(cnd_get_layer(file.get(), 2, &layer));
    QCOMPARE(layer.name, "features.3");
    QCOMPARE(layer.kind, "conv");
    QVERIFY(layer.dimensions == 4 && layer.shape[0] == 16 && layer.shape[1] == 8 && layer.shape[4] == 0);
    QVERIFY(layer.first_channel == 8 && layer.channels == 8 && layer.weights == 8 * 8 * 9 && layer.k == 5);
    QVERIFY(std::equal(m_model.kernels[2].codebook.begin(), m_model.kernels[2].codebook.end(), layer.codebook));
    QVERIFY(coderNamed(layer.coder) && layer.coded_bytes > 0);
    cnd_tensor tensor;
    QCOMPARE(cnd_tensor_count(file.get()), m_model.tensors.size());
    QVERIFY(cnd_get_tensor(file.get(), 3, &tensor));
    QVERIFY(tensor.dimensions == 0 && tensor.values == 1);
    QCOMPARE(cnd_error(file.get()), "");
}

void TstDecodeC::refusesOtherSizesAndNumbers()
{
    const auto file = openBytes(m_bytes);
    std::vector<float> room(1000, 5.0f);
    std::vector<std::uint8_t> codes(1000);
    cnd_layer layer;
    cnd_tensor tensor;
    const auto says = [&](const char *named) { return QString{cnd_error(file.get())}.contains(named); };
    QVERIFY(!cnd_get_layer(file.get(), 6, &layer) && says("Layer 6: expected a number below 6."));
    QVERIFY(!cnd_decode_weights(file.get(), 6, room.data(), 9) && says("Layer 6"));
    QVERIFY(!cnd_decode_weights(file.get(), 0, room.data(), 143) && says("expected room for 144 values, found 143"));
    QVERIFY(!cnd_decode_codes(file.get(), 0, codes.data(), 145) && says("found 145"));
    QVERIFY(!cnd_get_tensor(file.get(), 5, &tensor) && says("Tensor 5"));
    QVERIFY(!cnd_read_tensor(file.get(), 0, room.data(), 9) && says("expected room for 8 values"));
    QVERIFY(std::ranges::all_of(room, [](float v) { return v == 5.0f; }));
}

void TstDecodeC::saysWhyAFileCannotBeOpened()
{
    char error[CND_ERROR_BYTES];
    QVERIFY(!cnd_open_memory(m_bytes.data(), m_bytes.size() - 1, error, sizeof error));
    QVERIFY2(QString{error}.startsWith("Packed file in memory: expected"), error);
    QVERIFY(!cnd_open_memory("", 0, error, 8));
    QCOMPARE(error, "Packed ");
    QVERIFY(!cnd_open_memory(nullptr, 0, nullptr, 0));
}

void TstDecodeC::findsDamageWhenItDecodes()
{
    auto bytes = m_bytes;
    const auto contents = PackedReader::view(m_bytes, "memory")->contents();
    const auto file = openBytes(bytes); // borrows what now changes
    bytes[contents.kernels[3].stream.offset + 1] ^= std::byte{0x10};
    std::vector<float> weights(contents.kernels[3].weights);
    QVERIFY(!cnd_decode_weights(file.get(), 3, weights.data(), weights.size()));
    QVERIFY2(QString{cnd_error(file.get())}.contains("kernel classifier.0"), cnd_error(file.get()));
}

QTEST_APPLESS_MAIN(TstDecodeC)
#include "tst_decode_c.moc"
