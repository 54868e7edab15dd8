// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QApplication>

namespace app {

/// The application object, with or without a window to see.
class Application : public QApplication {
public:
    /// Numbers are the same everywhere, whatever the user's locale, in the window as in files, figures and on the
    /// command line: a point as decimal mark. Figures go into papers, and values into recipes.
    Application(int &argc, char **argv);

    /// The last net: an exception that reaches the event loop is reported and ends nothing.
    bool notify(QObject *receiver, QEvent *event) override;
};

} // namespace app
