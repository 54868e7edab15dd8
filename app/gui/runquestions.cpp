// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/runquestions.h"
#include "app/gui/numberdialog.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <algorithm>
#include <limits>

namespace app {
namespace {

QString tr(const char *text) { return QCoreApplication::translate("RunQuestions", text); }

void ask(const NumberDialog::Question &question, QWidget *window, const std::function<void(int)> &then)
{
    auto *dialog = new NumberDialog{question, window};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &NumberDialog::chosen, dialog, then);
    dialog->open();
}

} // namespace

void askPauseStep(const widgets::RunModel &run, QWidget *window, std::function<void(engine::Step)> then)
{
    const auto total = std::min<std::uint64_t>(run.description()->totalSteps(), std::numeric_limits<int>::max());
    ask({.name = QStringLiteral("stepDialog"),
         .title = tr("Pause at step"),
         .label = tr("&Pause once this many steps are done (%1 in all):").arg(widgets::wholeNumber(total)),
         .least = 1,
         .most = static_cast<int>(total),
         .proposed = static_cast<int>(std::min(total, count(run.step()) + run.description()->stepsPerEpoch))},
        window, [then = std::move(then)](int step) { then(engine::Step{static_cast<std::uint64_t>(step)}); });
}

void askEpochs(const widgets::RunModel &run, QWidget *window, std::function<void(int)> then)
{
    const auto &settings = run.description()->settings;
    const auto epochs = static_cast<int>(settings.whole(engine::ParameterId::Epochs));
    const auto most = static_cast<int>(std::get<engine::WholeRange>(engine::spec(engine::ParameterId::Epochs).range).max);
    const auto label = run.isCommitted() ? tr("&Epochs in all. The run has %1, and has committed its weights: what is added "
                                              "commits them longer. To cluster longer, open cluster.h5 of its folder.")
                                         : tr("&Epochs in all. The run has %1; what is added lengthens the stage it is in.");
    ask({.name = QStringLiteral("epochsDialog"),
         .title = tr("Train longer"),
         .label = label.arg(epochs),
         .least = std::min(epochs + 1, most),
         .most = most,
         .proposed = std::min(2 * epochs, most)},
        window, std::move(then));
}

} // namespace app
