// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/quitguard.h"
#include "app/gui/runsession.h"
#include "widgets/models/runmodel.h"
#include <QMessageBox>
#include <QPushButton>

namespace app {

QuitGuard::QuitGuard(RunSession &session, const widgets::RunModel &run, QWidget *window)
    : QObject{window}, m_session{session}, m_run{run}, m_window{window}
{
    connect(&session, &RunSession::snapshotSaved, this, [this] {
        if (std::exchange(m_saving, false))
            end();
    });
    connect(&session, &RunSession::snapshotFailed, this, [this] { m_saving = false; }); // the message says why; nothing is lost
    connect(&session, &RunSession::allEnded, this, [this] {
        if (m_ending)
            Q_EMIT quit();
    });
}

bool QuitGuard::mayClose()
{
    if (m_ending)
        return !m_session.isEnding();
    if (m_run.isLive() || (m_run.canSave() && m_run.hasUnsavedSteps())) {
        ask();
        return false;
    }
    end();
    return !m_session.isEnding();
}

void QuitGuard::ask()
{
    if (m_window->findChild<QMessageBox *>(QStringLiteral("quitBox")))
        return;
    auto *box = new QMessageBox{QMessageBox::Question, tr("Quit Condensate"),
                                m_run.isLive() ? tr("The run is not finished.") : tr("The run has steps that are not saved."),
                                QMessageBox::NoButton, m_window};
    box->setObjectName(QStringLiteral("quitBox"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("A snapshot lets it go on later exactly where it stands now."));
    auto *save = box->addButton(tr("&Save snapshot and quit"), QMessageBox::AcceptRole);
    save->setObjectName(QStringLiteral("saveAndQuit"));
    save->setEnabled(m_run.canSave());
    auto *leave = box->addButton(tr("&Quit"), QMessageBox::DestructiveRole);
    leave->setObjectName(QStringLiteral("quitNow"));
    auto *cancel = box->addButton(QMessageBox::Cancel);
    box->setDefaultButton(save->isEnabled() ? save : cancel);
    box->setEscapeButton(cancel);
    connect(save, &QPushButton::clicked, this, &QuitGuard::saveThenEnd);
    connect(leave, &QPushButton::clicked, this, &QuitGuard::end);
    box->open();
}

void QuitGuard::saveThenEnd()
{
    m_saving = true;
    Q_EMIT waiting(tr("Saving the run…"));
    if (m_session.file().isEmpty())
        Q_EMIT fileWanted();
    else
        m_session.save(m_session.file());
}

void QuitGuard::end()
{
    m_ending = true;
    m_session.abandon();
    if (m_session.isEnding())
        Q_EMIT waiting(tr("Ending the run…"));
    else
        QMetaObject::invokeMethod(this, &QuitGuard::quit, Qt::QueuedConnection);
}

} // namespace app
