// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QIcon>

namespace widgets {

/// One of our drawings (resources/icons/NAME.svg) in the text colour of the palette in force when it is
/// painted, so that a change from light to dark needs nothing. The program's own icon ("condensate") keeps
/// its colours.
QIcon icon(const QString &name);

} // namespace widgets
