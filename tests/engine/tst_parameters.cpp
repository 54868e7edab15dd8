// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/effects.h"
#include "engine/core/parameters.h"
#include <QtTest>
#include <set>

using namespace engine;

class TstParameters : public QObject {
    Q_OBJECT
private slots:
    void tableIsWellFormed()
    {
        std::set<std::string_view> keys;
        std::size_t position = 0;
        for (const auto &row : parameterTable()) {
            QCOMPARE(static_cast<std::size_t>(row.id), position++);
            QVERIFY2(keys.insert(row.key).second, row.key.data());
            QVERIFY(!row.label.empty() && !row.group.empty());
            QVERIFY2(row.help.size() > 20, row.key.data());
            QCOMPARE(findParameter(row.key), &row);
            const Settings defaults;
            QVERIFY2(validate(row, defaults.value(row.id)).has_value(), row.key.data());
        }
        QVERIFY(!findParameter("no-such-key"));
    }

    void refuses_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("word for a number") << "lambda" << "strong" << "a number";
        QTest::newRow("trailing characters") << "lambda" << "1.0x" << "1.0x";
        QTest::newRow("nan") << "lambda" << "nan" << "nan";
        QTest::newRow("below range") << "k" << "0" << "from 1 to 256";
        QTest::newRow("above range") << "k" << "257" << "257";
        QTest::newRow("fraction for a whole number") << "epochs" << "1.5" << "whole number";
        QTest::newRow("unknown choice") << "model" << "resnet" << "lenet5, vgg-small";
        QTest::newRow("empty text") << "data" << "" << "expected a value";
        QTest::newRow("overflow") << "seed" << "99999999999999999999" << "whole number";
    }
    void refuses()
    {
        QFETCH(QString, key);
        QFETCH(QString, text);
        QFETCH(QString, mentions);
        const auto *row = findParameter(key.toStdString());
        QVERIFY(row);
        Settings settings;
        const auto before = settings.value(row->id);
        const auto set = settings.setText(row->id, text.toStdString());
        QVERIFY(!set);
        QVERIFY(set.error().code == ErrorCode::BadValue);
        const auto sentence = QString::fromStdString(set.error().text);
        QVERIFY2(sentence.startsWith(key) && sentence.contains(mentions), qPrintable(sentence));
        QVERIFY(settings.value(row->id) == before);
    }

    void textRoundTrips()
    {
        Settings settings;
        QVERIFY(settings.setText(ParameterId::Lambda, "0.1"));
        QCOMPARE(settings.real(ParameterId::Lambda), 0.1);
        QVERIFY(settings.set(ParameterId::LearningRate, 1.0 / 3.0));
        for (const auto &row : parameterTable()) {
            Settings copy;
            QVERIFY(copy.setText(row.id, toText(settings.value(row.id))));
            QVERIFY2(copy.value(row.id) == settings.value(row.id), row.key.data());
        }
    }

    void wholeNumbersAreFineReals()
    {
        Settings settings;
        QVERIFY(settings.set(ParameterId::Lambda, std::int64_t{2}));
        QCOMPARE(settings.real(ParameterId::Lambda), 2.0);
        QVERIFY(!settings.set(ParameterId::CodebookSize, 2.0));
        QVERIFY(!settings.set(ParameterId::Lambda, std::string{"2"}));
    }

    void sharesMustFitTogether()
    {
        Settings settings;
        QVERIFY(settings.checkTogether());
        QVERIFY(settings.set(ParameterId::WarmupShare, 0.8));
        QVERIFY(settings.set(ParameterId::CommitShare, 0.3));
        QVERIFY(!settings.checkTogether());
    }

    void aSymmetricCodebookWithAZeroIsOdd()
    {
        Settings settings;
        QVERIFY(settings.setText(ParameterId::PinZero, "on"));
        QVERIFY(settings.checkTogether());
        QVERIFY(settings.setText(ParameterId::Symmetric, "on"));
        QVERIFY(!settings.checkTogether()); // k = 4
        QVERIFY(settings.setText(ParameterId::CodebookSize, "5"));
        QVERIFY(settings.checkTogether());
    }

    void conflictsNameTheFieldToChange()
    {
        Settings settings;
        QVERIFY(settings.conflicts().empty());
        QVERIFY(settings.setText(ParameterId::Scope, "unified"));
        QVERIFY(settings.conflicts().empty());
        QVERIFY(settings.setText(ParameterId::Dead, "drop"));
        QVERIFY(settings.set(ParameterId::Entropy, 0.5));
        const auto conflicts = settings.conflicts();
        QCOMPARE(conflicts.size(), std::size_t{2});
        QVERIFY(conflicts[0].id == ParameterId::Entropy);
        QCOMPARE(conflicts[0].text, std::string{"entropy: expected 0 where layers share a codebook (scope = unified), found 0.5."});
        QVERIFY(conflicts[1].id == ParameterId::Dead);
        QCOMPARE(settings.checkTogether().error().text, conflicts[0].text);
    }

    void whatChangesNothingIsTold_data()
    {
        QTest::addColumn<QList<QByteArray>>("given"); // key, value, key, value …
        QTest::addColumn<QList<QByteArray>>("idle");
        using Words = QList<QByteArray>;
        QTest::newRow("defaults") << Words{} << Words{};
        QTest::newRow("temperature without soft-min") << Words{"tau-end", "0.1"} << Words{"tau-end"};
        QTest::newRow("temperature of soft-min") << Words{"tau-end", "0.1", "regularizer", "soft-min"} << Words{};
        QTest::newRow("temperature of a single layer") << Words{"tau-end", "0.1", "layers", "features.*:regularizer=soft-min"} << Words{};
        QTest::newRow("nothing to revive") << Words{"regularizer", "periodic", "dead", "revive"} << Words{"dead"};
        QTest::newRow("a layer with something to revive")
            << Words{"regularizer", "periodic", "dead", "revive", "layers", "a:regularizer=product"} << Words{};
        QTest::newRow("temperature of the entropy") << Words{"tau-start", "0.1", "entropy", "1"} << Words{};
        QTest::newRow("mixing without soft-min") << Words{"mixing", "learnt", "entropy", "1"} << Words{"mixing"};
        QTest::newRow("mixing of soft-min") << Words{"mixing", "learnt", "regularizer", "soft-min"} << Words{};
        QTest::newRow("mixing of a single layer") << Words{"mixing", "learnt", "layers", "features.*:regularizer=soft-min"} << Words{};
        QTest::newRow("mixing of single layers of another kind")
            << Words{"mixing", "learnt", "layers", "features.*:regularizer=product"} << Words{"mixing"};
        QTest::newRow("mixing of a float network")
            << Words{"forward", "float", "mixing", "learnt", "regularizer", "soft-min"} << Words{"regularizer", "mixing"};
        QTest::newRow("float") << Words{"forward", "float", "lambda", "3", "regularizer", "product"} << Words{"lambda", "regularizer"};
        QTest::newRow("a ramp of no length") << Words{"ramp-share", "0", "ramp", "linear"} << Words{"ramp"};
        QTest::newRow("a ramp for single layers") << Words{"ramp-share", "0", "ramp", "linear", "layers", "a:ramp-share=0.5"} << Words{};
        QTest::newRow("no warm-up") << Words{"warmup-share", "0", "lr", "0.1"} << Words{"lr"};
        QTest::newRow("warm-up alone") << Words{"warmup-share", "0.9", "commit-share", "0.1", "cluster-lr", "0.1"} << Words{"cluster-lr"};
    }
    void whatChangesNothingIsTold()
    {
        QFETCH(QList<QByteArray>, given);
        QFETCH(QList<QByteArray>, idle);
        Settings settings;
        for (qsizetype i = 0; i < given.size(); i += 2)
            QVERIFY(settings.setText(findParameter(given[i].constData())->id, given[i + 1].constData()));
        QList<QByteArray> found;
        for (const auto &entry : settingsWithoutEffect(settings)) {
            found << QByteArray{spec(entry.id).key.data(), static_cast<qsizetype>(spec(entry.id).key.size())};
            QVERIFY(!entry.because.empty());
        }
        QCOMPARE(found, idle);
    }
};

QTEST_APPLESS_MAIN(TstParameters)
#include "tst_parameters.moc"
