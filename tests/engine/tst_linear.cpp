// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/linear_torch.h"
#include <QtTest>
#include <torch/torch.h>

using namespace engine;

namespace {

torch::Tensor trained(torch::Tensor values) { return values.set_requires_grad(true); }

} // namespace

class TstLinear : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { torch::manual_seed(6); }

    void doesWhatLibTorchsDoes_data()
    {
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("in");
        QTest::addColumn<int>("out");
        QTest::addColumn<bool>("bias");
        QTest::newRow("as in lenet5") << 64 << 400 << 120 << true;
        QTest::newRow("without bias") << 64 << 256 << 10 << false;
        QTest::newRow("one of each") << 1 << 1 << 1 << true;
        QTest::newRow("large") << 128 << 1024 << 1024 << true;
    }
    void doesWhatLibTorchsDoes()
    {
        QFETCH(int, batch);
        QFETCH(int, in);
        QFETCH(int, out);
        QFETCH(bool, bias);
        const torch::Tensor x = torch::randn({batch, in}), kernel = torch::randn({out, in}), shift = torch::randn({out}),
                            slope = torch::randn({batch, out});
        const auto run = [&](auto function) {
            std::vector<torch::Tensor> inputs{trained(x.clone()), trained(kernel.clone()), bias ? trained(shift.clone()) : torch::Tensor{}};
            const torch::Tensor y = function(inputs[0], inputs[1], inputs[2]);
            y.backward(slope);
            std::vector<torch::Tensor> all{y.detach(), inputs[0].grad(), inputs[1].grad()};
            if (bias)
                all.push_back(inputs[2].grad());
            return all;
        };
        const auto ours = run(applyLinear), theirs = run([](auto &...inputs) { return torch::linear(inputs...); });
        for (std::size_t i = 0; i < ours.size(); ++i)
            QVERIFY2(torch::equal(ours[i], theirs[i]), qPrintable(QString::number(i)));
    }

    void theGradientTakesThePlaceOfAKernelThatNobodyNeeds()
    {
        const torch::Tensor latent = trained(torch::randn({30, 20})), x = torch::randn({8, 20});
        torch::Tensor seen;
        void *memory = nullptr;
        torch::Tensor y;
        {
            const torch::Tensor kernel = latent * 2.0;
            memory = kernel.data_ptr();
            kernel.register_hook([&](const torch::Tensor &gradient) { QCOMPARE(gradient.data_ptr(), memory); });
            y = applyLinear(x, kernel, {});
        }
        y.sum().backward();
        const torch::Tensor same = trained(latent.detach().clone());
        torch::linear(x, same * 2.0).sum().backward();
        QVERIFY(torch::equal(latent.grad(), same.grad()));
    }

    void aKernelThatSomebodyHoldsKeepsItsValues()
    {
        const torch::Tensor kernel = trained(torch::randn({30, 20})), x = torch::randn({8, 20});
        const torch::Tensor values = kernel.detach().clone(), view = kernel.detach();
        applyLinear(x, kernel, {}).sum().backward();
        QVERIFY(torch::equal(view, values));
        QVERIFY(kernel.grad().data_ptr() != kernel.data_ptr());
        const torch::Tensor product = kernel * 2.0, twice = product.detach().clone();
        applyLinear(x, product, {}).sum().backward();
        QVERIFY(torch::equal(product, twice));
    }

    void withoutGradientsThereIsNoGraph()
    {
        const torch::Tensor kernel = trained(torch::randn({3, 2}));
        torch::NoGradGuard noGradient;
        QVERIFY(!applyLinear(torch::randn({4, 2}), kernel, {}).requires_grad());
        torch::AutoGradMode gradient{true};
        QVERIFY(!applyLinear(torch::randn({4, 2}), kernel.detach(), {}).requires_grad());
    }
};

QTEST_APPLESS_MAIN(TstLinear)
#include "tst_linear.moc"
