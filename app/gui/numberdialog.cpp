// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/numberdialog.h"
#include "widgets/plots/numberboxes.h"
#include <QDialogButtonBox>
#include <QLabel>
#include <QVBoxLayout>

namespace app {

NumberDialog::NumberDialog(const Question &question, QWidget *parent) : QDialog{parent}
{
    setObjectName(question.name);
    setWindowTitle(question.title);
    auto *label = new QLabel{question.label, this};
    label->setWordWrap(true);
    auto *number = new widgets::WholeBox{this};
    number->setRange(question.least, question.most);
    number->setValue(question.proposed);
    number->selectAll();
    label->setBuddy(number);
    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this};
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(this, &QDialog::accepted, this, [this, number] { Q_EMIT chosen(number->value()); });
    auto *layout = new QVBoxLayout{this};
    layout->addWidget(label);
    layout->addWidget(number);
    layout->addWidget(buttons);
}

} // namespace app
