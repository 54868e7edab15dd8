// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>

class QAction;
class QWidget;

namespace app {

/// Pages that open beside the window and block nothing. All close with it.
void showQuantities(QWidget *window); ///< generated from the parameter table
void showShortcuts(QWidget *window, const QList<QAction *> &actions);
void showAbout(QWidget *window);

} // namespace app
