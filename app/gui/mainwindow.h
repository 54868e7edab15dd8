// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/appearance.h"
#include "app/gui/windowsettings.h"
#include "engine/recipes/recipe.h"
#include "engine/runs/signals.h"
#include "widgets/models/journalmodel.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include <QMainWindow>
#include <QUndoStack>

class QLabel;

namespace widgets {
class MessageBar;
}

namespace app {

class Actions;
class DockSet;
class Menus;
class RecipeBook;
class RunFiles;
class RunGuard;
class RunSession;

/// The window: owns models, session and docks and wires them; decides nothing itself.
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    struct Options {
        engine::Settings settings;                  ///< the draft it begins with
        bool remember = true;                       ///< load and keep layout, colours and recent files
        Appearance appearance = Appearance::System; ///< where nothing is remembered
        QString runs = {};                          ///< the folder below which runs have theirs; empty: defaultRuns()
        QString program = {};                       ///< that does work beside the window (`condensate export`, `quantize`); empty: this one
    };
    explicit MainWindow(const Options &options, QWidget *parent = nullptr);
    ~MainWindow() override;

    // All ask first where a run would lose steps that are not saved.
    void startRun(bool paused = false);
    void openSnapshot(const QString &file, bool goOn = false); ///< paused, or going on at once
    void openRecipe(const engine::Recipe &recipe, const QString &title); ///< as the draft of a new run

    void obey(engine::Asked asked); ///< of the system: asks nobody

    const widgets::RunModel &run() const noexcept { return m_run; }
    const widgets::ParameterModel &parameters() const noexcept { return m_parameters; }
    const QUndoStack &undoStack() const noexcept { return m_undo; }
    DockSet &docks() const noexcept { return *m_docks; }

Q_SIGNALS:
    void closed(); ///< the run is gone and the window with it
    void failed(const QString &sentence); ///< the run, or opening or saving it

protected:
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void buildBars();
    void wireActions();
    void wireSession();
    void wireRecipes();
    void wireView();
    void wireExport(const QString &program);
    void restore();
    void remember();
    void forgetPast(); ///< messages and undo of the run before
    void runOrResume();
    void stepOnce();
    void trainLonger();
    void saveRecipe();
    void offerCutOff();
    void maximiseFocused();
    void setAppearance(Appearance appearance);
    void addRecent(const QString &file);
    void showState(widgets::RunModel::Changes changes);

    const bool m_remember;
    AppearanceSwitch m_appearance;
    WindowSettings m_settings;
    widgets::RunModel m_run;
    widgets::ParameterModel m_parameters;
    widgets::JournalModel m_journal;
    QUndoStack m_undo;
    // Children:
    RunSession *m_session;
    Actions *m_actions;
    DockSet *m_docks;
    Menus *m_menus = nullptr;
    RunGuard *m_guard;
    RunFiles *m_files;
    RecipeBook *m_recipes;
    widgets::MessageBar *m_messages;
    QLabel *m_about; // left of the status bar: what runs
};

} // namespace app
