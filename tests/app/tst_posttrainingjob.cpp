// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "tests/support/quickrun.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/plotdock.h"
#include "widgets/plots/tradeoffview.h"
#include <QAction>
#include <algorithm>
#include <cmath>

using app::MainWindow;
using widgets::RunState;

/// The button in the title bar of the trade-off: the window has the program itself measure.
class TstPostTrainingJob : public QObject {
    Q_OBJECT

    static constexpr int kPoints = 40; // four quantizers, ten k
    OwnFolder m_folder;

    static MainWindow::Options options(const engine::Settings &settings)
    {
        return {.settings = settings, .remember = false, .program = QStringLiteral(CONDENSATE_PROGRAM)};
    }
    static QAction *action(const MainWindow &window) { return window.findChild<QAction *>(QStringLiteral("postTraining")); }
    static bool isMeasuring(const MainWindow &window) { return action(window)->text().startsWith(QStringLiteral("Cancel")); }
    static const widgets::PostTrainingCurves &curves(const MainWindow &window) { return window.docks().tradeoffView->postTraining(); }
    static QString message(const MainWindow &window) { return window.findChild<widgets::MessageBar *>()->text(); }
    /// Presses the button that the dock has for it.
    static void press(const MainWindow &window)
    {
        for (auto *button : window.docks().tradeoff->findChildren<QToolButton *>())
            if (button->defaultAction() == action(window))
                return QTest::mouseClick(button, Qt::LeftButton);
        QFAIL("there is no button");
    }
    static void pauseBehind(MainWindow &window, std::uint64_t step)
    {
        QTRY_VERIFY_WITH_TIMEOUT(count(window.run().step()) > step, 60000);
        click(window, "pauseButton");
        QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 20000);
    }

private Q_SLOTS:
    void init() { OwnFolder::clearSettings(); }

    void measuresWhileTheRunGoesOn()
    {
        MainWindow window{options(shortRun())};
        window.show();
        QVERIFY(!action(window)->isEnabled() && action(window)->toolTip().contains(QStringLiteral("no run yet")));
        window.startRun();
        QTRY_VERIFY_WITH_TIMEOUT(count(window.run().step()) > 20, 60000);
        const auto before = count(window.run().step());
        press(window);
        QVERIFY(isMeasuring(window));
        QTRY_VERIFY_WITH_TIMEOUT(!curves(window).empty(), 60000);
        QVERIFY(curves(window).expected == kPoints || curves(window).measured() == kPoints);
        QTRY_VERIFY_WITH_TIMEOUT(!isMeasuring(window), 60000);
        QCOMPARE(window.run().state(), RunState::Running);
        QCOMPARE(curves(window).measured(), kPoints);
        QCOMPARE(curves(window).expected, 0);
        const auto at = count(curves(window).step);
        QVERIFY2(at >= before && count(window.run().step()) > at, qPrintable(QString::number(at)));
        for (const auto &curve : curves(window).curves) {
            QCOMPARE(curve.points.size(), std::size_t{10});
            QVERIFY(std::ranges::is_sorted(curve.points, {}, &widgets::PostTrainingPoint::k));
            QVERIFY(curve.points.back().fixedBytes > curve.points.front().fixedBytes &&
                    curve.points.back().floatBytes > curve.points.back().fixedBytes);
        }
        QVERIFY(message(window).isEmpty());
        leave(window);
    }

    void measuresTheWeightsOfThisMomentOnTheSameImages()
    {
        MainWindow window{options(shortRun())};
        window.show();
        window.startRun();
        pauseBehind(window, 100);
        auto *lambda = window.findChild<QWidget *>(QStringLiteral("lambda")); // a paused run that is changed measures itself
        lambda->setFocus();
        QTest::keyClick(lambda, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(lambda, QStringLiteral("0.5"));
        QTest::keyClick(lambda, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(window.parameters().settings().real(engine::ParameterId::Lambda), 0.5, 20000);
        QTRY_VERIFY(window.run().frame() && window.run().frame()->step == window.run().step());
        press(window);
        QTRY_VERIFY_WITH_TIMEOUT(curves(window).measured() == kPoints && !isMeasuring(window), 60000);
        QVERIFY(curves(window).step == window.run().step());
        const double latent = window.run().frame()->latentAccuracy;
        for (const auto &curve : curves(window).curves)
            QVERIFY2(std::abs(curve.points.back().accuracy - latent) <= 0.015,
                     qPrintable(QStringLiteral("%1: %2, latent %3").arg(curve.method).arg(curve.points.back().accuracy).arg(latent)));
        leave(window);
    }

    void aSecondClickGivesUp()
    {
        MainWindow window{options(shortRun())};
        window.show();
        window.startRun();
        QTRY_VERIFY_WITH_TIMEOUT(window.run().canSave() && count(window.run().step()) > 0, 60000);
        press(window);
        press(window); // before the run was copied
        QVERIFY(!isMeasuring(window) && curves(window).empty());
        press(window);
        QTRY_VERIFY_WITH_TIMEOUT(!curves(window).empty(), 60000);
        if (isMeasuring(window))
            press(window);
        QVERIFY(!isMeasuring(window));
        const int measured = curves(window).measured();
        QVERIFY(measured > 0 && measured < kPoints);
        QCOMPARE(curves(window).expected, 0);
        pauseBehind(window, count(window.run().step()) + 50);
        QCOMPARE(curves(window).measured(), measured); // what was measured stays, and no more comes
        QVERIFY2(message(window).isEmpty(), qPrintable(message(window)));

        window.startRun(); // another run
        QTRY_VERIFY(question(window));
        answer(window, "leaveNow");
        QTRY_VERIFY(curves(window).empty());
        leave(window);
    }

    void anotherRunEndsTheMeasurement_data()
    {
        QTest::addColumn<bool>("isCopied");
        QTest::newRow("while the run is copied") << false;
        QTest::newRow("while it is measured") << true;
    }
    void anotherRunEndsTheMeasurement()
    {
        QFETCH(bool, isCopied);
        MainWindow window{options(shortRun())};
        window.show();
        window.startRun(true);
        QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
        press(window);
        QVERIFY(isMeasuring(window));
        if (isCopied)
            QTRY_VERIFY_WITH_TIMEOUT(!curves(window).empty(), 60000);
        window.startRun(true);
        QVERIFY(!isMeasuring(window) && curves(window).empty());
        leave(window);
    }

    void onlyWhileThereIsAFloatNetwork_data()
    {
        QTest::addColumn<QByteArray>("forward");
        QTest::addColumn<QByteArray>("commit");
        QTest::addColumn<bool>("can");
        QTest::newRow("committed") << QByteArray{"snapped"} << QByteArray{"0.1"} << false;
        QTest::newRow("not committed") << QByteArray{"snapped"} << QByteArray{"0"} << true;
        QTest::newRow("float") << QByteArray{"float"} << QByteArray{"0.1"} << true;
    }
    void onlyWhileThereIsAFloatNetwork()
    {
        QFETCH(QByteArray, forward);
        QFETCH(QByteArray, commit);
        QFETCH(bool, can);
        MainWindow window{options(
            support::quick({{engine::ParameterId::Forward, forward.constData()}, {engine::ParameterId::CommitShare, commit.constData()}}))};
        window.show();
        window.startRun();
        QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Finished, 60000);
        QCOMPARE(action(window)->isEnabled(), can);
        QCOMPARE(action(window)->toolTip().contains(QStringLiteral("commit stage")), !can);
        leave(window);
    }
};

QTEST_MAIN(TstPostTrainingJob)
#include "tst_posttrainingjob.moc"
