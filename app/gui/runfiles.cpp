// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/runfiles.h"
#include "app/gui/runhome.h"
#include "app/gui/runsession.h"
#include "widgets/models/runmodel.h"
#include <QFileDialog>
#include <QFileInfo>

namespace app {
namespace {

const char *const kSnapshotFilter = QT_TRANSLATE_NOOP("app::RunFiles", "Condensate snapshot (*.cnds.h5 *.h5)");

} // namespace

RunFiles::RunFiles(RunSession &session, const widgets::RunModel &run, QWidget *window)
    : QObject{window}, m_session{session}, m_run{run}, m_window{window}
{
}

void RunFiles::askOpen()
{
    auto *dialog = new QFileDialog{m_window, tr("Open snapshot"), m_session.runs(), tr(kSnapshotFilter)};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &RunFiles::chosen);
    dialog->open();
}

void RunFiles::save() { m_session.hasHome() ? m_session.save() : askSave(); }

void RunFiles::askSave()
{
    auto *dialog = new QFileDialog{m_window, tr("Save snapshot"), {}, tr(kSnapshotFilter)};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("cnds.h5"));
    const auto file = m_session.file();
    if (file.isEmpty() || shownName(file) != QFileInfo{file}.fileName()) // one that somebody chose may be chosen again
        dialog->selectFile(plainName(QString::fromStdString(m_run.description()->modelName + "-" + m_run.description()->dataName)) +
                           QStringLiteral(".cnds.h5"));
    else
        dialog->selectFile(file);
    connect(dialog, &QFileDialog::fileSelected, &m_session, &RunSession::saveAs);
    connect(dialog, &QFileDialog::rejected, this, &RunFiles::notSaved);
    dialog->open();
}

QString RunFiles::title() const
{
    const auto &run = m_run.description();
    if (!run)
        return tr("Condensate");
    const auto what = tr("%1 on %2").arg(QString::fromStdString(run->modelName), QString::fromStdString(run->dataName));
    const auto file = m_session.file();
    return tr("%1[*] – Condensate").arg(file.isEmpty() ? what : tr("%1 – %2").arg(shownName(file), what));
}

QString shownName(const QString &snapshot)
{
    const auto folder = engine::folderOfNewest(snapshot.toStdString());
    const auto name = QFileInfo{snapshot}.fileName();
    if (!folder)
        return name;
    const auto run = QString::fromStdString(folder->filename().string());
    return name.toStdString() == engine::kSnapshotFile ? run : QStringLiteral("%1/%2").arg(run, name);
}

} // namespace app
