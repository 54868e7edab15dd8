// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/guimain.h"
#include "app/gui/mainwindow.h"
#include "app/gui/screenshooter.h"
#include "engine/runs/signals.h"
#include <QApplication>
#include <QSocketNotifier>
#include <QTimer>
#include <exception>

namespace app {
namespace {

/// The last net: an exception that reaches the event loop is reported and ends nothing.
class Application : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject *receiver, QEvent *event) override
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
};

} // namespace

int runGui(int argc, char **argv, const GuiOptions &options)
{
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
    if (shot) {
        window.resize(options.width, options.height);
        new Screenshooter{window, QString::fromStdString(shot->string()), options.screenshotEpoch};
    }
    window.show();
    QTimer::singleShot(0, &window, [&] {
        if (options.snapshot)
            window.openSnapshot(QString::fromStdString(options.snapshot->string()), options.startNow);
        else if (options.startNow)
            window.startRun();
    });
    return QApplication::exec();
}

} // namespace app
