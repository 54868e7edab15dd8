// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace app {

/// Puts on the clipboard what stands in the plot or table that `focus` is, or is part of: a picture, or the
/// chosen rows as lines with tabs. Nothing where it is neither.
void copyFrom(QWidget *focus);

} // namespace app
