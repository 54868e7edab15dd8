// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/machine.h"
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <sched.h>

using Files = QMap<QString, QByteArray>; // by their place among the cgroups

/// How many processors a process may use.
class TstMachine : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void countsGrantedProcessors_data()
    {
        QTest::addColumn<QByteArray>("memberships");
        QTest::addColumn<Files>("files");
        QTest::addColumn<int>("granted"); // 0: no quota
        const QByteArray two = "0::/user.slice/job\n"; // of version 2
        const QByteArray ours = "user.slice/job/cpu.max", around = "user.slice/cpu.max";
        QTest::newRow("no cgroups at all") << QByteArray{} << Files{} << 0;
        QTest::newRow("no quota") << two << Files{{ours, "max 100000\n"}} << 0;
        QTest::newRow("whole processors") << two << Files{{ours, "300000 100000\n"}} << 3;
        QTest::newRow("a part of one is rounded up") << two << Files{{ours, "150000 100000\n"}} << 2;
        QTest::newRow("never none") << two << Files{{ours, "1000 100000\n"}} << 1;
        QTest::newRow("another period") << two << Files{{ours, "100000 25000\n"}} << 4;
        QTest::newRow("of a cgroup around it") << two << Files{{ours, "max 100000\n"}, {around, "200000 100000\n"}} << 2;
        QTest::newRow("the least of all") << two << Files{{ours, "400000 100000\n"}, {around, "700000 100000\n"}} << 4;
        QTest::newRow("in a container, whose own cgroup is mounted") << two << Files{{"cpu.max", "200000 100000\n"}} << 2;
        QTest::newRow("of the root") << QByteArray{"0::/\n"} << Files{{"cpu.max", "500000 100000\n"}} << 5;
        QTest::newRow("not of a cgroup beside it") << two << Files{{"user.slice/other/cpu.max", "100000 100000\n"}} << 0;
        const QByteArray one = "12:memory:/big\n4:cpu,cpuacct:/docker/1f3\n1:name=systemd:/docker/1f3\n0::/\n";
        const QByteArray quota = "cpu/docker/1f3/cpu.cfs_quota_us", period = "cpu/docker/1f3/cpu.cfs_period_us";
        QTest::newRow("version 1") << one << Files{{quota, "250000\n"}, {period, "100000\n"}} << 3;
        QTest::newRow("version 1 in a container")
            << one << Files{{"cpu/cpu.cfs_quota_us", "100000\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}} << 1;
        QTest::newRow("version 1 without a quota") << one << Files{{quota, "-1\n"}, {period, "100000\n"}} << 0;
        QTest::newRow("another controller whose name is like it")
            << QByteArray{"3:cpuset:/docker/1f3\n"} << Files{{quota, "100000\n"}, {period, "100000\n"}} << 0;
        QTest::newRow("no numbers") << two << Files{{ours, "many\n"}} << 0;
        QTest::newRow("no period") << two << Files{{ours, "100000 0\n"}} << 0;
        QTest::newRow("lines of another kind") << QByteArray{"\n::\nnothing\n0::/user.slice/job"}
                                               << Files{{ours, "100000 100000\n"}} << 1;
    }
    void countsGrantedProcessors()
    {
        QFETCH(QByteArray, memberships);
        QFETCH(Files, files);
        QFETCH(int, granted);
        const QTemporaryDir mounted;
        for (auto entry = files.cbegin(); entry != files.cend(); ++entry) {
            const QFileInfo place{mounted.filePath(entry.key())};
            QVERIFY(QDir{}.mkpath(place.path()));
            QFile file{place.filePath()};
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(entry.value());
        }
        const auto found = engine::grantedProcessors(memberships.toStdString(), mounted.path().toStdString());
        QCOMPARE(found.has_value(), granted > 0);
        QCOMPARE(found.value_or(0), static_cast<unsigned>(granted));
    }

    void usesThoseItMayRunOn()
    {
        const auto all = engine::usableProcessors();
        QVERIFY(all >= 1);
        cpu_set_t before, one;
        QVERIFY(::sched_getaffinity(0, sizeof before, &before) == 0);
        CPU_ZERO(&one);
        for (std::size_t processor = 0; CPU_COUNT(&one) == 0; ++processor)
            if (CPU_ISSET(processor, &before))
                CPU_SET(processor, &one);
        QVERIFY(::sched_setaffinity(0, sizeof one, &one) == 0);
        const auto few = engine::usableProcessors();
        QVERIFY(::sched_setaffinity(0, sizeof before, &before) == 0);
        QCOMPARE(few, 1u);
        QCOMPARE(engine::usableProcessors(), all);
        QVERIFY(all <= static_cast<unsigned>(CPU_COUNT(&before)));
    }
};

QTEST_GUILESS_MAIN(TstMachine)
#include "tst_machine.moc"
