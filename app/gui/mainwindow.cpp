// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/mainwindow.h"
#include "app/gui/actions.h"
#include "app/gui/copying.h"
#include "app/gui/dockset.h"
#include "app/gui/exports.h"
#include "app/gui/helpwindow.h"
#include "app/gui/jobs.h"
#include "app/gui/menus.h"
#include "app/gui/recipebook.h"
#include "app/gui/runfiles.h"
#include "app/gui/runguard.h"
#include "app/gui/runquestions.h"
#include "app/gui/runsession.h"
#include "widgets/commands/planparameter.h"
#include "widgets/commands/setparameter.h"
#include "widgets/docks/controlpanel.h"
#include "widgets/docks/icons.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/plotdock.h"
#include "widgets/docks/runstatus.h"
#include "widgets/models/texts.h"
#include "widgets/plots/histogramview.h"
#include <QAction>
#include <QCloseEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QStatusBar>
#include <QVBoxLayout>
#include <ranges>

namespace app {
namespace {

using Severity = widgets::MessageBar::Severity;

constexpr int kNoteMilliseconds = 5000; // in the status bar

QString fileIn(const QMimeData *data)
{
    for (const auto &url : data->urls())
        if (url.isLocalFile() && QFileInfo{url.toLocalFile()}.isFile())
            return url.toLocalFile();
    return {};
}

} // namespace

MainWindow::MainWindow(const Options &options, QWidget *parent)
    : QMainWindow{parent}, m_remember{options.remember}, m_session{new RunSession{{m_run, m_parameters, m_journal},
                                                                                  options.runs.isEmpty() ? defaultRuns() : options.runs,
                                                                                  this}},
      m_actions{new Actions{m_undo, this}}, m_docks{nullptr}, m_guard{new RunGuard{*m_session, m_run, this}},
      m_files{new RunFiles{*m_session, m_run, this}}, m_recipes{new RecipeBook{this}}, m_messages{nullptr}, m_about{new QLabel{this}}
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(widgets::icon(QStringLiteral("condensate")));
    setAcceptDrops(true);
    m_parameters.reset(options.settings);
    m_settings.appearance = options.appearance;
    resize(1440, 900);
    m_docks = new DockSet{*this, {m_run, m_parameters, m_journal}, m_actions->runButtons()};
    buildBars();
    wireActions();
    wireSession();
    wireRecipes();
    wireView();
    wireExport(options.program);
    restore();
    showState(widgets::RunModel::Everything);
}

MainWindow::~MainWindow() = default;

void MainWindow::buildBars()
{
    // The message bar stands under the menu and takes its room from the docks only while it has something to say.
    auto *top = new QWidget{this};
    auto *layout = new QVBoxLayout{top};
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QMenuBar{top};
    m_messages = new widgets::MessageBar{top};
    layout->addWidget(bar);
    layout->addWidget(m_messages);
    setMenuWidget(top);
    m_menus = new Menus{*bar, *m_actions, *m_docks};
    m_about->setObjectName(QStringLiteral("statusRun"));
    m_about->setContentsMargins(6, 0, 0, 0);
    statusBar()->addWidget(m_about, 1);
    new widgets::RunStatus{m_run, *statusBar()};
}

void MainWindow::wireActions()
{
    const auto on = [this](QAction *action, auto act) { connect(action, &QAction::triggered, this, act); };
    on(m_actions->newRun, [this] { m_guard->replace(tr("New run"), [this] {
        m_session->abandon();
        m_session->setScript({});
    }); });
    on(m_actions->open, [this] { m_files->askOpen(); });
    on(m_actions->save, [this] { m_files->save(); });
    on(m_actions->saveAs, [this] { m_files->askSave(); });
    on(m_actions->quit, [this] { close(); });
    on(m_actions->copy, [this] { copyFrom(focusWidget()); });
    on(m_actions->run, [this] { runOrResume(); });
    on(m_actions->pause, [this] { m_session->post(engine::Pause{}); });
    on(m_actions->step, [this] { stepOnce(); });
    on(m_actions->stop, [this] { m_session->stop(); });
    on(m_actions->pauseAt, [this] {
        askPauseStep(m_run, this, [this](engine::Step step) { m_session->post(engine::PauseAt{step}); });
    });
    on(m_actions->nextStage, [this] { m_session->post(engine::NextStage{}); });
    on(m_actions->trainLonger, [this] { trainLonger(); });
    on(m_actions->quantities, [this] { showQuantities(this); });
    on(m_actions->shortcuts, [this] { showShortcuts(this, m_actions->all()); });
    on(m_actions->about, [this] { showAbout(this); });
    on(m_actions->aboutQt, [this] { QMessageBox::aboutQt(this); });
}

void MainWindow::wireSession()
{
    connect(m_session, &RunSession::warned, m_messages, [this](const QString &text) { m_messages->show(Severity::Warning, text); });
    connect(m_session, &RunSession::failed, m_messages, [this](const QString &text) {
        statusBar()->clearMessage();
        m_messages->show(Severity::Error, text);
    });
    connect(m_session, &RunSession::failed, this, &MainWindow::failed);
    connect(m_session, &RunSession::opened, this, [this](const QString &file) {
        statusBar()->clearMessage();
        m_undo.clear(); // what was undone belongs to the run before
        addRecent(file);
    });
    connect(m_session, &RunSession::kept, this, &MainWindow::addRecent);
    connect(m_session, &RunSession::snapshotSaved, this,
            [this](const QString &file) { statusBar()->showMessage(tr("Saved %1").arg(file), kNoteMilliseconds); });
    connect(m_session, &RunSession::told, this, [this](const QString &note) { statusBar()->showMessage(note, kNoteMilliseconds); });
    connect(&m_run, &widgets::RunModel::changed, this, &MainWindow::showState);
    connect(&m_parameters, &widgets::ParameterModel::applied, this,
            [this](const widgets::SettingKey &key, const widgets::SettingValue &before, const widgets::SettingValue &after, quint64 drag) {
                auto *command = new widgets::SetParameterCommand{m_parameters, key, before, after, drag};
                if (!key.layer.empty())
                    command->setText(tr("λ of %1").arg(QString::fromStdString(key.layer)));
                m_undo.push(command);
            });
    connect(&m_parameters, &widgets::ParameterModel::replanned, this,
            [this](engine::ParameterId id, const auto &before, const auto &after) {
                m_undo.push(new widgets::PlanParameterCommand{m_parameters, id, before, after});
            });
    connect(m_guard, &RunGuard::fileWanted, m_files, &RunFiles::askSave);
    connect(m_files, &RunFiles::notSaved, m_guard, &RunGuard::forget);
    connect(m_files, &RunFiles::chosen, this, [this](const QString &file) { openSnapshot(file); });
    connect(m_guard, &RunGuard::waiting, this, [this](const QString &note) { statusBar()->showMessage(note); });
    connect(m_guard, &RunGuard::quit, this, &MainWindow::close);
    connect(m_menus, &Menus::recentChosen, this, [this](const QString &file) { openSnapshot(file); });
}

void MainWindow::wireRecipes()
{
    m_recipes->fill(m_menus->recipes());
    connect(m_actions->openRecipe, &QAction::triggered, m_recipes, &RecipeBook::askOpen);
    connect(m_actions->saveRecipe, &QAction::triggered, this, &MainWindow::saveRecipe);
    connect(m_recipes, &RecipeBook::chosen, this, &MainWindow::openRecipe);
    connect(m_recipes, &RecipeBook::saved, this,
            [this](const QString &file) { statusBar()->showMessage(tr("Wrote %1").arg(file), kNoteMilliseconds); });
    connect(m_recipes, &RecipeBook::failed, m_messages, [this](const QString &text) { m_messages->show(Severity::Error, text); });
}

void MainWindow::wireView()
{
    connect(m_actions->logCounts, &QAction::toggled, m_docks->histogramView, &widgets::HistogramView::setLogarithmic);
    connect(m_docks->histogramView, &widgets::HistogramView::logarithmicChanged, m_actions->logCounts, &QAction::setChecked);
    m_docks->histogram->addTitleAction(m_actions->logCounts);
    connect(m_actions->resetLayout, &QAction::triggered, m_docks, &DockSet::arrange);
    connect(m_actions->maximise, &QAction::triggered, this, &MainWindow::maximiseFocused);
    connect(m_actions->fullScreen, &QAction::toggled, this, [this](bool on) { on ? showFullScreen() : showNormal(); });
    connect(m_actions->systemColours, &QAction::triggered, this, [this] { setAppearance(Appearance::System); });
    connect(m_actions->lightColours, &QAction::triggered, this, [this] { setAppearance(Appearance::Light); });
    connect(m_actions->darkColours, &QAction::triggered, this, [this] { setAppearance(Appearance::Dark); });
}

void MainWindow::wireExport(const QString &program)
{
    connect(m_menus, &Menus::exportFigure, this, [](widgets::PlotDock *dock) { dock->view().exportFile(); });
    auto *exports = new Exports{*m_docks, m_run, this};
    connect(m_menus, &Menus::exportData, exports, &Exports::askData);
    connect(m_actions->exportAll, &QAction::triggered, exports, &Exports::askAll);
    connect(exports, &Exports::told, statusBar(), &QStatusBar::showMessage);
    connect(exports, &Exports::failed, m_messages, [this](const QString &text) { m_messages->show(Severity::Error, text); });
    auto *jobs = new Jobs{{*m_session, m_run, m_parameters, *m_docks, *m_actions}, program, this};
    connect(jobs, &Jobs::told, statusBar(), &QStatusBar::showMessage);
    connect(jobs, &Jobs::remarked, m_messages, [this](const QString &text) { m_messages->show(Severity::Hint, text); });
    connect(jobs, &Jobs::failed, m_messages, [this](const QString &text) {
        statusBar()->clearMessage();
        m_messages->show(Severity::Error, text);
    });
}

void MainWindow::restore()
{
    if (m_remember)
        m_settings = WindowSettings::load();
    setAppearance(m_settings.appearance);
    if (!m_settings.geometry.isEmpty())
        restoreGeometry(m_settings.geometry);
    if (!m_settings.docks.isEmpty())
        m_docks->restore(m_settings.docks);
    m_docks->control->setAdvancedShown(m_settings.advancedShown);
    m_actions->logCounts->setChecked(m_settings.logarithmicCounts);
    m_menus->showRecent(m_settings.recentFiles);
    if (m_remember)
        offerCutOff();
}

void MainWindow::remember()
{
    if (!m_remember)
        return;
    m_settings.geometry = saveGeometry();
    m_settings.docks = m_docks->save();
    m_settings.advancedShown = m_docks->control->isAdvancedShown();
    m_settings.logarithmicCounts = m_actions->logCounts->isChecked();
    m_settings.save();
}

void MainWindow::startRun(bool paused)
{
    m_guard->replace(tr("Start a run"), [=, this] {
        forgetPast();
        m_session->start(paused);
    });
}

void MainWindow::openSnapshot(const QString &file, bool goOn)
{
    m_guard->replace(tr("Open snapshot"), [=, this] {
        m_messages->clear();
        statusBar()->showMessage(tr("Opening %1…").arg(file));
        m_session->open(file, !goOn);
    });
}

void MainWindow::openRecipe(const engine::Recipe &recipe, const QString &title)
{
    m_guard->replace(tr("Open recipe"), [=, this] {
        m_session->abandon();
        forgetPast();
        m_parameters.reset(recipe.settings);
        m_session->setScript(recipe.changes);
        const auto steps = recipe.changes.empty()
                               ? QString{}
                               : tr(" It changes settings %n time(s) on its way.", nullptr, static_cast<int>(recipe.changes.size()));
        statusBar()->showMessage(tr("Recipe: %1. Run starts it.").arg(title) + steps, 8000);
    });
}

void MainWindow::forgetPast()
{
    m_messages->clear();
    m_undo.clear(); // what was undone belongs to the draft or to the run before
}

void MainWindow::runOrResume()
{
    if (m_run.state() == widgets::RunState::Paused)
        m_session->post(engine::Resume{});
    else
        startRun();
}

void MainWindow::stepOnce()
{
    if (m_run.state() == widgets::RunState::Paused)
        return m_session->post(engine::StepOnce{});
    startRun(true);
}

void MainWindow::trainLonger()
{
    askEpochs(m_run, this, [this](int epochs) {
        m_session->post(engine::SetParameter{engine::ParameterId::Epochs, std::int64_t{epochs}});
    });
}

/// Of the run as it was steered, or of the draft.
void MainWindow::saveRecipe()
{
    if (m_run.description() && m_run.log().isComplete)
        return m_recipes->askSave(engine::recipeOf(m_run.log()));
    m_recipes->askSave({m_parameters.next(), m_session->script()});
}

/// Runs of a window that was killed: told once, and found under "Open recent" from then on.
void MainWindow::offerCutOff()
{
    for (const auto &folder : engine::cutOffIn(m_session->runs().toStdString()) | std::views::reverse) {
        if (!engine::RunFolder::forKnownRun(folder)) // which takes the mark away
            continue;
        const auto file = QString::fromStdString((folder / engine::kSnapshotFile).string());
        addRecent(file);
        m_messages->show(Severity::Hint, tr("The run %1 was cut off. What it saved last is there.").arg(shownName(file)),
                         {tr("Go on with it"), [this, file] { openSnapshot(file); }});
    }
}

void MainWindow::obey(engine::Asked asked)
{
    if (asked == engine::Asked::End)
        m_guard->saveAndQuit();
    else if (m_run.canSave() && m_session->hasHome())
        m_session->save();
}

void MainWindow::maximiseFocused()
{
    auto *chosen = m_docks->histogram;
    for (auto *dock : m_docks->plots())
        if (focusWidget() && dock->isAncestorOf(focusWidget()))
            chosen = dock;
    m_docks->toggleMaximised(chosen);
}

void MainWindow::setAppearance(Appearance appearance)
{
    m_settings.appearance = appearance;
    m_appearance.apply(appearance);
    auto *action = appearance == Appearance::Light  ? m_actions->lightColours
                   : appearance == Appearance::Dark ? m_actions->darkColours
                                                    : m_actions->systemColours;
    action->setChecked(true);
}

void MainWindow::addRecent(const QString &file)
{
    m_settings.addRecent(file);
    m_menus->showRecent(m_settings.recentFiles);
}

void MainWindow::showState(widgets::RunModel::Changes changes)
{
    using widgets::RunModel;
    if (changes & (RunModel::StateChanged | RunModel::DescriptionChanged))
        m_actions->enableFor(m_run);
    if (changes & (RunModel::StateChanged | RunModel::DescriptionChanged | RunModel::SavedChanged)) {
        setWindowTitle(m_files->title());
        setWindowModified(m_run.canSave() && m_run.hasUnsavedSteps());
    }
    if (changes & RunModel::DescriptionChanged) {
        const auto &run = m_run.description();
        m_about->setText(run ? tr("%1 · %2").arg(QString::fromStdString(run->dataName), QString::fromStdString(run->modelName))
                             : QString{});
        m_about->setToolTip(run ? tr("Layers: %1, threads: %2, BLAS: %3").arg(run->layers.size()).arg(run->threads)
                                      .arg(run->blasName.empty() ? tr("unknown") : QString::fromStdString(run->blasName))
                                : QString{});
    }
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!m_guard->mayClose()) {
        event->ignore();
        return;
    }
    remember();
    event->accept();
    Q_EMIT closed();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (!fileIn(event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    const auto file = fileIn(event->mimeData());
    RecipeBook::isRecipe(file) ? m_recipes->open(file) : openSnapshot(file);
}

} // namespace app
