// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"

class QWidget;

namespace widgets {

class ParameterEditor;

/// Picks the data set: known ones by name, others through a file dialog.
ParameterEditor *makeDataEditor(const engine::ParameterSpec &row, QWidget *parent);

} // namespace widgets
