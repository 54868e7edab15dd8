// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/runstatus.h"
#include "widgets/models/texts.h"
#include <QLabel>
#include <QStatusBar>

namespace widgets {
namespace {

/// As many decimals always: the field must not jump.
QString steadyShare(double share, int decimals)
{
    return QString::number(100.0 * share, 'f', decimals) + QStringLiteral(" %");
}

} // namespace

RunStatus::RunStatus(const RunModel &run, QStatusBar &bar) : QObject{&bar}, m_run{run}
{
    m_accuracy = addField(bar, QStringLiteral("statusAccuracy"),
                          tr("Validation accuracy of the latent and of the snapped network, newest measurement."),
                          tr("latent %1 · snapped %2").arg(shortShare(0.8888), shortShare(0.8888)));
    m_ratio = addField(bar, QStringLiteral("statusRatio"),
                       tr("Compression ratio at the order-0 entropy of the codes: theoretical, headers and code tables left out."),
                       tr("ratio %1× (theory)").arg(QStringLiteral("88.88")));
    m_rate = addField(bar, QStringLiteral("statusRate"), tr("Training images a second."),
                      tr("%1 images/s").arg(wholeNumber(88888)));
    m_waiting = addField(bar, QStringLiteral("statusWaiting"),
                         tr("Share of the time that training waits for minibatches: images are read, shuffled and augmented "
                            "by threads of their own. Near zero is right; more says that data comes too slowly."),
                         tr("waiting %1").arg(steadyShare(0.8888, 2)));
    m_measuring = addField(bar, QStringLiteral("statusMeasuring"),
                           tr("Share of the time that training stands still to be measured: histograms of all layers, accuracy on "
                              "validation images, latent and snapped, and the frames that the plots draw. "
                              "The rest goes into training steps."),
                           tr("measuring %1").arg(steadyShare(0.888, 1)));
    connect(&run, &RunModel::changed, this, &RunStatus::update);
}

QLabel *RunStatus::addField(QStatusBar &bar, const QString &name, const QString &help, const QString &widest)
{
    auto *label = new QLabel{&bar};
    label->setObjectName(name);
    label->setToolTip(help);
    label->setMinimumWidth(label->fontMetrics().horizontalAdvance(widest) + 10);
    label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    bar.addPermanentWidget(label);
    return label;
}

void RunStatus::update(RunModel::Changes changes)
{
    if (!(changes & RunModel::FrameChanged))
        return;
    const auto &frame = m_run.frame();
    if (!frame) {
        for (auto *label : {m_accuracy, m_ratio, m_rate, m_waiting, m_measuring})
            label->clear();
        return;
    }
    m_accuracy->setText(tr("latent %1 · snapped %2").arg(shortShare(frame->latentAccuracy), shortShare(frame->snappedAccuracy)));
    m_ratio->setText(tr("ratio %1× (theory)").arg(shortNumber(frame->size.entropyRatio())));
    if (!(frame->imagesPerSecond > 0)) { // opened, not run
        for (auto *label : {m_rate, m_waiting, m_measuring})
            label->clear();
        return;
    }
    m_rate->setText(tr("%1 images/s").arg(wholeNumber(static_cast<std::uint64_t>(frame->imagesPerSecond))));
    m_waiting->setText(tr("waiting %1").arg(steadyShare(frame->waitingShare, 2)));
    m_measuring->setText(tr("measuring %1").arg(steadyShare(frame->measuringShare, 1)));
}

} // namespace widgets
