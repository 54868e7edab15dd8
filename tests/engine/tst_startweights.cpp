// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/plannednetwork_torch.h"
#include "engine/nets/startweights_torch.h"
#include "engine/run/run.h"
#include "engine/storage/safetensors.h"
#include "engine/storage/snapshot.h"
#include "tests/support/follower.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QtTest>
#include <torch/script.h>
#include <torch/torch.h>

using namespace engine;

namespace {

/// A .safetensors file as the format asks for it, made here.
class Maker {
public:
    void add(const QString &name, const torch::Tensor &tensor, const QString &type)
    {
        const auto plain = tensor.detach().contiguous();
        QJsonArray shape;
        for (const auto side : plain.sizes())
            shape.append(static_cast<qint64>(side));
        const auto from = m_values.size();
        m_values.append(static_cast<const char *>(plain.data_ptr()), static_cast<qsizetype>(plain.nbytes()));
        m_header[name] = QJsonObject{{"dtype", type}, {"shape", shape}, {"data_offsets", QJsonArray{from, m_values.size()}}};
    }
    QJsonObject &header() { return m_header; }
    QByteArray bytes() const
    {
        const auto header = QJsonDocument{m_header}.toJson(QJsonDocument::Compact);
        const quint64 length = static_cast<quint64>(header.size());
        return QByteArray{reinterpret_cast<const char *>(&length), 8} + header + m_values;
    }

private:
    QJsonObject m_header{{"__metadata__", QJsonObject{{"format", "pt"}}}};
    QByteArray m_values;
};

PlannedNetwork lenet(std::uint64_t seed) { return PlannedNetwork{*planNetwork("lenet5", {1, 28, 28}, 10), seed}; }

} // namespace

class TstStartWeights : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

    std::filesystem::path write(const QString &name, const QByteArray &bytes)
    {
        QFile file{m_folder.filePath(name)};
        if (!file.open(QFile::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("%s cannot be written", qPrintable(name));
        return m_folder.filePath(name).toStdString();
    }

private Q_SLOTS:
    void takesEveryKindOfFloat()
    {
        const auto from = lenet(3);
        Maker maker;
        const QStringList types{"F32", "F64", "F16", "BF16"};
        const torch::ScalarType scalars[] = {torch::kFloat32, torch::kFloat64, torch::kFloat16, torch::kBFloat16};
        qsizetype next = 0;
        for (const auto &entry : from.tensors()) {
            const auto type = next++ % types.size();
            maker.add((next % 2 ? "module." : "") + QString::fromStdString(entry.name), entry.tensor.detach().to(scalars[type]),
                      types[type]);
        }
        maker.add("steps", torch::ones({3}, torch::kInt64), "I64");
        auto to = lenet(4);
        const auto told = loadStartWeights(to, write("all.safetensors", maker.bytes()));
        QVERIFY2(told, told ? "" : told.error().text.c_str());
        QVERIFY2(told->find("10 tensors taken") != std::string::npos && told->find("keep") == std::string::npos, told->c_str());
        for (std::size_t i = 0; i < from.tensors().size(); ++i)
            QVERIFY(torch::allclose(to.tensors()[i].tensor, from.tensors()[i].tensor, 0.01, 1e-6)); // bfloat16 has eight bits
        QVERIFY(torch::equal(to.tensors()[0].tensor, from.tensors()[0].tensor)); // float32 has all
        QVERIFY(to.tensors()[0].tensor.requires_grad());
    }

    void saysWhatKeepsItsStart()
    {
        const auto from = lenet(3);
        Maker maker;
        maker.add("features.0.weight", from.tensors()[0].tensor, "F32");
        maker.add("classifier.5.weight", torch::ones({100, 84}), "F32");
        auto to = lenet(4);
        const auto before = to.tensors()[8].tensor.detach().clone();
        const auto told = loadStartWeights(to, write("some.safetensors", maker.bytes()));
        QVERIFY(told);
        QVERIFY2(told->find("1 tensors taken; these keep") != std::string::npos &&
                     told->find("features.0.bias (missing)") != std::string::npos && told->find("others") != std::string::npos,
                 told->c_str());
        QVERIFY(torch::equal(to.tensors()[0].tensor, from.tensors()[0].tensor));
        QVERIFY(torch::equal(to.tensors()[8].tensor, before));
    }

    void takesATorchScriptModule()
    {
        torch::jit::Module module{"lenet"}, features{"features"}, first{"first"};
        const auto weights = torch::randn({6, 1, 5, 5});
        first.register_parameter("weight", weights, false);
        features.register_module("0", first);
        module.register_module("features", features);
        module.define("def forward(self, x):\n    return x\n");
        const auto file = m_folder.filePath("module.pt").toStdString();
        module.save(file);
        auto to = lenet(4);
        const auto told = loadStartWeights(to, file);
        QVERIFY2(told, told ? "" : told.error().text.c_str());
        QVERIFY(torch::equal(to.tensors()[0].tensor, weights));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("reason");
        const auto header = [](const char *json) {
            const QByteArray text{json};
            const quint64 length = static_cast<quint64>(text.size());
            return QByteArray{reinterpret_cast<const char *>(&length), 8} + text + QByteArray(16, '\0');
        };
        QTest::newRow("empty") << QByteArray{} << "length of a header";
        QTest::newRow("length beyond the file") << QByteArray(16, '\x7f') << "ends within the file";
        QTest::newRow("no JSON") << header("{]") << "JSON";
        QTest::newRow("no fields") << header(R"({"a":{"dtype":"F32"}})") << "data_offsets";
        QTest::newRow("beyond the values") << header(R"({"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}})") << "16 bytes";
        QTest::newRow("backwards") << header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}})") << "lie within";
        QTest::newRow("negative") << header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})") << "lie within";
        QTest::newRow("other size") << header(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}})") << "as many bytes";
        QTest::newRow("overflow") << header(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})")
                                  << "as many bytes";
        QTest::newRow("nothing that fits") << header(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})")
                                           << "features.0.weight (6, 1, 5, 5), found a (4)";
        QTest::newRow("nothing at all") << header("{}") << "found none";
        Maker maker;
        maker.add("features.0.bias", torch::full({6}, std::nanf("")), "F32");
        QTest::newRow("not finite") << maker.bytes() << "finite values of features.0.bias";
    }
    void refuses()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, reason);
        auto to = lenet(4);
        const auto before = to.tensors()[1].tensor.detach().clone();
        const auto told = loadStartWeights(to, write("bad.safetensors", bytes));
        QVERIFY(!told);
        const auto text = QString::fromStdString(told.error().text);
        QVERIFY2(text.contains(reason) && text.contains("bad.safetensors") && !text.contains('\n'), qPrintable(text));
        QVERIFY(torch::equal(to.tensors()[1].tensor, before));
    }

    void damageNeverCrashes()
    {
        Maker maker;
        const auto network = lenet(1);
        for (const auto &entry : network.tensors())
            maker.add(QString::fromStdString(entry.name), entry.tensor, "F32");
        const auto good = maker.bytes();
        QRandomGenerator random{1};
        for (int trial = 0; trial < 400; ++trial) {
            auto bytes = good.left(trial % 2 ? random.bounded(static_cast<int>(good.size())) : good.size());
            for (int flip = 0; flip < 3 && !bytes.isEmpty(); ++flip) {
                const auto place = random.bounded(qMin<qsizetype>(bytes.size(), 900)); // mostly the header
                bytes[place] = static_cast<char>(bytes[place] ^ (1 << random.bounded(8)));
            }
            if (const auto read = SafetensorsFile::read(write("damaged.safetensors", bytes))) {
                for (const auto &tensor : read->tensors())
                    QVERIFY(tensor.bytes.size() <= static_cast<std::size_t>(bytes.size()));
            }
        }
    }

    void aRunStartsFromTheFileAndGoesOnWithoutIt()
    {
        const auto from = lenet(3);
        Maker maker;
        for (const auto &entry : from.tensors())
            maker.add(QString::fromStdString(entry.name), entry.tensor, "F32");
        const auto file = write("start.safetensors", maker.bytes());
        Settings settings;
        QVERIFY(settings.setText(ParameterId::Data, "generated") && settings.setText(ParameterId::StartWeights, file.string()));
        Run run{FromSettings{settings}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        QVERIFY(std::ranges::any_of(follower.events, [](const Event &event) {
            const auto *note = std::get_if<Note>(&event);
            return note && note->text.find("10 tensors taken") != std::string::npos;
        }));
        const auto snapshot = m_folder.filePath("start.h5").toStdString();
        follower.ask(TakeSnapshot{snapshot});
        QVERIFY(follower.await<SnapshotSaved>());
        run.stop();
        run.wait();
        const auto stored = readSnapshot(snapshot).value().training.layers[0].weights;
        const auto expected = from.tensors()[0].tensor.detach().contiguous();
        QVERIFY(std::equal(stored.begin(), stored.end(), expected.data_ptr<float>()));

        QVERIFY(std::filesystem::remove(file)); // a snapshot has all weights
        const auto resumed = std::make_unique<Run>(FromSnapshot{snapshot});
        Follower second{*resumed};
        resumed->start({.paused = true});
        QVERIFY(second.await<Paused>());
        resumed->stop();
        resumed->wait();
    }
};

QTEST_GUILESS_MAIN(TstStartWeights)
#include "tst_startweights.moc"
