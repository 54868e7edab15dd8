// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/console/console.h"
#include <QObject>
#include <QString>

namespace app {

class MainWindow;

/// Waits until the run of a window has got so far, is over or stands still, lets the plots draw, writes a picture of
/// the window, and ends the program. A run that cannot be opened or fails ends it without a picture, with
/// kExitFailed.
class Screenshooter : public QObject {
    Q_OBJECT

public:
    /// `window` and `console` are borrowed.
    Screenshooter(MainWindow &window, Console &console, QString file, double epoch);

    void begin(); ///< the window has been asked for what it shall show, if for anything

private:
    void check();
    bool isDue() const;
    void shoot();
    void giveUp(const QString &why);

    MainWindow &m_window;
    Console &m_console;
    const QString m_file;
    const double m_epoch;
    bool m_begun = false, m_isTaken = false; // or will be, once the plots have drawn
};

} // namespace app
