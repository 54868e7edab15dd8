// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/choicebox.h"
#include "widgets/models/texts.h"
#include <QComboBox>

namespace widgets {

QComboBox *makeChoiceBox(const engine::ParameterSpec &row, QWidget *parent)
{
    auto *box = new QComboBox{parent};
    for (const auto choice : std::get<engine::ChoiceRange>(row.range).choices) {
        box->addItem(qtext(choice));
        if (const auto *regularizer = engine::findRegularizer(choice))
            box->setItemData(box->count() - 1, regularizerHelp(*regularizer), Qt::ToolTipRole);
    }
    return box;
}

} // namespace widgets
