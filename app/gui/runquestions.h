// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include <functional>

class QWidget;

namespace widgets {
class RunModel;
}

namespace app {

// Numbers that a run is given on its way. Each asks in the window and calls `then` with the answer, if there is one.
// Requires: a run that has told its description.

void askPauseStep(const widgets::RunModel &run, QWidget *window, std::function<void(engine::Step)> then);
/// How many epochs the run shall have in all: more than it has.
void askEpochs(const widgets::RunModel &run, QWidget *window, std::function<void(int)> then);

} // namespace app
