// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include <QLocale>
#include <clocale>
#include <exception>

namespace app {

Application::Application(int &argc, char **argv) : QApplication{argc, argv}
{
    QLocale::setDefault(QLocale::c());
    std::setlocale(LC_NUMERIC, "C"); // QApplication has set the user's
}

bool Application::notify(QObject *receiver, QEvent *event)
{
    try {
        return QApplication::notify(receiver, event);
    } catch (const std::exception &error) {
        qCritical("condensate: %s", error.what());
    } catch (...) {
        qCritical("condensate: an unknown failure in the window");
    }
    return false;
}

} // namespace app
