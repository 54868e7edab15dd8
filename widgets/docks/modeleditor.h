// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"

class QWidget;

namespace widgets {

class ParameterEditor;

/// Picks the network: built-in ones by name, one of the user's own through a file dialog.
ParameterEditor *makeModelEditor(const engine::ParameterSpec &row, QWidget *parent);

} // namespace widgets
