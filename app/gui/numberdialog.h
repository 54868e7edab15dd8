// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDialog>

namespace app {

/// Asks for a whole number.
class NumberDialog : public QDialog {
    Q_OBJECT

public:
    struct Question {
        QString name;         ///< of the dialog as an object
        QString title, label; ///< a mnemonic in the label leads to the number
        int least, most, proposed;
    };
    NumberDialog(const Question &question, QWidget *parent);

Q_SIGNALS:
    void chosen(int number);
};

} // namespace app
