// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/normrelu_torch.h"
#include <QtTest>
#include <limits>
#include <torch/torch.h>

using namespace engine;

namespace {

torch::Tensor channelsLast(torch::Tensor x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

NormTensors someNorm(std::int64_t channels)
{
    return {(torch::rand({channels}) + 0.5).set_requires_grad(true), torch::randn({channels}).set_requires_grad(true),
            torch::randn({channels}), torch::rand({channels}) + 0.1};
}

NormTensors copyOf(const NormTensors &norm)
{
    return {norm.scale.detach().clone().set_requires_grad(true), norm.shift.detach().clone().set_requires_grad(true),
            norm.runningMean.clone(), norm.runningVariance.clone()};
}

bool isClose(const torch::Tensor &a, const torch::Tensor &b)
{
    return (a - b).norm().item<double>() <= 1e-5 * b.norm().item<double>() + 1e-6;
}

} // namespace

class TstNormRelu : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// Values, gradients and running statistics are those of LibTorch's two operations.
    void doesWhatTheTwoOperationsDo_data()
    {
        QTest::addColumn<QVector<int>>("shape");
        QTest::newRow("as in vgg-small") << QVector<int>{16, 32, 8, 8};
        QTest::newRow("many channels, few pixels") << QVector<int>{8, 512, 2, 2};
        QTest::newRow("one pixel") << QVector<int>{32, 64, 1, 1};
        QTest::newRow("one image, odd sides") << QVector<int>{1, 16, 7, 5};
    }
    void doesWhatTheTwoOperationsDo()
    {
        QFETCH(QVector<int>, shape);
        torch::manual_seed(4);
        const torch::Tensor values = channelsLast(torch::randn({shape[0], shape[1], shape[2], shape[3]}) * 3 + 1);
        if (!canFuseNormRelu(values))
            QSKIP("oneDNN has no fast routine for this shape on this processor.");
        const torch::Tensor x = values.clone().set_requires_grad(true), sameX = values.clone().set_requires_grad(true);
        const NormTensors norm = someNorm(shape[1]), same = copyOf(norm);
        const torch::Tensor slope = torch::randn_like(values);

        const torch::Tensor y = batchNormRelu(x, norm, 0.3, 1e-5);
        const torch::Tensor expected =
            torch::batch_norm(sameX, same.scale, same.shift, same.runningMean, same.runningVariance, true, 0.3, 1e-5, false).relu();
        (y * slope).sum().backward();
        (expected * slope).sum().backward();
        QVERIFY(isClose(y, expected));
        QVERIFY(isClose(x.grad(), sameX.grad()));
        QVERIFY(isClose(norm.scale.grad(), same.scale.grad()));
        QVERIFY(isClose(norm.shift.grad(), same.shift.grad()));
        QVERIFY(isClose(norm.runningMean, same.runningMean));
        QVERIFY(isClose(norm.runningVariance, same.runningVariance));
    }

    /// A gradient may lie in memory in any way, such as that of a sum over everything.
    void takesAnyGradient()
    {
        const torch::Tensor values = channelsLast(torch::randn({4, 16, 6, 6}));
        if (!canFuseNormRelu(values))
            QSKIP("oneDNN has no fast routine for this shape on this processor.");
        const torch::Tensor x = values.clone().set_requires_grad(true), sameX = values.clone().set_requires_grad(true);
        const NormTensors norm = someNorm(16), same = copyOf(norm);
        batchNormRelu(x, norm, 0.1, 1e-5).sum().backward();
        torch::batch_norm(sameX, same.scale, same.shift, {}, {}, true, 0.1, 1e-5, false).relu().sum().backward();
        QVERIFY(isClose(x.grad(), sameX.grad()));
    }

    void whatIsNotANumberStaysSo()
    {
        torch::Tensor values = channelsLast(torch::randn({4, 16, 6, 6}));
        if (!canFuseNormRelu(values))
            QSKIP("oneDNN has no fast routine for this shape on this processor.");
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            torch::Tensor x = values.clone();
            x[1][5][2][3] = bad;
            QVERIFY(batchNormRelu(x, someNorm(16), 0.1, 1e-5).isnan().any().item<bool>());
        }
    }

    void refusesWhatItCannotDo()
    {
        QVERIFY(!canFuseNormRelu(torch::randn({4, 16, 6, 6})));                                   // channels one after the other
        QVERIFY(!canFuseNormRelu(torch::randn({4, 16})));                                         // no images
        QVERIFY(!canFuseNormRelu(channelsLast(torch::randn({4, 16, 6, 6}).to(torch::kFloat64)))); // not float32
        QVERIFY(!canFuseNormRelu(channelsLast(torch::randn({1, 16, 1, 1}))));                     // no variance
    }
};

QTEST_GUILESS_MAIN(TstNormRelu)
#include "tst_normrelu.moc"
