// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/runprogram.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

using support::Outcome;
using support::run;

namespace {

QJsonArray rowsOf(const Outcome &outcome) { return QJsonDocument::fromJson(outcome.out.toUtf8()).array(); }

} // namespace

/// `condensate quantize`
class TstQuantize : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        const Outcome trained =
            run({"train", "--data", "generated", "--epochs", "2", "--batch-size", "60", "--threads", "1", "--snapped-subset", "50", "--lr",
                 "0.02", "--forward", "float", "--out", m_folder.filePath("run"), "--quiet"});
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        m_snapshot = m_folder.filePath("run/snapshot.h5");
    }

    void aTableOfEveryMethod()
    {
        for (const QString method : {"uniform", "kmeans", "probabilistic", "entropy-constrained"}) {
            const Outcome json = run({"quantize", m_snapshot, "--method", method, "--k", "2,4,16", "--json"});
            const auto rows = rowsOf(json);
            QCOMPARE(rows.size(), 3);
            double bytes = 0;
            for (const auto &row : rows) {
                const auto object = row.toObject();
                const double entropy = object["theoretical_order_0_entropy_bytes"].toDouble();
                QVERIFY(entropy > bytes && entropy <= object["theoretical_fixed_length_bytes"].toDouble());
                QVERIFY(object["fine_tuned_test_accuracy"].isNull());
                bytes = entropy;
            }
            QVERIFY(rows[2].toObject()["test_accuracy"].toDouble() > 0.5);
            if (method != "uniform")
                continue;
            const Outcome table = run({"quantize", m_snapshot, "--method", method, "--k", "2,4,16"});
            QCOMPARE(table.code, 0);
            QCOMPARE(table.out.count("\n| " + method), 3);
            QVERIFY(table.out.contains("theoretical"));
            for (const auto &row : rows)
                QVERIFY2(table.out.contains(QString::number(100 * row.toObject()["test_accuracy"].toDouble(), 'f', 2) + " %"),
                         qPrintable(table.out));
        }
    }

    void fineTuningKeepsOrRaisesTheAccuracyAndTheFileHasIt()
    {
        const QString file = m_folder.filePath("quantized.h5");
        const Outcome tuned =
            run({"quantize", m_snapshot, "--method", "kmeans", "--k", "4", "--prune", "50", "--finetune", "3", "--json", "-o", file});
        QVERIFY2(tuned.code == 0, qPrintable(tuned.err));
        QCOMPARE(tuned.err.count("fine-tuning epoch"), 3);
        const auto row = rowsOf(tuned)[0].toObject();
        const double before = row["test_accuracy"].toDouble(), after = row["fine_tuned_test_accuracy"].toDouble();
        QVERIFY2(after >= before, qPrintable(QString("%1 → %2").arg(before).arg(after)));
        const Outcome info = run({"info", file, "--json"});
        QVERIFY2(info.code == 0, qPrintable(info.err));
        const auto object = QJsonDocument::fromJson(info.out.toUtf8()).object();
        QCOMPARE(object["stage"].toString(), QString("finished"));
        QCOMPARE(object["test_accuracy"].toObject()["snapped"].toDouble(), after);
        QCOMPARE(object["size"].toObject()["theoretical_order_0_entropy"].toObject()["bytes"].toDouble(),
                 row["theoretical_order_0_entropy_bytes"].toDouble());
        const auto layers = object["layers"].toArray();
        QCOMPARE(layers.size(), 5);
        for (const auto &layer : layers) {
            QVERIFY(layer.toObject()["representatives"].toArray().contains(0.0));
            QVERIFY(layer.toObject()["mean_distance"].toDouble() == 0);
        }
        const Outcome resumed = run({"train", "--resume", file, "--out", m_folder.filePath("resumed"), "--quiet"});
        QVERIFY2(resumed.code == 0, qPrintable(resumed.err));
    }

    void rowsAsTheyAreMeasured()
    {
        const Outcome outcome =
            run({"quantize", m_snapshot, "--method", "all", "--k", "2,16", "--validation", "--json-lines", "--progress"});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.err));
        QStringList counts;
        for (int done = 0; done <= 8; ++done)
            counts << QString("%1 of 8").arg(done);
        QCOMPARE(outcome.err.trimmed().split('\n'), counts);
        QStringList methods;
        for (const auto &line : outcome.out.trimmed().split('\n')) {
            const auto row = QJsonDocument::fromJson(line.toUtf8()).object();
            methods << row["method"].toString();
            QCOMPARE(row["step"].toInt(), 60);
            QVERIFY(!row.contains("test_accuracy") && row["validation_accuracy"].isDouble() &&
                    row["reestimated_validation_accuracy"].isDouble());
            QCOMPARE(row["layers"].toArray().size(), 5);
        }
        QCOMPARE(methods, (QStringList{"uniform", "uniform", "kmeans", "kmeans", "probabilistic", "probabilistic", "entropy-constrained",
                                       "entropy-constrained"}));
    }

    void severalMethodsInOneTable()
    {
        const Outcome table = run({"quantize", m_snapshot, "--method", "kmeans,uniform", "--k", "4,8", "--validation"});
        QVERIFY2(table.code == 0, qPrintable(table.err));
        QCOMPARE(table.out.count("\n| kmeans"), 2);
        QCOMPARE(table.out.count("\n| uniform"), 2);
        QVERIFY(table.out.indexOf("| kmeans") < table.out.indexOf("| uniform"));
        QVERIFY(table.out.contains("|  validation |"));
        const auto alone = rowsOf(run({"quantize", m_snapshot, "--method", "uniform", "--k", "8", "--validation", "--json"}))[0].toObject();
        QVERIFY(table.out.contains(QString::number(100 * alone["validation_accuracy"].toDouble(), 'f', 2) + " %"));
    }

    void theSeedCounts()
    {
        const auto accuracy = [&](const char *seed) {
            return run({"quantize", m_snapshot, "--method", "probabilistic", "--k", "6", "--seed", seed, "--scope", "unified", "--json"})
                .out;
        };
        const QString one = accuracy("1");
        QVERIFY(!rowsOf({0, one, {}}).isEmpty());
        QCOMPARE(accuracy("1"), one);
        QVERIFY(accuracy("2") != one);
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("no snapshot") << QStringList{"--method", "kmeans", "--k", "4"} << "snapshot";
        QTest::newRow("no such snapshot") << QStringList{"/no/such.h5", "--method", "kmeans", "--k", "4"} << "/no/such.h5";
        QTest::newRow("no method") << QStringList{"S", "--k", "4"} << "--method";
        QTest::newRow("unknown method") << QStringList{"S", "--method", "magic", "--k", "4"} << "magic";
        QTest::newRow("no k") << QStringList{"S", "--method", "kmeans"} << "--k";
        QTest::newRow("k too large") << QStringList{"S", "--method", "kmeans", "--k", "4,257"} << "257";
        QTest::newRow("k a word") << QStringList{"S", "--method", "kmeans", "--k", "4,x"} << "x";
        QTest::newRow("several k, one file") << QStringList{"S", "--method", "kmeans", "--k", "4,8", "-o", "x.h5"}
                                             << "-o: expected one k beside it, found 2";
        QTest::newRow("one of several methods unknown") << QStringList{"S", "--method", "kmeans,magic", "--k", "4"} << "magic";
        QTest::newRow("several methods, one file")
            << QStringList{"S", "--method", "kmeans,uniform", "--k", "4", "-o", "x.h5"} << "-o: expected one method beside it, found 2";
        QTest::newRow("validation and a file") << QStringList{"S", "--method", "kmeans", "--k", "4", "--validation", "-o", "x.h5"}
                                               << "--validation";
        QTest::newRow("validation and fine-tuning")
            << QStringList{"S", "--method", "kmeans", "--k", "4", "--validation", "--finetune", "1"} << "--validation";
        QTest::newRow("JSON of two kinds") << QStringList{"S", "--method", "kmeans", "--k", "4", "--json", "--json-lines"}
                                           << "--json-lines: expected alone";
        QTest::newRow("pruning with one representative")
            << QStringList{"S", "--method", "kmeans", "--k", "1", "--prune", "10"} << "--prune";
        QTest::newRow("pruning more than all") << QStringList{"S", "--method", "kmeans", "--k", "4", "--prune", "101"} << "101";
        QTest::newRow("negative mu") << QStringList{"S", "--method", "kmeans", "--k", "4", "--mu", "-1"} << "--mu";
        QTest::newRow("unknown scope") << QStringList{"S", "--method", "kmeans", "--k", "4", "--scope", "world"} << "world";
        QTest::newRow("no such folder") << QStringList{"S", "--method", "kmeans", "--k", "4", "-o", "/no/such/q.h5"} << "/no/such/q.h5";
        QTest::newRow("onto itself") << QStringList{"S", "--method", "kmeans", "--k", "4", "-o", "S"} << "another file";
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, mentions);
        arguments.replaceInStrings(QRegularExpression{"^S$"}, m_snapshot);
        const Outcome outcome = run(QStringList{"quantize"} + arguments);
        QCOMPARE(outcome.code, 2);
        QVERIFY2(outcome.err.startsWith("condensate: ") && outcome.err.contains(mentions), qPrintable(outcome.err));
    }

private:
    QTemporaryDir m_folder;
    QString m_snapshot;
};

QTEST_GUILESS_MAIN(TstQuantize)
#include "tst_quantize.moc"
