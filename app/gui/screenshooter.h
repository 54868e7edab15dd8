// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>

namespace app {

class MainWindow;

/// Waits until the run of a window has got so far, lets the plots draw, writes a picture of the window, and ends the
/// program: with 0, or with 1 and a sentence on standard error.
class Screenshooter : public QObject {
    Q_OBJECT

public:
    Screenshooter(MainWindow &window, QString file, double epoch);

private:
    void check();
    void shoot();

    MainWindow &m_window;
    const QString m_file;
    const double m_epoch;
    bool m_due = false;
};

} // namespace app
