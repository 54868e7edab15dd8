// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/layerrules.h"
#include <QtTest>
#include <array>
#include <random>

using namespace engine;

namespace {

Settings with(const char *rules)
{
    Settings settings;
    if (!settings.setText(ParameterId::Layers, rules))
        qFatal("the rules were refused");
    return settings;
}

} // namespace

class TstLayerRules : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void withoutRulesTheGlobalSettingsCount()
    {
        const auto layer = settingsOf(with(""), "features.0");
        QCOMPARE(layer.k, 4);
        QVERIFY(!layer.lambda);
        QCOMPARE(layer.regularizer, std::string{"nearest-l2"});
        QCOMPARE(layer.initialiser, std::string{"kmeans"});
    }

    void theLastRuleThatFitsCounts()
    {
        const Settings settings = with(" features.*: k=16, lambda = 0.3 ; *.3:k=8,regularizer=harmonic;classifier.?:init=linear; ");
        const auto first = settingsOf(settings, "features.0"), third = settingsOf(settings, "features.3"), last = settingsOf(settings, "classifier.5");
        QCOMPARE(first.k, 16);
        QCOMPARE(first.lambda, std::optional{0.3});
        QCOMPARE(first.regularizer, std::string{"nearest-l2"});
        QCOMPARE(third.k, 8);
        QCOMPARE(third.lambda, std::optional{0.3}); // from the rule before: this one says nothing of it
        QCOMPARE(third.regularizer, std::string{"harmonic"});
        QCOMPARE(last.k, 4);
        QCOMPARE(last.initialiser, std::string{"linear"});
    }

    void floatLayersStayAsTheyAre()
    {
        const Settings settings = with("*:float; classifier.*:k=8; classifier.5:float");
        const std::vector<std::string> layers{"features.0", "classifier.1", "classifier.5"};
        QVERIFY((floatLayers(settings, layers) == std::vector<std::string>{"features.0", "classifier.5"}));
        QCOMPARE(settingsOf(settings, "classifier.1").k, 8);
        QVERIFY(checkLayerRules(settings, layers));
        QVERIFY(!checkLayerRules(with("*:float"), layers));
    }

    /// Whatever settings a layer is to have, beside whatever patterns: the rules that are written give them.
    void rulesAreWrittenForWhatIsWanted()
    {
        const std::vector<std::string> names{"features.0", "features.3", "classifier.1", "classifier.5"};
        const std::array texts{"", "features.*:k=16,lambda=0.3", "*:float; classifier.*:k=8", "classifier.5:init=linear; *.3:regularizer=harmonic; features.0:float"};
        std::mt19937 random{3};
        const auto oneOf = [&](const auto &values) { return values[random() % std::size(values)]; };
        for (int round = 0; round < 2000; ++round) {
            const Settings before = with(oneOf(texts));
            std::vector<LayerSettings> wanted;
            for (std::size_t i = 0; i < names.size(); ++i)
                wanted.push_back({.isFloat = random() % 4 == 0,
                                  .k = oneOf(std::array<std::int64_t, 3>{4, 8, 16}),
                                  .lambda = oneOf(std::array<std::optional<double>, 3>{std::nullopt, 0.3, 0.1 + 0.2}),
                                  .regularizer = oneOf(std::array{"nearest-l2", "harmonic"}),
                                  .initialiser = oneOf(std::array{"kmeans", "linear"})});
            const std::string rules = layerRulesFor(before, names, wanted);
            const Settings after = with(rules.c_str());
            for (std::size_t i = 0; i < names.size(); ++i) {
                const LayerSettings found = settingsOf(after, names[i]);
                QVERIFY2(found.isFloat == wanted[i].isFloat, rules.c_str());
                if (wanted[i].isFloat)
                    continue;
                QCOMPARE(found.k, wanted[i].k);
                QCOMPARE(found.lambda.value_or(before.real(ParameterId::Lambda)), wanted[i].lambda.value_or(before.real(ParameterId::Lambda)));
                QCOMPARE(found.regularizer, wanted[i].regularizer);
                QCOMPARE(found.initialiser, wanted[i].initialiser);
            }
            QCOMPARE(layerRulesFor(after, names, wanted), rules); // written again they stay
        }
    }

    void onlyWhatDiffersBecomesARule()
    {
        const std::vector<std::string> names{"features.0", "classifier.5"};
        const Settings settings = with("features.*:k=16; classifier.5:float");
        std::vector<LayerSettings> wanted{settingsOf(settings, names[0]), settingsOf(settings, names[1])};
        QCOMPARE(layerRulesFor(settings, names, wanted), std::string{"features.*:k=16; classifier.5:float"});
        wanted[1].isFloat = false;
        QCOMPARE(layerRulesFor(settings, names, wanted), std::string{"features.*:k=16"});
        wanted[0].lambda = 0.5;
        QCOMPARE(layerRulesFor(settings, names, wanted), std::string{"features.*:k=16; features.0:lambda=0.5"});
    }

    void badRulesAreNamed_data()
    {
        QTest::addColumn<QByteArray>("rules");
        QTest::addColumn<QString>("names"); // what the sentence must name
        QTest::newRow("no colon") << QByteArray{"features.0"} << QStringLiteral("\"features.0\"");
        QTest::newRow("no settings") << QByteArray{"features.0:"} << QStringLiteral("features.*:k=16");
        QTest::newRow("no pattern") << QByteArray{":k=4"} << QStringLiteral("\":k=4\"");
        QTest::newRow("unknown key") << QByteArray{"a:b=4"} << QStringLiteral("lambda=");
        QTest::newRow("not for single layers") << QByteArray{"a:epochs=4"} << QStringLiteral("epochs=4");
        QTest::newRow("no value") << QByteArray{"a:k"} << QStringLiteral("\"k\"");
        QTest::newRow("out of range") << QByteArray{"*:k=2;a:k=300"} << QStringLiteral("256");
        QTest::newRow("not a number") << QByteArray{"a:lambda=much"} << QStringLiteral("much");
        QTest::newRow("unknown regularizer") << QByteArray{"a:regularizer=x"} << QStringLiteral("harmonic");
    }
    void badRulesAreNamed()
    {
        QFETCH(QByteArray, rules);
        QFETCH(QString, names);
        Settings settings;
        const auto refused = settings.setText(ParameterId::Layers, rules.constData());
        QVERIFY(!refused);
        QVERIFY2(QString::fromStdString(refused.error().text).contains(names), refused.error().text.c_str());
        QCOMPARE(settings.text(ParameterId::Layers), std::string{}); // nothing half-taken
    }

    void aPatternThatFitsNoLayerIsRefused()
    {
        const std::vector<std::string> layers{"features.0", "classifier.1"};
        QVERIFY(checkLayerRules(with("features.*:k=2;*:lambda=1"), layers));
        const auto refused = checkLayerRules(with("feature.*:k=2"), layers);
        QVERIFY(!refused);
        QVERIFY2(refused.error().text.find("feature.*") != std::string::npos && refused.error().text.find("classifier.1") != std::string::npos,
                 refused.error().text.c_str());
    }

    void aSymmetricCodebookWithAZeroIsOddInEveryLayer()
    {
        Settings settings = with("classifier.*:k=8");
        QVERIFY(settings.setText(ParameterId::PinZero, "on"));
        QVERIFY(settings.setText(ParameterId::Symmetric, "on"));
        QVERIFY(settings.setText(ParameterId::CodebookSize, "5"));
        QVERIFY(!settings.checkTogether());
    }
};

QTEST_APPLESS_MAIN(TstLayerRules)
#include "tst_layerrules.moc"
