// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/screenshooter.h"
#include "app/gui/mainwindow.h"
#include <QApplication>
#include <QPixmap>
#include <QTimer>
#include <cstdio>

namespace app {
namespace {

constexpr int kSettleMilliseconds = 400; // layout and queued replots of four plots, generously

}

Screenshooter::Screenshooter(MainWindow &window, QString file, double epoch)
    : QObject{&window}, m_window{window}, m_file{std::move(file)}, m_epoch{epoch}
{
    connect(&window.run(), &widgets::RunModel::changed, this, &Screenshooter::check);
}

void Screenshooter::check()
{
    const auto &run = m_window.run();
    const bool far = run.frame() && run.frame()->epoch >= m_epoch;
    const bool over = run.state() == widgets::RunState::Finished || run.state() == widgets::RunState::Ended;
    if (m_due || !(far || over))
        return;
    m_due = true;
    QTimer::singleShot(kSettleMilliseconds, this, &Screenshooter::shoot);
}

void Screenshooter::shoot()
{
    if (!m_window.grab().save(m_file, "PNG")) {
        std::fprintf(stderr, "condensate: cannot write the picture %s.\n", qUtf8Printable(m_file));
        return QApplication::exit(1);
    }
    QApplication::exit(0);
}

} // namespace app
