// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/recipes/recipe.h"
#include <QObject>
#include <QString>

class QMenu;
class QWidget;

namespace app {

/// Recipes, as files and as those that come with the program: asks for them, reads and writes them.
class RecipeBook : public QObject {
    Q_OBJECT

public:
    explicit RecipeBook(QWidget *window);

    /// One entry for each recipe that comes with the program, under its title.
    void fill(QMenu &menu);
    void askOpen();
    void open(const QString &file);
    /// Asks where to, then saves it.
    void askSave(const engine::Recipe &recipe);

    static bool isRecipe(const QString &file); ///< by its ending

Q_SIGNALS:
    void chosen(const engine::Recipe &recipe, const QString &title);
    void saved(const QString &file);
    void failed(const QString &sentence);

private:
    void take(const engine::Result<engine::Recipe> &recipe, const QString &title);

    QWidget *m_window;
};

} // namespace app
