// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/modeleditor.h"
#include "widgets/docks/sourceeditor.h"
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <array>

namespace widgets {
namespace {

constexpr std::array kSources{
    Source{QT_TRANSLATE_NOOP("widgets::ModelEditor", "Own network, TorchScript…"),
           "torchscript:", QT_TRANSLATE_NOOP("widgets::ModelEditor", "TorchScript module"),
           QT_TRANSLATE_NOOP("widgets::ModelEditor", "TorchScript (*.pt *.pth *.ts *.torchscript)")},
};

} // namespace

ParameterEditor *makeModelEditor(const engine::ParameterSpec &row, QWidget *parent)
{
    auto *editor = new SourceEditor{row, parent};
    for (const auto model : std::get<engine::ChoiceRange>(row.range).choices)
        editor->addKnown(qtext(model), qtext(model));
    editor->addSources(kSources, "widgets::ModelEditor");
    return editor;
}

} // namespace widgets
