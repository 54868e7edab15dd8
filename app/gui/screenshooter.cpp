// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/screenshooter.h"
#include "app/gui/mainwindow.h"
#include <QApplication>
#include <QPixmap>
#include <QTimer>

namespace app {
namespace {

constexpr int kSettleMilliseconds = 400; // layout and queued replots of four plots, generously

}

Screenshooter::Screenshooter(MainWindow &window, Console &console, QString file, double epoch)
    : QObject{&window}, m_window{window}, m_console{console}, m_file{std::move(file)}, m_epoch{epoch}
{
    connect(&window.run(), &widgets::RunModel::changed, this, &Screenshooter::check);
    connect(&window, &MainWindow::failed, this, &Screenshooter::giveUp);
}

void Screenshooter::begin()
{
    m_begun = true;
    check();
}

bool Screenshooter::isDue() const
{
    const auto &run = m_window.run();
    if (run.frame() && run.frame()->epoch >= m_epoch)
        return true;
    switch (run.state()) {
    case widgets::RunState::Idle: return m_begun;
    case widgets::RunState::Paused: return run.frame() != nullptr; // which follows soon
    case widgets::RunState::Finished:
    case widgets::RunState::Ended: return true;
    default: return false;
    }
}

void Screenshooter::check()
{
    if (m_isTaken || !isDue())
        return;
    m_isTaken = true;
    QTimer::singleShot(kSettleMilliseconds, this, &Screenshooter::shoot);
}

void Screenshooter::shoot()
{
    if (m_window.grab().save(m_file, "PNG"))
        return QApplication::exit(kExitDone);
    QApplication::exit(m_console.complain("cannot write the picture " + m_file.toStdString() + ".", kExitFailed));
}

void Screenshooter::giveUp(const QString &why)
{
    const auto state = m_window.run().state();
    if (state == widgets::RunState::Idle || state == widgets::RunState::Ended) // else the run goes on: it could not be saved
        QApplication::exit(m_console.complain(why.toStdString(), kExitFailed));
}

} // namespace app
