// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/sizeaccount.h"
#include "tests/support/sampleframes.h"
#include "widgets/docks/emptyhint.h"
#include "widgets/docks/packeddock.h"
#include "widgets/link/packedpacer.h"
#include "widgets/models/packedsizemodel.h"
#include "widgets/models/texts.h"
#include <QAbstractItemModelTester>
#include <QAction>
#include <QLabel>
#include <QMainWindow>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace std::chrono_literals;
using widgets::PackedPacer;
using widgets::PackedSizeModel;
using widgets::RunModel;

namespace {

constexpr std::uint64_t kTableBytes = 20;

/// Two bits a weight, four representatives of which three are used, 100 floats.
std::shared_ptr<const engine::PackedAccount> accountOf(const engine::RunDescription &run)
{
    auto account = std::make_shared<engine::PackedAccount>();
    auto &contents = account->contents;
    contents.sections = {{"NETW", 0, 60, 0}, {"PROV", 0, 200, 0}, {"INDX", 0, 90, 0}, {"BOOK", 0, 16 * run.layers.size(), 0}};
    for (const auto &layer : run.layers) {
        engine::PackedKernelEntry entry;
        entry.name = layer.name;
        entry.kind = layer.kind;
        entry.shape = layer.shape;
        entry.channels = static_cast<std::uint64_t>(layer.shape.front());
        entry.weights = layer.weightCount;
        entry.codebook = static_cast<std::uint32_t>(contents.codebooks.size());
        entry.k = 4;
        entry.used = 3;
        entry.entropy = 1.5f;
        entry.coder = engine::Coder::Rans1;
        entry.tableBytes = kTableBytes;
        entry.stream.bytes = kTableBytes + layer.weightCount / 4;
        contents.codebooks.push_back(4);
        contents.sections.push_back({"KERN", 0, entry.stream.bytes, 0});
        contents.kernels.push_back(std::move(entry));
    }
    contents.tensors.push_back({"bias", {100}, engine::PackedTensor::Stored::Float32, 100, 0, 400});
    contents.sections.push_back({"TENS", 0, 400, 0});
    account->size = engine::accountBytes(contents);
    account->seconds = 0.5;
    return account;
}

} // namespace

class TstPackedDock : public QObject {
    Q_OBJECT

    support::SampleRun m_sample = support::condense({.frames = 20});
    std::shared_ptr<const engine::PackedAccount> m_account = accountOf(*m_sample.description);

    void prepare(RunModel &run) const
    {
        run.reset(widgets::RunState::Preparing);
        run.apply(engine::Prepared{m_sample.description, nullptr});
        run.flush();
    }
    void measured(RunModel &run) const
    {
        run.apply(engine::PackedMeasured{engine::Step{1200}, m_account});
        run.flush();
    }
    static QString cell(const PackedSizeModel &model, int row, int column) { return model.index(row, column).data().toString(); }

private Q_SLOTS:
    void theModelShowsTheAccount()
    {
        RunModel run;
        PackedSizeModel model{run};
        const QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(model.summary().isEmpty());
        prepare(run);
        model.refresh(RunModel::Everything);
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(cell(model, 0, PackedSizeModel::Name), QStringLiteral("features.0"));
        QCOMPARE(cell(model, 0, PackedSizeModel::Bytes), QStringLiteral("–"));
        QVERIFY(model.purposes().isEmpty());

        QSignalSpy changed{&model, &QAbstractItemModel::dataChanged};
        measured(run);
        model.refresh(RunModel::PackedChanged);
        QCOMPARE(changed.size(), 1);
        const auto weights = m_sample.description->layers[1].weightCount, bytes = weights / 4 + kTableBytes + 16 + 16;
        const QStringList row{"features.3", widgets::wholeNumber(weights), "4", "3", "1.500", "rans1", widgets::wholeNumber(bytes),
                              widgets::shortShare(static_cast<double>(bytes) / static_cast<double>(m_account->size.total()))};
        for (int column = 0; column < PackedSizeModel::ColumnCount; ++column)
            QCOMPARE(cell(model, 1, column), row[column]);
        QVERIFY(model.index(1, PackedSizeModel::Bytes).data(Qt::ToolTipRole).toString().contains(widgets::wholeNumber(weights / 4)));
        const auto summary = model.summary();
        for (const auto &number : {widgets::wholeNumber(m_account->size.total()), widgets::shortNumber(m_account->size.ratio()),
                                   widgets::wholeNumber(400), widgets::wholeNumber(m_account->size.floatBytes), widgets::wholeNumber(1200)})
            QVERIFY2(summary.contains(number), qPrintable(summary));
        QVERIFY(summary.contains(QStringLiteral("theory")));
        QVERIFY(model.purposes().contains(widgets::wholeNumber(m_account->size.total())));
    }

    void theColumnsExplainThemselves()
    {
        RunModel run;
        const PackedSizeModel model{run};
        for (int column = 0; column < PackedSizeModel::ColumnCount; ++column) {
            QVERIFY(model.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().size() > 20);
            QCOMPARE(model.headerData(column, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignHorizontal_Mask,
                     static_cast<int>(column == PackedSizeModel::Name ? Qt::AlignLeft : Qt::AlignRight));
        }
        QVERIFY(model.headerData(PackedSizeModel::Entropy, Qt::Horizontal).toString().contains(QStringLiteral("theory")));
    }

    void whatCannotBeMeasuredIsTold()
    {
        RunModel run;
        PackedSizeModel model{run};
        prepare(run);
        measured(run);
        run.apply(engine::PackedFailed{engine::Step{1300}, {engine::ErrorCode::NotFinite, "no <finite> number"}});
        QCOMPARE(model.summary(), QStringLiteral("no &lt;finite&gt; number"));
        measured(run);
        QVERIFY(!model.summary().contains(QStringLiteral("finite")));
        prepare(run); // another run: nothing is left of the one before
        QVERIFY(!run.packed());
    }

    void theTableSelectsTheLayer()
    {
        RunModel run;
        QMainWindow window;
        auto *dock = new widgets::PackedDock{run};
        window.addDockWidget(Qt::LeftDockWidgetArea, dock);
        window.resize(900, 300);
        window.show();
        auto *hint = dock->table().findChild<widgets::EmptyHint *>();
        QVERIFY(hint && hint->isVisible() && hint->text().contains(QStringLiteral("press Run")));
        prepare(run);
        QTRY_COMPARE(dock->table().model()->rowCount(), 5);
        QVERIFY(!hint->isVisible());
        QCOMPARE(dock->table().currentIndex().row(), static_cast<int>(index(run.selectedLayer())));
        QTest::mouseClick(dock->table().viewport(), Qt::LeftButton, {},
                          dock->table().visualRect(dock->table().model()->index(2, 0)).center());
        QCOMPARE(index(run.selectedLayer()), std::size_t{2});
        run.selectLayer(engine::LayerId{4});
        QCOMPARE(dock->table().currentIndex().row(), 4);
        const auto *summary = dock->findChild<QLabel *>(QStringLiteral("packedSummary"));
        measured(run);
        QVERIFY(summary->text().contains(widgets::wholeNumber(m_account->size.total())));
        QCOMPARE(dock->table().currentIndex().row(), 4);
    }

    void theActionIsAButton()
    {
        RunModel run;
        widgets::PackedDock dock{run};
        QAction action{QStringLiteral("Pack network…")};
        action.setObjectName(QStringLiteral("packNetwork"));
        action.setIconText(QStringLiteral("Pack…"));
        dock.addButton(&action);
        QSignalSpy triggered{&action, &QAction::triggered};
        auto *button = dock.findChild<QToolButton *>(QStringLiteral("packNetworkButton"));
        QCOMPARE(button->text(), QStringLiteral("Pack…"));
        button->click();
        QCOMPARE(triggered.size(), 1);
        action.setEnabled(false);
        QVERIFY(!button->isEnabled());
    }

    void aNarrowTableShowsAllColumns()
    {
        RunModel run;
        QMainWindow window;
        auto *dock = new widgets::PackedDock{run};
        window.addDockWidget(Qt::LeftDockWidgetArea, dock);
        window.resize(580, 200);
        window.show();
        prepare(run);
        measured(run);
        QTRY_COMPARE(dock->table().horizontalScrollBar()->maximum(), 0);
        const auto cell = dock->table().visualRect(dock->table().model()->index(0, PackedSizeModel::Share));
        QVERIFY(dock->table().viewport()->rect().contains(cell.adjusted(0, 0, -1, -1)));
    }

    void pacesByCost_data()
    {
        QTest::addColumn<qint64>("cost");
        QTest::addColumn<qint64>("wait"); // milliseconds both
        QTest::newRow("nothing to speak of") << qint64{1} << qint64{2000};
        QTest::newRow("a tenth of a second") << qint64{100} << qint64{2000};
        QTest::newRow("half a second: a twentieth of the time") << qint64{500} << qint64{10000};
    }
    void pacesByCost()
    {
        QFETCH(qint64, cost);
        QFETCH(qint64, wait);
        PackedPacer pacer;
        const PackedPacer::Time begin = 1000s;
        QVERIFY(pacer.untilNext(begin, false) == 0ns); // the first at once
        pacer.asked(begin);
        pacer.changed();
        QVERIFY(!pacer.untilNext(begin + 1h, false) && !pacer.untilNext(begin + 1h, true)); // no second before the answer
        pacer.answered(std::chrono::milliseconds{cost});
        QVERIFY(pacer.untilNext(begin, false) == std::chrono::milliseconds{wait});
        QVERIFY(pacer.untilNext(begin + std::chrono::milliseconds{wait - 1}, false) == 1ms);
        QVERIFY(pacer.untilNext(begin + 1h, false) == 0ns);
        QVERIFY(pacer.untilNext(begin, true) == 0ns); // it stands still
    }

    void asksForNothingTwice()
    {
        PackedPacer pacer;
        pacer.asked(0s);
        pacer.answered(1ms);
        QVERIFY(!pacer.untilNext(1h, true) && !pacer.untilNext(1h, false));
        pacer.changed();
        QVERIFY(pacer.untilNext(1h, false) == 0ns);
    }
};

QTEST_MAIN(TstPackedDock)
#include "tst_packeddock.moc"
