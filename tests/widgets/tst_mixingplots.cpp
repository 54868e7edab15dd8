// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/plots/binlayout.h"
#include "widgets/plots/histogramview.h"
#include <QTest>

using namespace widgets;

namespace {

constexpr std::size_t kLayer = 2;
const std::vector<double> kMixing{0.05, 0.25, 0.3, 0.4};

} // namespace

/// What the window shows of mixing proportions that are learnt.
class TstMixingPlots : public QObject {
    Q_OBJECT

    support::SampleRun m_run = support::condense({.k = 4, .frames = 40});

    std::shared_ptr<const engine::Frame> mixed() const
    {
        auto frame = std::make_shared<engine::Frame>(*m_run.last());
        frame->layers[kLayer].mixing = kMixing;
        return frame;
    }
    static QImage picture(HistogramView &view, std::shared_ptr<const engine::Frame> frame)
    {
        const auto drawn = view.replotCount();
        view.setFrame(std::move(frame));
        return QTest::qWaitFor([&] { return view.replotCount() > drawn; }) ? view.grab().toImage() : QImage{};
    }
    /// All that the readout says along a line through the view.
    static QString said(const HistogramView &view)
    {
        QString all;
        for (int x = 0; x < view.width(); ++x)
            all += view.readoutAt({static_cast<double>(x), 0.6 * view.height()});
        return all;
    }

private Q_SLOTS:
    void cellsKnowTheirProportion()
    {
        QVERIFY(!layoutBins(m_run.last()->layers[kLayer]).hasMixing());
        const auto layout = layoutBins(mixed()->layers[kLayer]);
        QVERIFY(layout.hasMixing());
        for (std::size_t j = 0; j < kMixing.size(); ++j)
            QCOMPARE(layout.cells[j].mixing, kMixing[j]);
        QCOMPARE(layout.weights, static_cast<double>(m_run.description->layers[kLayer].weightCount));
    }

    void theHistogramShowsThemWhereTheyAreLearnt()
    {
        HistogramView view;
        view.setTheme(PlotTheme::light());
        view.setData({m_run.description, nullptr, m_run.history, engine::LayerId{static_cast<std::uint16_t>(kLayer)}});
        view.resize(900, 600);
        view.show();
        const QImage uniform = picture(view, m_run.last());
        QVERIFY(!uniform.isNull());
        QVERIFY(!said(view).contains(QStringLiteral("mixing")));
        const auto columns = view.table().columns.size();
        const QImage learnt = picture(view, mixed());
        QVERIFY(learnt != uniform);
        QVERIFY2(said(view).contains(QStringLiteral("mixing proportion π: 40")), qPrintable(said(view)));
        QCOMPARE(view.table().columns.size(), columns + 1);
        QCOMPARE(view.table().columns.last().values, QList<double>(kMixing.begin(), kMixing.end()));
        QVERIFY(picture(view, m_run.last()) == uniform); // the key has left the legend again
        QVERIFY(picture(view, mixed()) == learnt);
    }
};

QTEST_MAIN(TstMixingPlots)
#include "tst_mixingplots.moc"
