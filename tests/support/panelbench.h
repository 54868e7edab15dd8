// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/controlpanel.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include <QMainWindow>
#include <vector>

/// λ = 1, whatever the default is.
inline engine::Settings lambdaOne()
{
    engine::Settings settings;
    (void)settings.setText(engine::ParameterId::Lambda, "1");
    return settings;
}

/// The panel in a window, with a draft, and with a run that collects commands when one is attached.
struct Bench {
    Bench()
    {
        parameters.reset(lambdaOne());
        window.addDockWidget(Qt::LeftDockWidgetArea, &panel);
        window.resize(420, 800);
        window.show();
    }
    ~Bench() { window.removeDockWidget(&panel); }
    void attach()
    {
        parameters.attach([this](engine::Command command) {
            commands.push_back(std::move(command));
            return engine::CommandId{commands.size()};
        });
    }
    void answer(const engine::Reply &reply) { parameters.replied({engine::CommandId{commands.size()}, commands.back(), reply}); }
    template <typename Control = QWidget>
    Control &find(const char *name) { return *panel.findChild<Control *>(QString::fromLatin1(name)); }

    QMainWindow window;
    widgets::RunModel run;
    widgets::ParameterModel parameters;
    widgets::ControlPanel panel{run, parameters, {}};
    std::vector<engine::Command> commands;
};
