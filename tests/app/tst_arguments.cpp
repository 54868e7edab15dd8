// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/runprogram.h"
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <unistd.h>

using support::Outcome;
using support::run;

namespace {

constexpr uid_t kNobody = 65534;

void write(const QString &file, const QByteArray &bytes)
{
    QFile opened{file};
    QVERIFY(opened.open(QIODevice::WriteOnly) && opened.write(bytes) == bytes.size());
}

/// As somebody whom permissions hold, which they do not hold root.
Outcome runAsNobody(const QStringList &arguments)
{
    QProcess process;
    if (::geteuid() == 0)
        process.setChildProcessModifier([] { (void)(::setgid(kNobody) == 0 && ::setuid(kNobody) == 0); });
    process.start(CONDENSATE_PROGRAM, arguments);
    process.waitForFinished(60000);
    return {process.exitCode(), QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

} // namespace

/// What commands say to wrong arguments and to files that are not what they should be: a sentence that helps.
class TstArguments : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    bool m_othersMayStartIt = false;
    QString file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }

    static void isRefused(const Outcome &outcome, const QString &sentence)
    {
        QCOMPARE(outcome.code, 2);
        const auto lines = outcome.err.split('\n');
        QCOMPARE(lines.front(), "condensate: " + sentence);
        QVERIFY2(lines.size() == 2 || (lines.size() == 3 && lines[1].startsWith("Try condensate ")), qPrintable(outcome.err));
        QVERIFY(outcome.out.isEmpty());
    }

private slots:
    void initTestCase()
    {
        m_othersMayStartIt = runAsNobody({"--version"}).code == 0;
        write(file("empty"), {});
        write(file("text"), "some text\n");
        write(file("locked"), "recipe-format = 1\n");
        QVERIFY(QDir{}.mkdir(file("folder")));
        QVERIFY(QFile::setPermissions(file("locked"), {}));
        QVERIFY(QDir{}.mkdir(file("open")));
        QVERIFY(QFile::setPermissions(m_folder.path(), QFile::permissions(m_folder.path()) | QFile::ReadOther | QFile::ExeOther));
        QVERIFY(QFile::setPermissions(file("open"), QFile::permissions(file("open")) | QFile::WriteOther | QFile::ExeOther));
    }

    void wrongArguments_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("sentence");
        const QStringList quantize{"quantize", "a.h5", "--method", "uniform", "--k"};
        QTest::newRow("a misspelt command") << QStringList{"fly"} << "expected a command or a snapshot, found \"fly\".";
        QTest::newRow("no argument") << QStringList{"info"} << "expected the argument file, found none.";
        QTest::newRow("one too many") << QStringList{"info", "a", "b"} << "expected arguments that the help lists, found \"b\".";
        QTest::newRow("an unknown flag, and nothing else")
            << QStringList{"pack", "--nonsense"} << "expected arguments that the help lists, found \"--nonsense\".";
        QTest::newRow("a flag without its value") << QStringList{"train", "--out"} << "--out: expected a value, found none.";
        QTest::newRow("a flag twice") << QStringList{"train", "--lambda", "1", "--lambda", "2"}
                                      << "--lambda: expected once, found 2 times.";
        QTest::newRow("a word for a number") << quantize + QStringList{"many"}
                                             << "--k: expected a whole number from 1 to 256, found \"many\".";
        QTest::newRow("a part of a whole number") << quantize + QStringList{"4.5"}
                                                  << "--k: expected a whole number from 1 to 256, found \"4.5\".";
        QTest::newRow("in a list") << quantize + QStringList{"4,x"} << "--k: expected a whole number from 1 to 256, found \"x\".";
        QTest::newRow("below 0") << quantize + QStringList{"4", "--seed", "-1"}
                                 << "--seed: expected a whole number from 0 on, found \"-1\".";
        QTest::newRow("no number at all") << quantize + QStringList{"4", "--prune", "nan"}
                                          << "--prune: expected a number from 0 to 100, found \"nan\".";
        QTest::newRow("too little") << quantize + QStringList{"4", "--mu", "-1"} << "--mu: expected a number from 0 on, found \"-1\".";
        QTest::newRow("none of a list") << quantize + QStringList{"4", "--scope", "all"}
                                        << "--scope: expected one of layer, unified, found \"all\".";
        QTest::newRow("no bytes") << QStringList{"allocate", "a.h5", "--bytes", "0"} << "--bytes: expected a number above 0, found \"0\".";
        QTest::newRow("infinitely many") << QStringList{"allocate", "a.h5", "--bytes", "inf"}
                                         << "--bytes: expected a number above 0, found \"inf\".";
        QTest::newRow("none of two") << QStringList{"allocate", "a.h5"} << "expected --bytes or --accuracy, found none.";
        QTest::newRow("both of two") << QStringList{"allocate", "a.h5", "--bytes", "1", "--accuracy", "2"}
                                     << "expected --bytes or --accuracy, found more than one.";
        QTest::newRow("no images") << QStringList{"sensitivity", "a.h5", "--images", "0"}
                                   << "--images: expected a whole number from 1 on, found \"0\".";
        QTest::newRow("sides beyond all numbers") << QStringList{"models", "--images", "99999999999x1x1"}
                                                  << "--images: expected CHANNELSxHEIGHTxWIDTH such as 3x32x32, found \"99999999999x1x1\".";
        QTest::newRow("a file without a name") << QStringList{"info", ""} << "file: expected a name, found \"\".";
        QTest::newRow("a folder without a name") << QStringList{"train", "--out", ""} << "--out: expected a name, found \"\".";
        QTest::newRow("an epoch that never comes") << QStringList{"--screenshot", "x.png", "--screenshot-epoch", "nan"}
                                                   << "--screenshot-epoch: expected a number from 0 on, found \"nan\".";
    }
    void wrongArguments()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, sentence);
        isRefused(run(arguments), sentence);
    }

    void theHelpThatIsNamedIsTheCommands() { QVERIFY(run({"info"}).err.endsWith("\nTry condensate info --help.\n")); }

    void wrongFiles_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("sentence");
        const QString module = "a module that torch.jit.save wrote";
        const QString weights = "a .safetensors file or a TorchScript module (torch.jit.save)";
        const std::pair<const char *, QString> kinds[] = {{"folder", "a folder"},
                                                          {"empty", "an empty file"},
                                                          {"none", "none"},
                                                          {"locked", "that it cannot be opened: Permission denied"}};
        for (const auto &[name, found] : kinds) {
            const auto path = file(name);
            const auto row = [&](const char *what, const QStringList &arguments, const QString &sentence) {
                QTest::addRow("%s: %s", what, name) << arguments << sentence;
            };
            const QStringList train{"train", "--data", "generated", "--out", file("open/run")};
            row("recipe", {"train", path, "--out", file("open/run")}, QString{"\"%1\": expected a recipe, found %2."}.arg(path, found));
            row("start weights", train + QStringList{"--weights", path},
                QString{"Start weights %1: expected %2, found %3."}.arg(path, weights, found));
            row("network", train + QStringList{"--model", "torchscript:" + path},
                QString{"TorchScript network %1: expected %2, found %3."}.arg(path, module, found));
        }
        const QString mistake = "\"%1\", line 1: expected TOML, found: Error while parsing key-value pair: expected '=', saw 't'.";
        QTest::newRow("recipe: another text") << QStringList{"train", file("text"), "--out", file("open/run")}
                                              << mistake.arg(file("text"));
    }
    void wrongFiles()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, sentence);
        if (!m_othersMayStartIt)
            QSKIP("the program may be started by its owner alone");
        isRefused(runAsNobody(arguments), sentence);
    }

    void wrongPlaces_data()
    {
        QTest::addColumn<QString>("out");
        QTest::addColumn<QString>("expected");
        QTest::newRow("a folder") << file("folder") << "a file, no folder";
        QTest::newRow("in a folder that is not there") << file("no/such") << "a file in a folder that exists";
        QTest::newRow("what is read") << file("text") << "another file than the one that is read";
    }
    void wrongPlaces()
    {
        QFETCH(QString, out);
        QFETCH(QString, expected);
        const QString source = file("text");
        for (const auto &command : {QStringList{"export", source, "--format", "onnx"}, QStringList{"unpack", source},
                                    QStringList{"quantize", source, "--method", "uniform", "--k", "4"}})
            isRefused(run(command + QStringList{"-o", out}), QString{"-o: expected %1, found %2."}.arg(expected, out));
    }

    void theWindowWantsADisplay()
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        for (const auto *name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_SESSION_TYPE"})
            environment.remove(name);
        const Outcome none = run({}, CONDENSATE_PROGRAM, environment);
        if (none.err.contains("no window"))
            QSKIP("this build has no window");
        isRefused(none, "expected a display for the window, found none (DISPLAY and WAYLAND_DISPLAY are not set); "
                        "condensate train does without.");
    }
};

QTEST_GUILESS_MAIN(TstArguments)
#include "tst_arguments.moc"
