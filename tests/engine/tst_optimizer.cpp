// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/makenetwork_torch.h"
#include "engine/training/optimizer_torch.h"
#include "engine/training/updates.h"
#include <QtTest>
#include <limits>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();

/// lenet5 and its optimizer; every gradient is 0.01 at first.
struct Fixture {
    std::unique_ptr<Network> network;
    Optimizer optimizer;

    explicit Fixture(const QByteArray &kind)
        : network{*makeNetwork("lenet5", {1, 28, 28}, 10, 1)}, optimizer{*network, settingsOf(kind)}
    {
        giveGradients();
    }
    void giveGradients()
    {
        for (auto &entry : network->tensors())
            entry.tensor.mutable_grad() = torch::full_like(entry.tensor.detach(), 0.01);
    }
    static Settings settingsOf(const QByteArray &kind)
    {
        Settings settings;
        (void)settings.setText(ParameterId::Optimizer, kind.toStdString());
        return settings;
    }
    torch::Tensor tensor(const std::string &name)
    {
        return std::ranges::find(network->tensors(), name, &Network::NamedTensor::name)->tensor;
    }
    std::vector<NamedArray> everything()
    {
        std::vector<NamedArray> all;
        optimizer.store(all);
        for (const auto &entry : network->tensors())
            all.push_back(toNamedArray(entry.name, entry.tensor));
        return all;
    }
};

bool same(const std::vector<NamedArray> &a, const std::vector<NamedArray> &b)
{
    return std::ranges::equal(a, b, [](const NamedArray &x, const NamedArray &y) { return x.name == y.name && x.bytes == y.bytes; });
}

} // namespace

class TstOptimizer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void faultsAreFoundBeforeAnythingMoves_data()
    {
        QTest::addColumn<QByteArray>("kind");
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<float>("value");
        QTest::addColumn<float>("gradient");
        QTest::addColumn<double>("rate");
        QTest::addColumn<double>("decay");
        QTest::addColumn<int>("fault"); // 0: none, 1: of the gradient, 2: of the step
        for (const QByteArray kind : {"sgd", "adam"}) {
            for (const QString name : {"features.3.weight", "classifier.1.weight", "classifier.3.bias"}) {
                const auto row = [&](const char *what, float value, float gradient, double rate, double decay, int fault) {
                    QTest::addRow("%s, %s: %s", kind.constData(), qPrintable(name), what)
                        << kind << name << value << gradient << rate << decay << fault;
                };
                row("nothing", 1, 1, 0.1, 0.01, 0);
                row("gradient no number", 1, kNan, 0.1, 0, 1);
                row("gradient infinite", 1, -kInfinite, 0.1, 0, 1);
                row("a rate of 0 hides nothing", 1, kInfinite, 0, 0, 1);
                row("value infinite before", kInfinite, 1, 0.1, 0, 2);
                row("value no number before", kNan, 1, 0.1, 0, 2);
                row("large, and no harm", 1e32f, 1, 0.1, 0, 0);
                const bool isAdam = kind == "adam", decays = name.endsWith("weight");
                row("gradient whose squares overflow together", 0, 1e15f, 0.1, 0, 0);
                row("gradient whose square overflows", 0, 1e25f, 0.1, 0, isAdam ? 2 : 0);
                row("gradient that momentum doubles", 0, 3e38f, 0.1, 0, 2);
                row("rate times gradient", 0, 1e38f, 10, 0, 2);
                row("weight decay", 3e38f, 0, 10, isAdam ? 1 : 0.9, decays ? 2 : 0);
            }
        }
    }
    void faultsAreFoundBeforeAnythingMoves()
    {
        QFETCH(QByteArray, kind);
        QFETCH(QString, tensor);
        QFETCH(float, value);
        QFETCH(float, gradient);
        QFETCH(double, rate);
        QFETCH(double, decay);
        QFETCH(int, fault);
        Fixture f{kind};
        const torch::Tensor changed = f.tensor(tensor.toStdString());
        changed.detach().flatten()[7] = value;
        changed.grad().flatten()[7] = gradient;
        const auto before = f.everything();
        for (int twice = 0; twice < 2; ++twice) {
            const auto found = f.optimizer.firstFault(rate, decay, {});
            QCOMPARE(found.has_value(), fault > 0);
            QVERIFY(same(f.everything(), before));
            if (found) {
                QCOMPARE(QString::fromStdString(found->name), QString{tensor}.remove(".weight"));
                QCOMPARE(found->isGradient, fault == 1);
            }
        }
        f.optimizer.step(rate, decay); // tells whether it was right
        bool isFinite = true;
        for (const NamedArray &array : f.everything()) {
            const std::span values{reinterpret_cast<const float *>(array.bytes.data()), array.bytes.size() / sizeof(float)};
            isFinite = isFinite && (array.type != NamedArray::Type::Float32 || std::isfinite(largestMagnitude(values)));
        }
        QCOMPARE(isFinite, fault == 0);
    }

    /// A known bound spares the walk over a kernel's gradient, and one that is not finite does not.
    void boundsAreTaken()
    {
        Fixture f{"sgd"};
        f.tensor("features.0.weight").grad().flatten()[3] = kNan;
        QVERIFY(f.optimizer.firstFault(0.1, 0, {}));
        QVERIFY(f.optimizer.firstFault(0.1, 0, std::vector<double>{kInfinite, 1, 1, 1, 1}));
        QVERIFY(!f.optimizer.firstFault(0.1, 0, std::vector<double>{1, 1, 1, 1, 1}));
    }

    /// What steps have summed up is in the account, too.
    void velocityIsInTheAccount()
    {
        Fixture f{"sgd"};
        for (int step = 0; step < 100; ++step) {
            f.giveGradients();
            f.tensor("classifier.1.weight").grad().fill_(4e37);
            const auto fault = f.optimizer.firstFault(1e-3, 0, {});
            if (fault) { // 4e37 in each step is 4e38 in all with a momentum of 0.9
                QVERIFY(step > 3 && !fault->isGradient && fault->name == "classifier.1");
                return;
            }
            f.optimizer.step(1e-3, 0);
        }
        QFAIL("no fault was found");
    }

    void theLargestMagnitude()
    {
        QCOMPARE(largestMagnitude({}), 0.0f);
        std::vector<float> values(1000, -0.0f);
        QCOMPARE(largestMagnitude(values), 0.0f);
        values[513] = -2.5f;
        values[999] = 2.0f;
        QCOMPARE(largestMagnitude(values), 2.5f);
        values[3] = -kInfinite;
        QCOMPARE(largestMagnitude(values), kInfinite);
        values[998] = -kNan;
        QVERIFY(std::isnan(largestMagnitude(values)));
    }
};

QTEST_APPLESS_MAIN(TstOptimizer)
#include "tst_optimizer.moc"
