// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/recipebook.h"
#include "engine/plans/plan.h"
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>

namespace app {
namespace {

constexpr auto kFilter = QT_TRANSLATE_NOOP("app::RecipeBook", "Recipes (*.toml);;All files (*)");

/// The comment in its first line.
QString titleOf(const QByteArray &recipe)
{
    return QString::fromUtf8(recipe.left(recipe.indexOf('\n'))).remove(0, 1).trimmed();
}

std::string titleFor(const engine::Settings &settings)
{
    using engine::ParameterId;
    return engine::networkName(settings.text(ParameterId::Model)) + " on " + settings.text(ParameterId::Data) +
           ", k = " + engine::toText(settings.value(ParameterId::CodebookSize));
}

} // namespace

RecipeBook::RecipeBook(QWidget *window) : QObject{window}, m_window{window} {}

void RecipeBook::fill(QMenu &menu)
{
    const QDir shipped{QStringLiteral(":/recipes")};
    for (const auto &name : shipped.entryList(QDir::Files, QDir::Name)) {
        QFile file{shipped.filePath(name)};
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArray text = file.readAll();
        const QString title = titleOf(text);
        auto *action = menu.addAction(QString{title}.replace(QLatin1Char('&'), QStringLiteral("&&")));
        action->setObjectName(QFileInfo{name}.completeBaseName());
        connect(action, &QAction::triggered, this, [this, text, name, title] {
            take(engine::parseRecipe({text.constData(), static_cast<std::size_t>(text.size())}, name.toStdString()), title);
        });
    }
}

void RecipeBook::askOpen()
{
    auto *dialog = new QFileDialog{m_window, tr("Open recipe"), {}, tr(kFilter)};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &RecipeBook::open);
    dialog->open();
}

void RecipeBook::open(const QString &file)
{
    take(engine::readRecipe(file.toStdString()), QFileInfo{file}.fileName());
}

void RecipeBook::askSave(const engine::Recipe &recipe)
{
    auto *dialog = new QFileDialog{m_window, tr("Save recipe"), {}, tr(kFilter)};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("toml"));
    dialog->selectFile(
        QStringLiteral("%1.toml").arg(QString::fromStdString(engine::networkName(recipe.settings.text(engine::ParameterId::Model)))));
    connect(dialog, &QFileDialog::fileSelected, this, [this, recipe](const QString &file) {
        if (const auto written = engine::writeRecipe(recipe, titleFor(recipe.settings), file.toStdString()); written)
            Q_EMIT saved(file);
        else
            Q_EMIT failed(QString::fromStdString(written.error().text));
    });
    dialog->open();
}

bool RecipeBook::isRecipe(const QString &file)
{
    return file.endsWith(QStringLiteral(".toml"), Qt::CaseInsensitive);
}

void RecipeBook::take(const engine::Result<engine::Recipe> &recipe, const QString &title)
{
    if (recipe)
        Q_EMIT chosen(*recipe, title);
    else
        Q_EMIT failed(QString::fromStdString(recipe.error().text));
}

} // namespace app
