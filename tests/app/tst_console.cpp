// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/runprogram.h"
#include "tests/support/terminal.h"
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

using support::Outcome;
using support::run;
using support::runInShell;

namespace {

constexpr auto kToFullDisk = "exec \"$@\" >/dev/full";
constexpr auto kToNowhere = "exec \"$@\" >&-";
/// A reader that takes one line and goes; the code of the command, not the reader's.
const QString kIntoHead = "{ { %1; echo $? >&3; } | head -n 1 >&2; } 4>&2 3>&1 | exit $(cat)";

/// A run of a second or two.
QStringList quickTrain(const QString &out, const QStringList &more = {})
{
    return QStringList{"train", "--data", "generated", "--epochs", "2", "--batch-size", "60", "--threads", "1", "--snapped-subset", "50",
                       "--lr", "0.02", "--cluster-lr", "0.02", "--out", out} + more;
}

QByteArray contents(const QString &file)
{
    QFile opened{file};
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray{};
}

/// All that `info` tells but for times.
QString told(const QString &snapshot)
{
    QString text = run({"info", snapshot}).out;
    return text.remove(QRegularExpression{"[0-9.]+ (s|images/s)"});
}

} // namespace

/// What is printed: where it cannot be written, and as rows of progress on terminals.
class TstConsole : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }

private slots:
    void initTestCase()
    {
        const Outcome trained = run(quickTrain(file("run"), {"--reference"}));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
    }

    void whatCannotBePrintedFailsTheCommand_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const QString snapshot = file("run/snapshot.h5"), floats = file("run/reference.h5"), packed = file("run/model.cnd");
        QTest::newRow("help") << QStringList{"--help"};
        QTest::newRow("help of a command") << QStringList{"train", "--help"};
        QTest::newRow("version") << QStringList{"--version"};
        QTest::newRow("models") << QStringList{"models"};
        QTest::newRow("info of a snapshot") << QStringList{"info", snapshot};
        QTest::newRow("info of a packed file, by the launcher") << QStringList{"info", packed};
        QTest::newRow("info of a packed file, by the program") << QStringList{"info", "--json", packed};
        QTest::newRow("quantize") << QStringList{"quantize", floats, "--method", "uniform", "--k", "4"};
        QTest::newRow("sensitivity") << QStringList{"sensitivity", floats, "--images", "20"};
        QTest::newRow("allocate") << QStringList{"allocate", floats, "--images", "20", "--bytes", "100000", "--candidates", "16"};
        QTest::newRow("evaluate") << QStringList{"evaluate", packed};
        QTest::newRow("export") << QStringList{"export", packed, "-o", file("network.onnx")};
        QTest::newRow("pack") << QStringList{"pack", snapshot, "-o", file("again.cnd")};
        QTest::newRow("unpack") << QStringList{"unpack", packed, "-o", file("plain.safetensors")};
        QTest::newRow("figures") << QStringList{"figures", snapshot, "--out", file("figures")};
    }
    void whatCannotBePrintedFailsTheCommand()
    {
        QFETCH(QStringList, arguments);
        const Outcome good = run(arguments);
        if (good.err.contains("no window"))
            QSKIP("this build has no window");
        QVERIFY2(good.code == 0, qPrintable(good.err));
        for (const auto *way : {kToFullDisk, kToNowhere}) {
            const Outcome unheard = runInShell(way, arguments);
            QCOMPARE(unheard.code, 1);
            QVERIFY2(unheard.err.endsWith(".\n") && unheard.err.count("condensate: Standard output: ") == 1, qPrintable(unheard.err));
            QCOMPARE(unheard.err.count('\n'), good.err.count('\n') + 1);
        }
    }

    void whatIsNoGoodStaysSo()
    {
        for (const auto *way : {kToFullDisk, kToNowhere, "exec \"$@\" 2>/dev/full", "exec \"$@\" 2>&-"})
            QCOMPARE(runInShell(way, {"info", "/no/such.h5"}).code, 2);
    }

    void aFileThatMayNotGrowIsNoReasonToDie()
    {
        const Outcome printed = runInShell("ulimit -f 1; exec \"$@\" >" + file("printed"), {"models"});
        QVERIFY2(printed.code == 1 && printed.err.startsWith("condensate: Standard output: "), qPrintable(printed.err));
        const Outcome trained = runInShell("ulimit -f 100; exec \"$@\"", quickTrain(file("narrow"), {"--quiet"}));
        QVERIFY2(trained.code == 1 && trained.err.startsWith("condensate: ") && trained.err.contains("snapshot.h5"),
                 qPrintable(trained.err));
    }

    void trainingGoesOnUnheard_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<int>("code");
        QTest::newRow("standard error on a full disk") << "exec \"$@\" 2>/dev/full" << 0;
        QTest::newRow("standard error closed") << "exec \"$@\" 2>&-" << 0;
        QTest::newRow("standard input closed") << "exec \"$@\" <&-" << 0;
        QTest::newRow("standard output on a full disk") << kToFullDisk << 1;
        QTest::newRow("standard output closed") << kToNowhere << 1;
        QTest::newRow("all closed") << "exec \"$@\" <&- >&- 2>&-" << 1;
        QTest::newRow("the reader of the lines goes away") << kIntoHead.arg("\"$@\" --json") << 1;
        QTest::newRow("the reader of the progress goes away") << kIntoHead.arg("\"$@\" 2>&1 >&4") << 0;
    }
    void trainingGoesOnUnheard()
    {
        QFETCH(QString, script);
        QTemporaryDir folder;
        const Outcome trained = runInShell(script, quickTrain(folder.filePath("run")));
        QTEST(trained.code, "code");
        for (const auto *name : {"snapshot.h5", "model.cnd", "report.md", "recipe.toml"})
            QVERIFY2(QFile::exists(folder.filePath("run/") + name), name);
        QCOMPARE(contents(folder.filePath("run/recipe.toml")), contents(file("run/recipe.toml"))); // nothing was printed into them
        QCOMPARE(told(folder.filePath("run/snapshot.h5")), told(file("run/snapshot.h5")));
        QVERIFY(contents(folder.filePath("run/report.md")).startsWith("# lenet5 on generated"));
    }

    void rowsFitTheTerminal_data()
    {
        QTest::addColumn<int>("columns");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("40 columns") << 40 << "snapped";
        QTest::newRow("80 columns") << 80 << "latent";
        QTest::newRow("120 columns") << 120 << "images/s";
    }
    void rowsFitTheTerminal()
    {
        QFETCH(int, columns);
        QFETCH(QString, mentions);
        support::Terminal terminal{columns};
        if (!terminal.isThere())
            QSKIP("no pseudo-terminal on this machine");
        const auto rows = rowsOf(terminal, "xterm", 4);
        QVERIFY(rows.size() >= 4);
        for (const auto &row : rows) {
            QVERIFY2(row.size() < columns, qPrintable(row));
            QVERIFY2(row.contains(mentions), qPrintable(row));
        }
        QVERIFY2(rows.last().size() > columns / 2, qPrintable(rows.last())); // the room is made use of
    }

    void rowsFollowTheTerminalsWidth()
    {
        support::Terminal terminal{120};
        if (!terminal.isThere())
            QSKIP("no pseudo-terminal on this machine");
        const auto rows = rowsOf(terminal, "xterm", 6, [&](qsizetype seen) {
            if (seen >= 2)
                terminal.setColumns(50);
        });
        QVERIFY(rows.first().size() > 80);
        QVERIFY2(rows.last().size() < 50, qPrintable(rows.last()));
    }

    void aTerminalWithoutEscapesGetsLines_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("TERM is dumb") << "dumb";
        QTest::newRow("TERM is empty") << "";
        QTest::newRow("TERM is not set") << QString{};
    }
    void aTerminalWithoutEscapesGetsLines()
    {
        QFETCH(QString, kind);
        support::Terminal terminal{80};
        if (!terminal.isThere())
            QSKIP("no pseudo-terminal on this machine");
        QByteArray written;
        const auto rows = rowsOf(terminal, kind, 1, {}, &written);
        QVERIFY2(rows.isEmpty(), written.constData());
        QVERIFY2(written.contains("step 0/") && !written.contains('\x1b'), written.constData());
        QVERIFY(!written.replace("\r\n", "\n").contains('\r')); // which is how a terminal ends a line
    }

private:
    /// The rows that a run writes over each other, until there are so many, or three epochs have gone by
    /// without any; `kind` of terminal is not told where null.
    static QStringList rowsOf(const support::Terminal &terminal, const QString &kind, qsizetype wanted,
                              const std::function<void(qsizetype)> &seen = {}, QByteArray *all = nullptr)
    {
        QTemporaryDir folder;
        QProcess process;
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.remove("TERM");
        environment.remove("COLUMNS");
        if (!kind.isNull())
            environment.insert("TERM", kind);
        process.setProcessEnvironment(environment);
        terminal.attach(process);
        process.start(CONDENSATE_PROGRAM, {"train", "--data", "generated", "--epochs", "100000", "--threads", "1", "--out", folder.path()});
        static const QRegularExpression row{"\r\x1b\\[K([^\r\n]+)(?=[\r\n])"};
        QByteArray written;
        QStringList rows;
        QElapsedTimer clock;
        clock.start();
        while (rows.size() < wanted && (!rows.isEmpty() || written.count("epoch ") < 3) && clock.elapsed() < 60000) {
            written += terminal.read(1000);
            rows.clear();
            for (const auto &match : row.globalMatch(QString::fromUtf8(written)))
                rows << match.captured(1);
            if (seen)
                seen(rows.size());
        }
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        while (process.state() != QProcess::NotRunning && clock.elapsed() < 90000) {
            written += terminal.read(10); // or it would wait for a reader
            process.waitForFinished(10);
        }
        if (all)
            *all = written;
        return rows;
    }
};

QTEST_GUILESS_MAIN(TstConsole)
#include "tst_console.moc"
