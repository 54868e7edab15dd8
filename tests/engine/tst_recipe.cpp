// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/recipes/recipe.h"
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>
#include <random>

using namespace engine;

namespace {

/// Some value of the row's range, by chance.
ParameterValue someValue(const ParameterSpec &row, std::mt19937 &random)
{
    const auto share = std::uniform_real_distribution<double>{0.0, 1.0}(random);
    if (const auto *real = std::get_if<RealRange>(&row.range))
        return real->min + share * (real->max - real->min);
    if (const auto *whole = std::get_if<WholeRange>(&row.range))
        return whole->min +
               static_cast<std::int64_t>(share * static_cast<double>(std::min<std::int64_t>(whole->max - whole->min, 1 << 20)));
    if (const auto *choice = std::get_if<ChoiceRange>(&row.range))
        return std::string{choice->choices[static_cast<std::size_t>(share * static_cast<double>(choice->choices.size()))]};
    if (row.id == ParameterId::Layers)
        return std::string{"features.*:k=16,lambda=0.25; classifier.5:init=linear"};
    return std::string{"cifar10:/a folder/with \"quotes\", a \\ and a #"};
}

} // namespace

class TstRecipe : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anySettingsReadBackEqual()
    {
        std::mt19937 random{7};
        int tried = 0;
        for (int round = 0; round < 300; ++round) {
            Settings settings;
            for (const auto &row : parameterTable())
                QVERIFY(settings.set(row.id, someValue(row, random)));
            if (!settings.checkTogether())
                continue;
            ++tried;
            const auto read = parseRecipe(recipeText({settings, {}}, "a title\nof two lines"), "text");
            QVERIFY2(read, read ? "" : read.error().text.c_str());
            QVERIFY(read->settings == settings && read->changes.empty());
        }
        QVERIFY(tried > 50);
    }

    void whatIsMissingKeepsItsDefault()
    {
        const auto read = parseRecipe("k = 7\npin-zero = true\nlambda = 2\n", "text");
        QVERIFY(read);
        Settings expected;
        QVERIFY(expected.setText(ParameterId::CodebookSize, "7") && expected.setText(ParameterId::PinZero, "on") &&
                expected.setText(ParameterId::Lambda, "2"));
        QVERIFY(read->settings == expected);
        QVERIFY(parseRecipe("", "text")->settings == Settings{});
    }

    void mistakesAreNamed_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        QTest::newRow("not TOML") << QByteArray{"k = 4\nlambda = = 3\n"} << int(ErrorCode::BadFormat) << "line 2";
        QTest::newRow("a key twice") << QByteArray{"k = 4\nk = 5\n"} << int(ErrorCode::BadFormat) << "line 2";
        QTest::newRow("unknown key") << QByteArray{"\n\nlamda = 3\n"} << int(ErrorCode::BadValue)
                                     << "line 3: expected a parameter that `condensate train --help` lists, found \"lamda\"";
        QTest::newRow("wrong type") << QByteArray{"k = \"four\"\n"} << int(ErrorCode::BadValue) << "line 1";
        QTest::newRow("a list") << QByteArray{"k = [4]\n"} << int(ErrorCode::BadValue) << "found something else";
        QTest::newRow("a table") << QByteArray{"[k]\n"} << int(ErrorCode::BadValue) << "k: expected a number";
        QTest::newRow("out of range") << QByteArray{"k = 0\n"} << int(ErrorCode::BadValue) << "256";
        QTest::newRow("not in the list") << QByteArray{"forward = \"sideways\"\n"} << int(ErrorCode::BadValue) << "snapped";
        QTest::newRow("do not fit together") << QByteArray{"warmup-share = 0.9\ncommit-share = 0.9\n"} << int(ErrorCode::BadValue)
                                             << "commit-share";
        QTest::newRow("bad rules") << QByteArray{"layers = \"a:b=3\"\n"} << int(ErrorCode::BadValue) << "b=3";
        QTest::newRow("of a later version") << QByteArray{"recipe-format = 3\n"} << int(ErrorCode::TooNew) << "format 3";
        QTest::newRow("no format") << QByteArray{"recipe-format = \"new\"\n"} << int(ErrorCode::BadFormat) << "recipe-format";
        const auto bad = [](const char *name, const char *text, const char *says, ErrorCode code = ErrorCode::BadValue) {
            QTest::newRow(name) << QByteArray{text} << int(code) << says;
        };
        bad("a later version with changes", "k = 4\nrecipe-format = 3\n[[at]]\nstep = 1\nwarp = 9\n", "line", ErrorCode::TooNew);
        bad("a change without a step", "k = 4\n\n[[at]]\nlambda = 1\n", "line 3: expected step = a number from 0 on in [[at]]");
        bad("a step below 0", "[[at]]\nstep = -1\nlambda = 1\n", "line 1: expected step");
        bad("a step in words", "[[at]]\nstep = \"ten\"\nlambda = 1\n", "line 1: expected step");
        bad("half a step", "[[at]]\nstep = 1.5\nlambda = 1\n", "line 1: expected step");
        bad("an unknown key at a step", "[[at]]\nstep = 1\nlamda = 1\n",
            "line 3: expected a parameter that `condensate train --help` lists, found \"lamda\"");
        bad("out of range at a step", "[[at]]\nstep = 1\n\n\nlambda = -1\n", "line 5: lambda: expected");
        bad("a stage that is not next", "[[at]]\nstep = 1\nnext-stage = false\n", "line 3: next-stage: expected true");
        bad("a layer without λ", "[[at]]\nstep = 1\nlayer = \"features.3\"\n", "line 3: layer: expected the name of one");
        bad("a layer and more", "[[at]]\nstep = 1\nlayer = \"a\"\nlambda = 1\nlr = 1\n", "line 3: layer: expected");
        bad("a layer's λ in words", "[[at]]\nstep = 1\nlayer = \"a\"\nlambda = \"much\"\n", "line 4: lambda: expected");
        bad("no tables", "at = 3\n", "line 1: at: expected [[at]]", ErrorCode::BadFormat);
        bad("no table among them", "at = [3]\n", "line 1: expected [[at]] with keys", ErrorCode::BadFormat);
        QTest::newRow("bytes") << QByteArray{"\xff\xfe\x00\x01", 4} << int(ErrorCode::BadFormat) << "line 1";
    }
    void mistakesAreNamed()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, code);
        QFETCH(QString, says);
        const auto read = parseRecipe({text.constData(), static_cast<std::size_t>(text.size())}, "my.toml");
        QVERIFY(!read);
        QCOMPARE(int(read.error().code), code);
        const auto sentence = QString::fromStdString(read.error().text);
        QVERIFY2(sentence.startsWith(QStringLiteral("my.toml")) && sentence.contains(says), qPrintable(sentence));
    }

    /// Whatever their order in the text, changes are in order of their steps.
    void changesReadBackEqual()
    {
        const auto at = [](std::uint64_t step, LogEntry::What what) {
            return LogEntry{.step = Step{step}, .by = Author::File, .time = 0, .what = std::move(what)};
        };
        const std::vector<LogEntry> changes{at(0, SetParameter{ParameterId::CodebookSize, std::int64_t{8}}),
                                            at(3, SetParameter{ParameterId::Lambda, 0.1 + 0.2}),
                                            at(3, SetParameter{ParameterId::Layers, std::string{"a\\b \"c\":k=3"}}),
                                            at(3, NextStage{}),
                                            at(9, SetLayerLambda{"features.0[0:3]", 1e-300}),
                                            at(std::uint64_t{1} << 40, SetLayerLambda{"größe", std::nullopt})};
        const auto text = recipeText({{}, changes}, "steered");
        QVERIFY(text.find("recipe-format = 2\n") != std::string::npos);
        const auto read = parseRecipe(text, "text");
        QVERIFY2(read, read ? "" : read.error().text.c_str());
        QVERIFY(read->changes == changes);
        QVERIFY(recipeText({{}, {}}, "plain").find("recipe-format = 1\n") != std::string::npos);
        const auto mixed = parseRecipe("[[at]]\nstep = 9\nlambda = 2\n[[at]]\nstep = 1\nnext-stage = true\nlr = 1\n", "text");
        QVERIFY(mixed);
        QCOMPARE(mixed->changes.size(), 3u);
        QVERIFY(mixed->changes.back() == at(9, SetParameter{ParameterId::Lambda, 2.0}));
    }

    void files()
    {
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("a.toml")).toStdString();
        QCOMPARE(int(readRecipe(file).error().code), int(ErrorCode::NotFound));
        Settings settings;
        QVERIFY(settings.setText(ParameterId::Lambda, "0.3"));
        QVERIFY(writeRecipe({settings, {}}, "mine", file));
        QVERIFY(readRecipe(file)->settings == settings);
        QCOMPARE(QDir{folder.path()}.entryList(QDir::Files), QStringList{QStringLiteral("a.toml")}); // nothing left beside it
        QVERIFY(!writeRecipe({settings, {}}, "mine", "/no/such/folder/a.toml"));
        QVERIFY(!readRecipe(folder.path().toStdString())); // a folder
        std::filesystem::resize_file(file, 2 << 20);
        QCOMPARE(int(readRecipe(file).error().code), int(ErrorCode::BadFormat)); // some other file
    }

    void thoseThatShip()
    {
        const QDir shipped{QStringLiteral(TEST_SOURCE_DIR "/../resources/recipes")};
        const auto names = shipped.entryList({QStringLiteral("*.toml")}, QDir::Files);
        QCOMPARE(names.size(), 6);
        for (const auto &name : names) {
            const auto read = readRecipe(shipped.filePath(name).toStdString());
            QVERIFY2(read, read ? "" : read.error().text.c_str());
            QFile file{shipped.filePath(name)};
            QVERIFY(file.open(QIODevice::ReadOnly) && file.readLine().startsWith("# ")); // its title in the window
        }
        QVERIFY(readRecipe(shipped.filePath(QStringLiteral("fashion-mnist.toml")).toStdString())->settings ==
                Settings{}); // the default experiment
    }
};

QTEST_APPLESS_MAIN(TstRecipe)
#include "tst_recipe.moc"
