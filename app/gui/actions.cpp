// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/actions.h"
#include "widgets/docks/icons.h"
#include <QAction>
#include <QActionGroup>
#include <QUndoStack>
#include <QWidget>

namespace app {
namespace {

/// The desktop's keys for a standard action, or ours where it has none.
QList<QKeySequence> keys(QKeySequence::StandardKey standard, const char *fallback)
{
    const auto bound = QKeySequence::keyBindings(standard);
    return bound.isEmpty() ? QList{QKeySequence{QLatin1String{fallback}}} : bound;
}

} // namespace

Actions::Actions(QUndoStack &stack, QWidget *window) : QObject{window}, m_window{window}
{
    newRun = make("new", tr("&New run"), tr("End the run and set up another"), keys(QKeySequence::New, "Ctrl+N"));
    open = make("open", tr("&Open snapshot…"), tr("Go on from a snapshot, paused"), keys(QKeySequence::Open, "Ctrl+O"));
    openRecipe =
        make("openRecipe", tr("Open re&cipe…"), tr("Set up a new run as a recipe says"), {QKeySequence{QStringLiteral("Ctrl+Shift+O")}});
    saveRecipe =
        make("saveRecipe", tr("Save recipe as…"), tr("Save the settings as a TOML file that repeats the run, also without a window"));
    save = make("save", tr("&Save snapshot"), tr("Save the run to its file; training goes on"), keys(QKeySequence::Save, "Ctrl+S"));
    saveAs = make("saveAs", tr("Save snapshot &as…"), tr("Save the run to another file"), {QKeySequence{QStringLiteral("Ctrl+Shift+S")}});
    exportAll = make("exportAll", tr("Export all &figures…"), tr("Every plot of every layer as PDF, SVG, PNG and CSV into a folder"),
                     {QKeySequence{QStringLiteral("Ctrl+Shift+E")}});
    exportNetwork = make("exportNetwork", tr("Expor&t network…"),
                         tr("The snapped network as it is now, for other programs: safetensors, TorchScript or ONNX"));
    packNetwork =
        make("packNetwork", tr("Pac&k network…"), tr("The snapped network as it is now in as few bytes as can be: a packed file"));
    packNetwork->setIconText(tr("Pack…")); // on the button
    quit = make("quit", tr("&Quit"), tr("Close Condensate"), keys(QKeySequence::Quit, "Ctrl+Q"));

    undo = stack.createUndoAction(this, tr("&Undo"));
    undo->setObjectName(QStringLiteral("undo"));
    undo->setShortcuts(keys(QKeySequence::Undo, "Ctrl+Z"));
    undo->setIcon(widgets::icon(QStringLiteral("undo")));
    undo->setStatusTip(tr("Asks for the setting as it was; weights stay as trained, and the journal records it as a new change"));
    redo = stack.createRedoAction(this, tr("&Redo"));
    redo->setObjectName(QStringLiteral("redo"));
    redo->setShortcuts(keys(QKeySequence::Redo, "Ctrl+Shift+Z"));
    redo->setIcon(widgets::icon(QStringLiteral("redo")));
    copy = make("copy", tr("&Copy"), tr("Copy the plot or the table rows that have the focus"), keys(QKeySequence::Copy, "Ctrl+C"));

    run = make("run", tr("&Run"), tr("Start, or go on after a pause"),
               {QKeySequence{QStringLiteral("Ctrl+R")}, QKeySequence{Qt::Key_F5}});
    pause = make("pause", tr("&Pause"), tr("Pause after the step in hand"), {QKeySequence{Qt::Key_F6}, QKeySequence{Qt::Key_Pause}});
    step = make("step", tr("S&tep"), tr("One step, then pause"), {QKeySequence{Qt::Key_F7}});
    stop = make("stop", tr("St&op"), tr("End the run; its pictures stay"), {QKeySequence{QStringLiteral("Shift+F5")}});
    pauseAt = make("pauseAt", tr("Pause &at step…"), tr("Pause once a given step is done"),
                   {QKeySequence{QStringLiteral("Ctrl+Shift+P")}});
    nextStage =
        make("nextStage", tr("&Next stage"), tr("End the stage the run is in; the others keep their lengths"), {QKeySequence{Qt::Key_F8}});
    trainLonger = make("trainLonger", tr("Train &longer…"), tr("More epochs for the run, also for one that has finished"));

    logCounts = make("logscale", tr("&Logarithmic counts"), tr("Histogram counts on a logarithmic scale"),
                     {QKeySequence{QStringLiteral("Ctrl+L")}});
    logCounts->setCheckable(true);
    logCounts->setChecked(true);
    resetLayout = make("resetLayout", tr("&Reset layout"), tr("Put all docks back where they were at first"));
    maximise = make("maximise", tr("&Maximise plot"), tr("Fill the window with the plot that has the focus, and back"),
                    {QKeySequence{QStringLiteral("Ctrl+M")}});
    fullScreen = make("fullScreen", tr("&Full screen"), {}, keys(QKeySequence::FullScreen, "F11"));
    fullScreen->setCheckable(true);
    auto *colours = new QActionGroup{this};
    systemColours = make("systemColours", tr("&System colours"), {});
    lightColours = make("lightColours", tr("Li&ght colours"), {});
    darkColours = make("darkColours", tr("&Dark colours"), {});
    for (auto *action : {systemColours, lightColours, darkColours}) {
        action->setCheckable(true);
        colours->addAction(action);
    }
    quantities = make("quantities", tr("&What the quantities mean"), {}, keys(QKeySequence::HelpContents, "F1"));
    shortcuts = make("shortcuts", tr("Keyboard &shortcuts"), {}, {QKeySequence{QStringLiteral("Ctrl+?")}});
    about = make("about", tr("&About Condensate"), {});
    aboutQt = make("aboutQt", tr("About &Qt"), {});
    quit->setMenuRole(QAction::QuitRole);
    about->setMenuRole(QAction::AboutRole);
    aboutQt->setMenuRole(QAction::AboutQtRole);
    window->addActions(all());
}

QAction *Actions::make(const char *name, const QString &text, const QString &help, const QList<QKeySequence> &keys)
{
    auto *action = new QAction{text, this};
    action->setObjectName(QString::fromLatin1(name));
    action->setIcon(widgets::icon(action->objectName()));
    action->setShortcuts(keys);
    action->setStatusTip(help);
    const auto plain = QString{text}.remove(QLatin1Char('&'));
    const auto key = action->shortcut().toString(QKeySequence::NativeText);
    action->setToolTip((help.isEmpty() ? plain : help) + (key.isEmpty() ? QString{} : QStringLiteral(" (%1)").arg(key)));
    return action;
}

QList<QAction *> Actions::all() const
{
    return findChildren<QAction *>(Qt::FindDirectChildrenOnly);
}

void Actions::enableFor(const widgets::RunModel &model)
{
    using widgets::RunState;
    const auto state = model.state();
    const bool live = model.isLive() && state != RunState::Stopping;
    run->setEnabled(!model.isLive() || state == RunState::Paused);
    run->setText(state == RunState::Paused ? tr("&Resume") : tr("&Run"));
    pause->setEnabled(state == RunState::Running || state == RunState::Preparing);
    step->setEnabled(state == RunState::Paused || !model.isLive());
    stop->setEnabled(live);
    pauseAt->setEnabled(live && model.description());
    nextStage->setEnabled(live && model.description() && model.stage() != engine::Stage::Finished);
    trainLonger->setEnabled(model.canSave());
    save->setEnabled(model.canSave());
    saveAs->setEnabled(model.canSave());
    exportNetwork->setEnabled(model.canSave());
    packNetwork->setEnabled(model.canSave());
    exportAll->setEnabled(static_cast<bool>(model.frame()));
}

} // namespace app
