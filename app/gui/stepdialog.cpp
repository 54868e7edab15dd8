// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/stepdialog.h"
#include "widgets/models/texts.h"
#include "widgets/plots/numberboxes.h"
#include <QDialogButtonBox>
#include <QLabel>
#include <QVBoxLayout>

namespace app {

StepDialog::StepDialog(int total, int proposed, QWidget *parent) : QDialog{parent}
{
    setObjectName(QStringLiteral("stepDialog"));
    setWindowTitle(tr("Pause at step"));
    auto *label = new QLabel{
        tr("&Pause once this many steps are done (%1 in all):").arg(widgets::wholeNumber(static_cast<std::uint64_t>(total))), this};
    auto *step = new widgets::WholeBox{this};
    step->setRange(1, total);
    step->setValue(proposed);
    step->selectAll();
    label->setBuddy(step);
    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this};
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(this, &QDialog::accepted, this, [this, step] { Q_EMIT chosen(step->value()); });
    auto *layout = new QVBoxLayout{this};
    layout->addWidget(label);
    layout->addWidget(step);
    layout->addWidget(buttons);
}

} // namespace app
