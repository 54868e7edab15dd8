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

QJsonObject jsonOf(const Outcome &outcome) { return QJsonDocument::fromJson(outcome.out.toUtf8()).object(); }
QStringList complaintsOf(const Outcome &outcome) { return outcome.err.split('\n', Qt::SkipEmptyParts); }

} // namespace

/// `condensate sensitivity` and `condensate allocate`
class TstSensitivityCommands : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_float, m_committed;

    QString train(const QString &folder, const QStringList &more) const
    {
        const Outcome trained = run(QStringList{"train", "--data", "generated", "--epochs", "2", "--batch-size", "60", "--threads", "1",
                                                "--snapped-subset", "50", "--lr", "0.02", "--out", m_folder.filePath(folder), "--quiet"} +
                                    more);
        return trained.code == 0 ? m_folder.filePath(folder + "/snapshot.h5") : QString{};
    }

private slots:
    void initTestCase()
    {
        m_float = train("float", {"--forward", "float"});
        m_committed = train("snapped", {});
        QVERIFY(!m_float.isEmpty() && !m_committed.isEmpty());
    }

    void measuresEveryLayer()
    {
        const Outcome plain = run({"sensitivity", m_float, "--images", "100", "--json"});
        QCOMPARE(plain.code, 0);
        QVERIFY2(plain.err.isEmpty(), qPrintable(plain.err)); // no terminal, nothing counted
        const auto layers = jsonOf(plain)["layers"].toArray();
        QCOMPARE(layers.size(), 5);
        QCOMPARE(jsonOf(plain)["images"].toInt(), 100);
        QCOMPARE(jsonOf(plain)["step"].toInt(), 60);
        const Outcome table = run({"sensitivity", m_float, "--images", "100"});
        for (const auto &layer : layers)
            QVERIFY2(table.out.contains(layer.toObject()["name"].toString()), qPrintable(table.out));

        const Outcome counted = run({"sensitivity", m_float, "--images", "100", "--json", "--progress"});
        QCOMPARE(counted.out, plain.out);
        QCOMPARE(complaintsOf(counted), (QStringList{"2 of 12", "4 of 12", "6 of 12", "8 of 12", "10 of 12", "12 of 12"}));
        QVERIFY(counted.err.endsWith('\n') && !counted.err.contains('\r'));
    }

    void triesOtherCodebooks()
    {
        const Outcome coarse = run({"sensitivity", m_float, "--images", "100", "--json", "--k", "2"}),
                      fine = run({"sensitivity", m_float, "--images", "100", "--json", "--k", "64"});
        QCOMPARE(jsonOf(coarse)["layers"][0]["k"].toInt(), 2);
        QVERIFY(jsonOf(fine)["layers"][0]["mean_squared_error"].toDouble() <
                0.1 * jsonOf(coarse)["layers"][0]["mean_squared_error"].toDouble());
        QCOMPARE(jsonOf(fine)["latent"], jsonOf(coarse)["latent"]);
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("said");
        QTest::newRow("committed weights") << QStringList{"sensitivity", m_committed} << "expected a snapshot with latent weights";
        QTest::newRow("committed weights, counted")
            << QStringList{"sensitivity", m_committed, "--progress"} << "expected a snapshot with latent weights";
        QTest::newRow("nothing to allocate") << QStringList{"allocate", m_committed, "--bytes", "9000"}
                                             << "expected a snapshot with latent weights";
        QTest::newRow("no file") << QStringList{"sensitivity", m_folder.filePath("none.h5")} << "none.h5";
        QTest::newRow("k beyond 256") << QStringList{"sensitivity", m_float, "--k", "257"} << "--k";
        QTest::newRow("no demand") << QStringList{"allocate", m_float} << "expected --bytes or --accuracy, found";
        QTest::newRow("two demands") << QStringList{"allocate", m_float, "--bytes", "9000", "--accuracy", "50"}
                                     << "expected --bytes or --accuracy, found";
        QTest::newRow("descending candidates") << QStringList{"allocate", m_float, "--bytes", "9000", "--candidates", "4,2"} << "ascending";
    }
    void refuses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, said);
        const Outcome outcome = run(arguments);
        QCOMPARE(outcome.code, 2);
        QVERIFY(outcome.out.isEmpty());
        QVERIFY2(complaintsOf(outcome).front().startsWith("condensate: ") && complaintsOf(outcome).front().contains(said),
                 qPrintable(outcome.err));
    }

    void allocates()
    {
        const Outcome plain = run({"allocate", m_float, "--bytes", "20000", "--candidates", "2,4,16", "--images", "100", "--json"});
        QCOMPARE(plain.code, 0);
        QVERIFY2(plain.err.isEmpty(), qPrintable(plain.err));
        const auto found = jsonOf(plain);
        QVERIFY(found["meets"].toBool() && found["entropy_bytes_theoretical"].toDouble() <= 20000);
        QCOMPARE(found["layers"].toArray().size(), 5);

        const Outcome counted =
            run({"allocate", m_float, "--bytes", "20000", "--candidates", "2,4,16", "--images", "100", "--json", "--progress"});
        QCOMPARE(counted.out, plain.out);
        static const QRegularExpression count{"^(\\d+) of (\\d+)$"};
        int last = 0, previews = 0;
        for (const auto &line : complaintsOf(counted)) {
            if (const auto match = count.match(line); match.hasMatch()) {
                QCOMPARE(match.captured(1).toInt(), ++last);
                QVERIFY(last <= match.captured(2).toInt());
                continue;
            }
            const auto preview = QJsonDocument::fromJson(line.toUtf8()).object();
            QCOMPARE(preview["layers"].toArray().size(), 5);
            QVERIFY(preview["measured"]["loss"].isNull() && preview["predicted"]["loss"].isDouble());
            QCOMPARE(last, 1 + 5 * 3); // every layer with every candidate
            ++previews;
        }
        QCOMPARE(previews, 1);
    }

    void tellsWhatComesNearest()
    {
        const Outcome outcome = run({"allocate", m_float, "--bytes", "100", "--candidates", "2,4", "--images", "100", "--json"});
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.err.isEmpty(), qPrintable(outcome.err));
        QVERIFY(!jsonOf(outcome)["meets"].toBool(true));
        const auto layers = jsonOf(outcome)["layers"].toArray();
        QCOMPARE(layers.size(), 5);
        for (const auto &layer : layers)
            QCOMPARE(layer.toObject()["k"].toInt(), 2);
    }
};

QTEST_GUILESS_MAIN(TstSensitivityCommands)
#include "tst_sensitivitycommands.moc"
