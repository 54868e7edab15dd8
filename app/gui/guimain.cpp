// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/guimain.h"
#include "app/gui/application.h"
#include "app/gui/mainwindow.h"
#include "app/gui/screenshooter.h"
#include "engine/runs/signals.h"
#include "condensateversion.h"
#include <QSocketNotifier>
#include <QTimer>

namespace app {

namespace {

/// Where there surely is none Qt would end the program with a signal.
bool mayHaveDisplay()
{
#ifdef Q_OS_LINUX
    const auto isSet = [](const char *variable) { return !qEnvironmentVariableIsEmpty(variable); };
    return isSet("DISPLAY") || isSet("WAYLAND_DISPLAY") || isSet("QT_QPA_PLATFORM") || qgetenv("XDG_SESSION_TYPE") == "wayland";
#else
    return true;
#endif
}

} // namespace

int runGui(int argc, char **argv, const GuiOptions &options, Console &console)
{
    if (!mayHaveDisplay())
        return console.complain("expected a display for the window, found none (DISPLAY and WAYLAND_DISPLAY are not set); "
                                "condensate train does without.",
                                kExitRefused);
    Application application{argc, argv};
    QApplication::setOrganizationName(QStringLiteral("Condensate"));
    QApplication::setApplicationName(QStringLiteral("condensate"));
    QApplication::setApplicationDisplayName(QString{});
    QApplication::setApplicationVersion(QStringLiteral(CONDENSATE_VERSION));
    QApplication::setDesktopFileName(QStringLiteral("org.condensate.Condensate"));
    QApplication::setQuitOnLastWindowClosed(true);

    const auto &shot = options.screenshot;
    MainWindow window{{.settings = options.settings,
                       .remember = !shot,
                       .appearance = !shot ? Appearance::System : options.dark ? Appearance::Dark : Appearance::Light,
                       .runs = QString::fromStdString(options.runs.string())}};
    engine::Signals system;
    QSocketNotifier asked{system.descriptor(), QSocketNotifier::Read};
    QObject::connect(&asked, &QSocketNotifier::activated, &window, [&] {
        if (const auto what = system.take())
            window.obey(*what);
    });
    Screenshooter *shooter = nullptr;
    if (shot) {
        window.resize(options.width, options.height);
        shooter = new Screenshooter{window, console, QString::fromStdString(shot->string()), options.screenshotEpoch};
    }
    window.show();
    QTimer::singleShot(0, &window, [&] {
        if (options.snapshot)
            window.openSnapshot(QString::fromStdString(options.snapshot->string()), options.startNow);
        else if (options.startNow)
            window.startRun();
        if (shooter)
            shooter->begin();
    });
    return QApplication::exec();
}

} // namespace app
