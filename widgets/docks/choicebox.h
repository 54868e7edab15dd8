// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"

class QComboBox;
class QWidget;

namespace widgets {

/// A box with the choices of a parameter, each with its own tooltip where it has a formula. Requires: a row
/// with choices.
QComboBox *makeChoiceBox(const engine::ParameterSpec &row, QWidget *parent);

} // namespace widgets
