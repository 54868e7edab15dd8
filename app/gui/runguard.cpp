// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/runguard.h"
#include "app/gui/runsession.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <QDir>
#include <QMessageBox>
#include <QPushButton>
#include <utility>

namespace app {

RunGuard::RunGuard(RunSession &session, const widgets::RunModel &run, QWidget *window)
    : QObject{window}, m_session{session}, m_run{run}, m_window{window}
{
    connect(&session, &RunSession::snapshotSaved, this, [this] {
        if (const auto after = std::exchange(m_afterSave, {}))
            after();
    }, Qt::QueuedConnection); // the run that tells it may be left only when it has done telling
    connect(&session, &RunSession::snapshotFailed, this, &RunGuard::forget); // the message says why; nothing is lost
    connect(&session, &RunSession::allEnded, this, [this] {
        if (m_ending)
            Q_EMIT quit();
    });
}

/// A running one is a step further by the time somebody answers.
bool RunGuard::loses() const
{
    return m_run.canSave() && (m_run.hasUnsavedSteps() || m_run.state() == widgets::RunState::Running);
}

void RunGuard::replace(const QString &title, std::function<void()> then)
{
    if (m_ending || isAsking())
        return;
    if (!loses())
        return then();
    if (m_session.isSavingEnd())
        return saveThen(std::move(then)); // nothing to ask: it is being done
    ask({title, tr("The run has steps that are not saved."), tr("&Save and go on"), tr("&Do not save"), std::move(then)});
}

bool RunGuard::mayClose()
{
    if (m_ending)
        return !m_session.isEnding();
    if (isAsking())
        return false;
    if (m_session.isSavingEnd()) {
        saveThen([this] { end(); });
        return false;
    }
    if (m_run.isLive() || (m_run.canSave() && m_run.hasUnsavedSteps())) {
        ask({tr("Quit Condensate"), m_run.isLive() ? tr("The run is not finished.") : tr("The run has steps that are not saved."),
             tr("&Save and quit"), tr("&Quit"), [this] { end(); }});
        return false;
    }
    end();
    return !m_session.isEnding();
}

void RunGuard::saveAndQuit()
{
    if (m_ending || m_hurries)
        return;
    m_hurries = true;
    if (auto *box = m_window->findChild<QMessageBox *>(QStringLiteral("leaveBox")))
        box->close();
    if (!loses())
        return end();
    if (!m_session.hasHome())
        return saveElsewhere();
    saveThen([this] { end(); });
}

void RunGuard::saveElsewhere()
{
    m_triedElsewhere = true;
    m_afterSave = [this] { end(); };
    const auto file = QDir::temp().filePath(QStringLiteral("condensate-%1.cnds.h5").arg(QCoreApplication::applicationPid()));
    qWarning("condensate: the run goes to %s.", qUtf8Printable(file));
    m_session.saveAs(file);
}

void RunGuard::forget()
{
    m_afterSave = {};
    if (!m_hurries)
        return;
    m_triedElsewhere ? end() : saveElsewhere();
}

bool RunGuard::isAsking() const
{
    return m_window->findChild<QMessageBox *>(QStringLiteral("leaveBox"));
}

void RunGuard::ask(const Question &question)
{
    auto *box = new QMessageBox{QMessageBox::Question, question.title, question.text, QMessageBox::NoButton, m_window};
    box->setObjectName(QStringLiteral("leaveBox"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    const auto saved = m_run.savedStep();
    box->setInformativeText(saved ? tr("Saved, it can go on later exactly where it stands now, else from step %1, where it was saved last.")
                                        .arg(widgets::wholeNumber(count(*saved)))
                                  : tr("Saved, it can go on later exactly where it stands now. Else nothing of it is left."));
    auto *save = box->addButton(question.save, QMessageBox::AcceptRole);
    save->setObjectName(QStringLiteral("saveFirst"));
    save->setEnabled(m_run.canSave());
    auto *leave = box->addButton(question.leave, QMessageBox::DestructiveRole);
    leave->setObjectName(QStringLiteral("leaveNow"));
    auto *cancel = box->addButton(QMessageBox::Cancel);
    box->setDefaultButton(save->isEnabled() ? save : cancel);
    box->setEscapeButton(cancel);
    connect(save, &QPushButton::clicked, this, [this, after = question.after] { saveThen(after); });
    connect(leave, &QPushButton::clicked, this, question.after);
    box->open();
}

void RunGuard::saveThen(const std::function<void()> &after)
{
    m_afterSave = after;
    if (!m_session.hasHome())
        return Q_EMIT fileWanted();
    Q_EMIT waiting(tr("Saving the run…"));
    m_session.save();
}

void RunGuard::end()
{
    m_ending = true;
    m_session.abandon();
    if (m_session.isEnding())
        Q_EMIT waiting(tr("Ending the run…"));
    else
        QMetaObject::invokeMethod(this, &RunGuard::quit, Qt::QueuedConnection);
}

} // namespace app
