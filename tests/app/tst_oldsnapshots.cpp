// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshot.h"
#include "tests/support/haswindow.h"
#include "tests/support/runprogram.h"
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>

using namespace engine;
using support::kHasWindow;
using support::Outcome;
using support::run;

namespace {

QJsonObject readJson(const QString &file)
{
    QFile stored{file};
    return stored.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(stored.readAll()).object() : QJsonObject{};
}

/// The first place where `now` lacks something of `then` or says something else; empty if there is none.
QString difference(const QJsonValue &then, const QJsonValue &now, const QString &place = {})
{
    if (then.type() != now.type())
        return place + ": another type";
    if (then.isObject()) {
        const auto before = then.toObject(), after = now.toObject();
        for (auto entry = before.begin(); entry != before.end(); ++entry)
            if (const auto found = difference(entry.value(), after[entry.key()], place + '/' + entry.key()); !found.isEmpty())
                return found;
    } else if (then.isArray()) {
        const auto before = then.toArray(), after = now.toArray();
        if (before.size() != after.size())
            return place + ": another length";
        for (qsizetype i = 0; i < before.size(); ++i)
            if (const auto found = difference(before[i], after[i], place + '/' + QString::number(i)); !found.isEmpty())
                return found;
    } else if (then.isDouble()) {
        const double before = then.toDouble(), after = now.toDouble();
        if (std::abs(before - after) > 1e-6 * std::abs(before)) // sums may be taken in another order
            return QStringLiteral("%1: %2, now %3").arg(place).arg(before).arg(after);
    } else if (then != now) {
        return place + ": another value";
    }
    return {};
}

} // namespace

/// Snapshots that earlier versions of the program wrote, one of each version of the format. tests/golden/README.md
/// tells what lies in their folders.
class TstOldSnapshots : public QObject {
    Q_OBJECT

    const QDir m_golden{QStringLiteral(TEST_SOURCE_DIR "/golden")};
    QString golden(const QString &folder, const char *file) const { return m_golden.filePath(folder + '/' + QString::fromLatin1(file)); }
    QStringList folders() const { return m_golden.entryList({QStringLiteral("snapshot-*")}, QDir::Dirs, QDir::Name); }

    void rows() const
    {
        QTest::addColumn<QString>("folder");
        for (const auto &folder : folders())
            QTest::newRow(qPrintable(folder)) << folder;
    }

private Q_SLOTS:
    void thereIsOneOfEachVersion()
    {
        for (int minor = 0; minor < kSnapshotMinor; ++minor)
            QVERIFY2(folders().contains(QStringLiteral("snapshot-%1.%2").arg(kSnapshotMajor).arg(minor)),
                     qPrintable(QString::number(minor)));
    }

    void isReadAsItWasWritten_data() { rows(); }
    void isReadAsItWasWritten()
    {
        QFETCH(QString, folder);
        const auto expected = readJson(golden(folder, "info.json"));
        const Outcome info = run({"info", golden(folder, "run.h5"), "--json"});
        QVERIFY2(info.code == 0, qPrintable(info.err));
        QVERIFY(!expected.isEmpty());
        QCOMPARE(difference(expected, QJsonDocument::fromJson(info.out.toUtf8()).object()), QString{});

        const auto read = readSnapshot(golden(folder, "run.h5").toStdString());
        QVERIFY2(read, read ? "" : read.error().text.c_str());
        const auto first = readJson(golden(folder, "first-weights.json"));
        const auto &layers = read->run.description.layers;
        QCOMPARE(first.size(), static_cast<qsizetype>(layers.size()));
        for (std::size_t layer = 0; layer < layers.size(); ++layer) {
            const auto values = first[QString::fromStdString(layers[layer].name)].toArray();
            QCOMPARE(values.size(), 5);
            for (qsizetype i = 0; i < values.size(); ++i)
                QCOMPARE(read->training.layers[layer].weights[static_cast<std::size_t>(i)], static_cast<float>(values[i].toDouble()));
        }
        QVERIFY(std::ranges::any_of(read->run.history.samples(), [](const Sample &sample) { return sample.snappedAccuracy > 0.5; }));
    }

    void showsAndPacksAndGoesOn_data() { rows(); }
    void showsAndPacksAndGoesOn()
    {
        QFETCH(QString, folder);
        const QTemporaryDir place;
        const QString snapshot = place.filePath("run.h5"), packed = place.filePath("model.cnd"), out = place.filePath("on");
        QVERIFY(QFile::copy(golden(folder, "run.h5"), snapshot)); // a run that goes on may write to its file
        if (kHasWindow) {
            const Outcome figures = run({"figures", snapshot, "--out", place.filePath("figures")});
            QVERIFY2(figures.code == 0, qPrintable(figures.err));
            QVERIFY(QFile::exists(place.filePath("figures/tradeoff.pdf")));
        }
        const Outcome packing = run({"pack", snapshot, "-o", packed});
        QVERIFY2(packing.code == 0, qPrintable(packing.err));
        const Outcome evaluated = run({"evaluate", packed, "--json"});
        QVERIFY2(evaluated.code == 0, qPrintable(evaluated.err));
        const auto found = QJsonDocument::fromJson(evaluated.out.toUtf8()).object();
        QVERIFY2(found["same"].toBool() && found["accuracy"].toDouble() > 0.5, qPrintable(evaluated.out));

        const auto stored = readJson(golden(folder, "info.json"));
        const bool hadEnded = stored["stage"].toString() == "finished";
        const QStringList longer = hadEnded ? QStringList{"--epochs", "9"} : QStringList{};
        const Outcome resumed = run(QStringList{"train", "--resume", snapshot, "--out", out, "--json", "--quiet"} + longer);
        QVERIFY2(resumed.code == 0, qPrintable(resumed.err));
        QJsonObject finished;
        for (const auto &line : resumed.out.split('\n', Qt::SkipEmptyParts)) {
            const auto event = QJsonDocument::fromJson(line.toUtf8()).object();
            if (event["event"] == "finished")
                finished = event;
        }
        QCOMPARE(finished["step"].toInt(), stored["total_steps"].toInt() / 8 * (hadEnded ? 9 : 8)); // they had 8 epochs
        QVERIFY2(finished["snapped_test_accuracy"].toDouble() > 0.9, qPrintable(resumed.out));
        QVERIFY(readSnapshot((out + "/snapshot.h5").toStdString()));
    }
};

QTEST_GUILESS_MAIN(TstOldSnapshots)
#include "tst_oldsnapshots.moc"
