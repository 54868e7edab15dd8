// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/sensitivitydock.h"
#include "engine/core/ids.h"
#include "widgets/models/layerplan.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/texts.h"
#include "widgets/plots/numberboxes.h"
#include "widgets/plots/sensitivityview.h"
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kImages = 1000, kMostImages = 1'000'000;
constexpr int kNoteLines = 3;
constexpr double kFresh = 0.25; // of an epoch, in which weights move little

QPushButton *makeButton(const char *name, const QString &text, const QString &help, QWidget *parent)
{
    auto *button = new QPushButton{text, parent};
    button->setObjectName(QString::fromLatin1(name));
    button->setToolTip(help);
    return button;
}

QHBoxLayout *addRow(QVBoxLayout &column, std::initializer_list<QWidget *> widgets)
{
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    for (auto *widget : widgets)
        row->addWidget(widget, 1);
    column.addLayout(row);
    return row;
}

} // namespace

SensitivityDock::SensitivityDock(const RunModel &run, ParameterModel &parameters, QWidget *parent)
    : PlotDock{QStringLiteral("sensitivityDock"), tr("Sensitivity"), run, new SensitivityView, parent}, m_parameters{parameters},
      m_view{static_cast<SensitivityView *>(&view())}
{
    setContent(makePanel());
    connect(m_view, &SensitivityView::chosenChanged, this, [this] { showNote({}); });
    adapt();
}

QWidget *SensitivityDock::makePanel()
{
    auto *panel = new QWidget{this};
    auto *side = new QWidget{panel};
    auto *column = new QVBoxLayout{side};
    column->setContentsMargins(8, 4, 4, 4);
    column->setSpacing(4);
    addMeasuring(*column);
    addActing(*column);
    m_note = new QLabel{side};
    m_note->setObjectName(QStringLiteral("sensitivityNote"));
    m_note->setWordWrap(true);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Ignored); // a long sentence shall not move the plots; its tooltip has it all
    m_note->setMinimumHeight(kNoteLines * m_note->fontMetrics().lineSpacing());
    column->addWidget(m_note, 1);
    side->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    auto *layout = new QHBoxLayout{panel};
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(side);
    layout->addWidget(m_view, 1);
    panel->setTabOrder(m_allocate, m_view);
    return panel;
}

void SensitivityDock::addMeasuring(QVBoxLayout &column)
{
    m_k = new WholeBox{this};
    m_k->setObjectName(QStringLiteral("sensitivityK"));
    m_k->setRange(0, engine::kMaxRepresentatives);
    m_k->setSpecialValueText(tr("k as trained"));
    m_k->setPrefix(tr("k = "));
    m_k->setAccessibleName(tr("Representatives to measure with"));
    m_k->setToolTip(tr("The codebooks as they are, or k-means codebooks of another size for all layers."));
    m_images = new WholeBox{this};
    m_images->setObjectName(QStringLiteral("sensitivityImages"));
    m_images->setRange(1, kMostImages);
    m_images->setValue(kImages);
    m_images->setSingleStep(100);
    m_images->setSuffix(tr(" images"));
    m_images->setAccessibleName(tr("Validation images to measure on"));
    m_images->setToolTip(tr("Validation images to measure on, at most; always the same ones."));
    addRow(column, {m_k, m_images});

    m_measure = makeButton("sensitivityMeasure", tr("&Measure"), {}, this);
    m_cancel = makeButton("sensitivityCancel", tr("Cancel"), tr("Give the measurement up."), this);
    m_cost = new QComboBox{this};
    m_cost->setObjectName(QStringLiteral("sensitivityCost"));
    m_cost->addItems({tr("Loss"), tr("Accuracy")}); // in the order of Cost
    m_cost->setAccessibleName(tr("What the bars show"));
    m_cost->setToolTip(tr("What the bars show and layers are sorted by."));
    m_progress = new QProgressBar{this};
    m_progress->setObjectName(QStringLiteral("sensitivityProgress"));
    m_progress->setAccessibleName(tr("Measurements done"));
    m_progress->setAlignment(Qt::AlignCenter);
    m_progress->setFormat(QStringLiteral("%v/%m"));
    addRow(column, {m_measure, m_cancel, m_cost, m_progress});
    connect(m_measure, &QPushButton::clicked, this, &SensitivityDock::askToMeasure);
    connect(m_cancel, &QPushButton::clicked, this, &SensitivityDock::cancelWanted);
    connect(m_cost, &QComboBox::currentIndexChanged, this, [this](int cost) { m_view->setCost(static_cast<Cost>(cost)); });
}

void SensitivityDock::addActing(QVBoxLayout &column)
{
    m_float = makeButton("sensitivityFloat", tr("&Keep float"),
                         tr("The chosen layer keeps its weights as they are in the next run, and costs 32 bits a weight."), this);
    m_more = makeButton("sensitivityMore", tr("More &representatives"),
                        tr("The chosen layer gets twice as many representatives in the next run."), this);
    addRow(column, {m_float, m_more});
    m_allocate = makeButton("sensitivityAllocate", tr("&Allocate bits…"),
                            tr("Choose k for every layer, for a number of bytes or an accuracy."), this);
    addRow(column, {m_allocate});
    connect(m_float, &QPushButton::clicked, this, [this] { act(planFloat); });
    connect(m_more, &QPushButton::clicked, this, [this] { act(planMoreRepresentatives); });
    connect(m_allocate, &QPushButton::clicked, this, &SensitivityDock::allocationWanted);
}

void SensitivityDock::askToMeasure()
{
    showNote({});
    Q_EMIT measureWanted(
        {.images = static_cast<std::size_t>(m_images->value()), .k = m_k->value() > 0 ? std::optional{m_k->value()} : std::nullopt});
}

void SensitivityDock::act(Plan plan)
{
    const auto planned = plan(m_parameters, *m_view->measured()->run, m_view->chosenLayer());
    showNote(planned ? *planned : QString::fromStdString(planned.error().text));
}

void SensitivityDock::setBusy(bool busy)
{
    m_busy = busy;
    m_progress->setRange(0, 0); // until it is known how many there are
    adapt();
}

void SensitivityDock::showProgress(int done, int all)
{
    m_progress->setRange(0, all);
    m_progress->setValue(done);
}

void SensitivityDock::showMeasured(std::shared_ptr<const MeasuredSensitivity> measured)
{
    if (!run().description()) // its run is gone; the view keeps what it belongs to
        m_view->setData({measured->run, nullptr, nullptr, {}});
    m_view->setMeasured(std::move(measured));
}

void SensitivityDock::showNote(const QString &sentence)
{
    m_said = sentence;
    adapt();
}

QString SensitivityDock::obstacle() const
{
    if (!run().canSave())
        return tr("A run is measured while it trains or pauses: press Run, or open a snapshot.");
    if (run().isCommitted())
        return tr("The weights lie on their representatives. Measure before the commit stage.");
    return {};
}

QString SensitivityDock::remark() const
{
    const auto &measured = m_view->measured();
    if (!measured)
        return {};
    if (measured->history != run().history())
        return tr("Measured at step %1 of an earlier run").arg(wholeNumber(count(measured->result.step)));
    const auto now = count(run().step()), then = count(measured->result.step);
    if (now < then || static_cast<double>(now - then) < kFresh * static_cast<double>(measured->run->stepsPerEpoch))
        return {};
    return tr("Measured at step %1, %2 steps ago").arg(wholeNumber(then), wholeNumber(now - then));
}

QString SensitivityDock::defaultNote() const
{
    if (!m_view->measured())
        return obstacle();
    const auto layer = qtext(m_view->chosenLayer());
    if (layer.isEmpty())
        return {};
    return m_view->isChosen() ? tr("Chosen: %1.").arg(layer)
                              : tr("Chosen: %1, the most sensitive. A click on another row chooses that one.").arg(layer);
}

void SensitivityDock::adapt()
{
    const auto why = obstacle();
    const bool isMeasured = m_view->measured() && !m_view->chosenLayer().empty();
    m_measure->setVisible(!m_busy);
    m_cost->setVisible(!m_busy);
    m_cancel->setVisible(m_busy);
    m_progress->setVisible(m_busy);
    for (QWidget *each : {static_cast<QWidget *>(m_measure), static_cast<QWidget *>(m_allocate)})
        each->setEnabled(why.isEmpty());
    m_measure->setToolTip(why.isEmpty() ? tr("Measures in the background, on the run as it is now; the run goes on.") : why);
    m_allocate->setToolTip(why.isEmpty() ? tr("Choose k for every layer, for a number of bytes or an accuracy.") : why);
    m_k->setEnabled(!m_busy);
    m_images->setEnabled(!m_busy);
    m_float->setEnabled(isMeasured);
    m_more->setEnabled(isMeasured);
    const auto note = m_said.isEmpty() ? defaultNote() : m_said;
    m_note->setText(note);
    m_note->setToolTip(note);
    m_view->setRemark(remark());
}

void SensitivityDock::refresh(RunModel::Changes changes)
{
    if (run().description() || !m_view->measured()) // else there is something to see still, which belongs to the run before
        PlotDock::refresh(changes);
    adapt();
}

} // namespace widgets
