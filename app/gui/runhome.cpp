// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/runhome.h"
#include "engine/plans/plan.h"
#include "engine/recipes/recipe.h"
#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QRegularExpression>

namespace app {
namespace {

using engine::ParameterId;

QString tr(const char *text) { return QCoreApplication::translate("RunHome", text); }

/// A new folder; `what`: what is trained.
RunHome newHome(const QString &runs, const QString &what)
{
    RunHome home{.folder = nullptr, .isMade = true, .warning = {}};
    const auto moment = QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd_HH-mm-ss"));
    QString error;
    constexpr int kTries = 100; // runs begun in the same second
    for (int number = 1; number <= kTries; ++number) {
        const auto name =
            QStringLiteral("%1_%2%3").arg(moment, plainName(what), number > 1 ? QStringLiteral("_%1").arg(number) : QString{});
        const auto path = QDir{runs}.filePath(name);
        if (QDir{path}.exists())
            continue;
        auto folder = engine::RunFolder::forNewRun(path.toStdString(), engine::RunFolder::Replace::No);
        if (folder) {
            home.folder = std::make_shared<engine::RunFolder>(*std::move(folder));
            return home;
        }
        error = QString::fromStdString(folder.error().text);
        if (folder.error().code != engine::ErrorCode::InUse)
            break;
    }
    home.warning = tr("The run cannot save itself while it goes on: %1 Save it with File, Save snapshot as.").arg(error);
    return home;
}

engine::Leg legOf(const engine::RunDescription &run)
{
    const auto forward = run.settings.choice<engine::ForwardPass>();
    return {.label = std::string{engine::textOf(forward)}, .forward = forward, .isMain = true};
}

} // namespace

QString plainName(QString name)
{
    static const QRegularExpression odd{QStringLiteral("[^A-Za-z0-9._-]+")};
    name.replace(odd, QStringLiteral("-"));
    while (name.endsWith(QLatin1Char('-')))
        name.chop(1);
    constexpr qsizetype kLongest = 60;
    return name.left(kLongest);
}

QString defaultRuns()
{
    const auto chosen = qEnvironmentVariable("CONDENSATE_RUNS");
    return chosen.isEmpty() ? QDir::home().filePath(QStringLiteral("condensate-runs")) : chosen;
}

engine::KeptFiles RunHome::keeps() const
{
    if (!folder)
        return {};
    return folder->keeps({.label = {}, .forward = engine::ForwardPass::Snapped, .isMain = true}, true);
}

void RunHome::leave()
{
    if (folder && isMade && folder.use_count() == 1 && !folder->hasState())
        folder->discard();
    folder.reset();
}

std::function<engine::Result<void>(const engine::RunDescription &, const engine::RunLog &)> RunHome::ready() const
{
    if (!folder || !isMade)
        return {};
    return [kept = folder](const engine::RunDescription &run, const engine::RunLog &log) -> engine::Result<void> {
        if (auto begun = kept->begin({.legs = {legOf(run)}, .branch = {}, .changes = {}}); !begun)
            return begun;
        return engine::writeRecipe(engine::recipeOf(log), run.modelName + " on " + run.dataName, kept->file(engine::kRecipeFile));
    };
}

RunHome homeForNew(const QString &runs, const engine::Settings &settings)
{
    const auto model = engine::networkName(settings.text(ParameterId::Model));
    return newHome(
        runs, QString::fromStdString(model + "-" + settings.text(ParameterId::Data).substr(0, settings.text(ParameterId::Data).find(':'))));
}

RunHome homeForSnapshot(const QString &runs, const QString &snapshot, const std::shared_ptr<engine::RunFolder> &own)
{
    const std::filesystem::path file = snapshot.toStdString();
    if (const auto home = engine::folderOfNewest(file); home && file.filename() == engine::kSnapshotFile) {
        std::error_code none;
        if (own && std::filesystem::equivalent(*home, own->path(), none))
            return {.folder = own, .isMade = false, .warning = {}};
        auto known = engine::RunFolder::forKnownRun(*home);
        if (known)
            return {.folder = std::make_shared<engine::RunFolder>(*std::move(known)), .isMade = false, .warning = {}};
        auto other = newHome(runs, QString::fromStdString(home->filename().string()));
        if (other.warning.isEmpty())
            other.warning = tr("%1 This window goes on with it in a folder of its own, %2.")
                                .arg(QString::fromStdString(known.error().text), QString::fromStdString(other.folder->path().string()));
        return other;
    }
    return newHome(runs, QString::fromStdString(file.stem().string()));
}

} // namespace app
