// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/effects.h"
#include "engine/core/parameters.h"
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
        const auto layer = with("").layer("features.0");
        QCOMPARE(layer.k, 4);
        QVERIFY(!layer.lambda);
        QCOMPARE(layer.regularizer, std::string{"nearest-l2"});
        QCOMPARE(layer.initialiser, Initialiser::KMeans);
    }

    void theLastRuleThatFitsCounts()
    {
        const Settings settings = with(" features.*: k=16, lambda = 0.3 ; *.3:k=8,regularizer=harmonic;classifier.?:init=linear; ");
        const auto first = settings.layer("features.0"), third = settings.layer("features.3"),
                   last = settings.layer("classifier.5");
        QCOMPARE(first.k, 16);
        QCOMPARE(first.lambda, std::optional{0.3});
        QCOMPARE(first.regularizer, std::string{"nearest-l2"});
        QCOMPARE(third.k, 8);
        QCOMPARE(third.lambda, std::optional{0.3}); // from the rule before: this one says nothing of it
        QCOMPARE(third.regularizer, std::string{"harmonic"});
        QCOMPARE(last.k, 4);
        QCOMPARE(last.initialiser, Initialiser::Linear);
    }

    void aRampIsGivenInParts()
    {
        const Settings settings = with("*:ramp=linear,ramp-share=0.5; classifier.*:ramp-start=0.1,ramp-share=1");
        const auto first = settings.layer("features.0"), last = settings.layer("classifier.5");
        QCOMPARE(first.ramp, std::optional{RampShape::Linear});
        QVERIFY(!first.rampStart); // the global one, also when that changes
        QCOMPARE(first.rampShare, std::optional{0.5});
        QCOMPARE(last.ramp, std::optional{RampShape::Linear});
        QCOMPARE(last.rampStart, std::optional{0.1});
        QCOMPARE(last.rampShare, std::optional{1.0});
    }

    void floatLayersStayAsTheyAre()
    {
        const Settings settings = with("*:float; classifier.*:k=8; classifier.5:float");
        const std::vector<std::string> layers{"features.0", "classifier.1", "classifier.5"};
        QVERIFY((floatLayers(settings, layers) == std::vector<std::string>{"features.0", "classifier.5"}));
        QCOMPARE(settings.layer("classifier.1").k, 8);
        QVERIFY(checkLayerRules(settings, layers));
        QVERIFY(!checkLayerRules(with("*:float"), layers));
    }

    /// Whatever settings a layer is to have, beside whatever patterns: the rules that are written give them.
    void rulesAreWrittenForWhatIsWanted()
    {
        const std::vector<std::string> names{"features.0", "features.3", "classifier.1", "classifier.5"};
        const std::array texts{"", "features.*:k=16,lambda=0.3", "*:float; classifier.*:k=8",
                               "classifier.5:init=linear; *.3:regularizer=harmonic; features.0:float",
                               "*:ramp=linear,ramp-share=0.5; classifier.*:ramp-start=0.1"};
        std::mt19937 random{3};
        const auto oneOf = [&](const auto &values) { return values[random() % std::size(values)]; };
        for (int round = 0; round < 2000; ++round) {
            const Settings before = with(oneOf(texts));
            std::vector<LayerSettings> wanted;
            for (std::size_t i = 0; i < names.size(); ++i)
                wanted.push_back(
                    {.isFloat = random() % 4 == 0,
                     .k = oneOf(std::array<std::int64_t, 3>{4, 8, 16}),
                     .lambda = oneOf(std::array<std::optional<double>, 3>{std::nullopt, 0.3, 0.1 + 0.2}),
                     .regularizer = oneOf(std::array{"nearest-l2", "harmonic"}),
                     .initialiser = oneOf(std::array{Initialiser::KMeans, Initialiser::Linear}),
                     .ramp = oneOf(std::array<std::optional<RampShape>, 3>{std::nullopt, RampShape::Linear, RampShape::Exponential}),
                     .rampStart = oneOf(std::array<std::optional<double>, 3>{std::nullopt, 0.01, 0.3}),
                     .rampShare = oneOf(std::array<std::optional<double>, 3>{std::nullopt, 0.0, 1.0})});
            const std::string rules = layerRulesFor(before, names, wanted).text();
            const Settings after = with(rules.c_str());
            for (std::size_t i = 0; i < names.size(); ++i) {
                const LayerSettings found = after.layer(names[i]);
                QVERIFY2(found.isFloat == wanted[i].isFloat, rules.c_str());
                if (wanted[i].isFloat)
                    continue;
                QCOMPARE(found.k, wanted[i].k);
                QCOMPARE(found.lambda.value_or(before.real(ParameterId::Lambda)),
                         wanted[i].lambda.value_or(before.real(ParameterId::Lambda)));
                QCOMPARE(found.regularizer, wanted[i].regularizer);
                QCOMPARE(found.initialiser, wanted[i].initialiser);
                QCOMPARE(found.ramp.value_or(before.choice<RampShape>()), wanted[i].ramp.value_or(before.choice<RampShape>()));
                QCOMPARE(found.rampStart.value_or(before.real(ParameterId::RampStart)),
                         wanted[i].rampStart.value_or(before.real(ParameterId::RampStart)));
                QCOMPARE(found.rampShare.value_or(before.real(ParameterId::RampShare)),
                         wanted[i].rampShare.value_or(before.real(ParameterId::RampShare)));
            }
            QCOMPARE(layerRulesFor(after, names, wanted).text(), rules); // written again they stay
        }
    }

    void onlyWhatDiffersBecomesARule()
    {
        const std::vector<std::string> names{"features.0", "classifier.5"};
        const Settings settings = with("features.*:k=16; classifier.5:float");
        std::vector<LayerSettings> wanted{settings.layer(names[0]), settings.layer(names[1])};
        QCOMPARE(layerRulesFor(settings, names, wanted).text(), std::string{"features.*:k=16; classifier.5:float"});
        wanted[1].isFloat = false;
        QCOMPARE(layerRulesFor(settings, names, wanted).text(), std::string{"features.*:k=16"});
        wanted[0].lambda = 0.5;
        QCOMPARE(layerRulesFor(settings, names, wanted).text(), std::string{"features.*:k=16; features.0:lambda=0.5"});
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
        QTest::newRow("a start beyond the target") << QByteArray{"a:ramp-start=2"} << QStringLiteral("ramp-start");
        QTest::newRow("unknown ramp") << QByteArray{"a:ramp=steep"} << QStringLiteral("exponential");
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
        QVERIFY2(refused.error().text.find("feature.*") != std::string::npos &&
                     refused.error().text.find("classifier.1") != std::string::npos,
                 refused.error().text.c_str());
    }

    void aRuleThatChangesNothingIsTold_data()
    {
        QTest::addColumn<QByteArray>("rules");
        QTest::addColumn<QByteArray>("others"); // key=value
        QTest::addColumn<QStringList>("told");
        const QString ramp = QStringLiteral("layers, rule \"features.*\": ramp has no effect: "),
                      shape = QStringLiteral("its layers stay float or have a ramp of no length.");
        QTest::newRow("none") << QByteArray{} << QByteArray{} << QStringList{};
        QTest::newRow("rules that say something")
            << QByteArray{"*:float; features.*:k=4,ramp=linear; classifier.1:lambda=0.1"} << QByteArray{} << QStringList{};
        QTest::newRow("replaced") << QByteArray{"features.*:ramp=linear; *:ramp=exponential"} << QByteArray{}
                                  << QStringList{ramp + "later rules say otherwise."};
        QTest::newRow("replaced for some") << QByteArray{"*:ramp=linear; classifier.*:ramp=exponential"} << QByteArray{} << QStringList{};
        QTest::newRow("no length") << QByteArray{"features.*:ramp=linear,ramp-share=0"} << QByteArray{} << QStringList{ramp + shape};
        QTest::newRow("no length in the network")
            << QByteArray{"features.*:ramp=linear"} << QByteArray{"ramp-share=0"} << QStringList{ramp + shape};
        QTest::newRow("a length for one layer")
            << QByteArray{"features.*:ramp=linear; features.3:ramp-share=1"} << QByteArray{"ramp-share=0"} << QStringList{};
        QTest::newRow("float layers") << QByteArray{"features.*:ramp=linear,float"} << QByteArray{} << QStringList{ramp + shape};
        QTest::newRow("a float network") << QByteArray{"features.*:ramp=linear,k=8"} << QByteArray{"forward=float"}
                                         << QStringList{ramp + "a float network has no regularizer."};
    }
    void aRuleThatChangesNothingIsTold()
    {
        QFETCH(QByteArray, rules);
        QFETCH(QByteArray, others);
        QFETCH(QStringList, told);
        Settings settings = with(rules.constData());
        if (!others.isEmpty())
            QVERIFY(settings.setText(findParameter(others.split('=')[0].constData())->id, others.split('=')[1].constData()));
        QStringList found;
        for (const auto &sentence :
             rulesWithoutEffect(settings, std::vector<std::string>{"features.0", "features.3", "classifier.1", "classifier.5"}))
            found << QString::fromStdString(sentence);
        QCOMPARE(found, told);
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
