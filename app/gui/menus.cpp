// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/menus.h"
#include "app/gui/actions.h"
#include "app/gui/dockset.h"
#include "app/gui/runfiles.h"
#include "widgets/docks/controlpanel.h"
#include "widgets/docks/icons.h"
#include "widgets/docks/journaldock.h"
#include "widgets/docks/layerdock.h"
#include "widgets/docks/plotdock.h"
#include <QMenu>
#include <QMenuBar>

namespace app {

Menus::Menus(QMenuBar &bar, const Actions &actions, const DockSet &docks) : QObject{&bar}, m_actions{actions}, m_docks{docks}
{
    addFile(bar);
    auto *edit = addMenu(bar, tr("&Edit"));
    edit->addActions({actions.undo, actions.redo});
    edit->addSeparator();
    edit->addAction(actions.copy);
    auto *run = addMenu(bar, tr("&Run"));
    run->addActions(actions.runButtons());
    run->addSeparator();
    run->addActions({actions.pauseAt, actions.nextStage, actions.trainLonger});
    addView(bar);
    auto *help = addMenu(bar, tr("&Help"));
    help->addActions({actions.quantities, actions.shortcuts});
    help->addSeparator();
    help->addActions({actions.about, actions.aboutQt});
}

QMenu *Menus::addMenu(QMenuBar &bar, const QString &title)
{
    auto *menu = bar.addMenu(title);
    menu->setToolTipsVisible(false); // the status bar tells
    return menu;
}

void Menus::addFile(QMenuBar &bar)
{
    auto *file = addMenu(bar, tr("&File"));
    file->addActions({m_actions.newRun, m_actions.open});
    m_recent = file->addMenu(tr("Open &recent"));
    file->addSeparator();
    file->addAction(m_actions.openRecipe);
    m_recipes = file->addMenu(tr("Reci&pes"));
    m_recipes->setObjectName(QStringLiteral("recipes"));
    file->addAction(m_actions.saveRecipe);
    file->addSeparator();
    file->addActions({m_actions.save, m_actions.saveAs});
    file->addSeparator();
    auto *figure = file->addMenu(widgets::icon(QStringLiteral("export")), tr("&Export figure"));
    auto *data = file->addMenu(tr("Export &data"));
    for (auto *dock : m_docks.plots()) {
        connect(figure->addAction(dock->windowTitle() + QStringLiteral("…")), &QAction::triggered, this,
                [this, dock] { Q_EMIT exportFigure(dock); });
        connect(data->addAction(dock->windowTitle() + QStringLiteral("…")), &QAction::triggered, this,
                [this, dock] { Q_EMIT exportData(dock); });
    }
    file->addActions({m_actions.exportAll, m_actions.exportNetwork, m_actions.packNetwork});
    file->addSeparator();
    file->addAction(m_actions.quit);
    showRecent({});
}

void Menus::addView(QMenuBar &bar)
{
    auto *view = addMenu(bar, tr("&View"));
    for (auto *dock : m_docks.all())
        view->addAction(dock->toggleViewAction());
    view->addSeparator();
    view->addActions({m_actions.logCounts, m_actions.maximise, m_actions.resetLayout, m_actions.fullScreen});
    view->addSeparator();
    view->addActions({m_actions.systemColours, m_actions.lightColours, m_actions.darkColours});
}

void Menus::showRecent(const QStringList &files)
{
    m_recent->clear();
    m_recent->setEnabled(!files.isEmpty());
    int number = 0;
    for (const auto &file : files) {
        const auto name = shownName(file).replace(QLatin1Char('&'), QStringLiteral("&&"));
        auto *action = m_recent->addAction(QStringLiteral("&%1  %2").arg(++number).arg(name));
        action->setStatusTip(file);
        connect(action, &QAction::triggered, this, [this, file] { Q_EMIT recentChosen(file); });
    }
}

} // namespace app
