// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

namespace app {

/// Asks for a step of the run, 1 to `total`.
class StepDialog : public QDialog {
    Q_OBJECT

public:
    StepDialog(int total, int proposed, QWidget *parent);

Q_SIGNALS:
    void chosen(int step);
};

} // namespace app
