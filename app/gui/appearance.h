// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/windowsettings.h"

namespace app {

/// Gives the application the desktop's palette, or a light or dark one of our own. Light and dark use the Fusion style,
/// which follows any palette; the desktop's palette keeps the desktop's style.
class AppearanceSwitch {
public:
    AppearanceSwitch(); ///< remembers what the desktop gave; make it once, after QApplication
    void apply(Appearance appearance) const;

private:
    QString m_desktopStyle;
};

} // namespace app
