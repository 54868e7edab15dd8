// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/controlpanel.h"
#include "widgets/docks/layerrulesdialog.h"
#include "widgets/docks/parameterrow.h"
#include "widgets/docks/runcontrols.h"
#include "widgets/models/texts.h"
#include <QAction>
#include <QGridLayout>
#include <QGroupBox>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

namespace widgets {
namespace {

using engine::ParameterId;

// What every experiment is about; all else is "advanced".
constexpr std::array kEssential = {
    ParameterId::Data,    ParameterId::Model,  ParameterId::CodebookSize, ParameterId::Lambda,      ParameterId::Regularizer,
    ParameterId::Forward, ParameterId::Epochs, ParameterId::LearningRate, ParameterId::ClusterRate, ParameterId::RepresentativeRate};

bool isEssential(ParameterId id)
{
    return std::ranges::find(kEssential, id) != kEssential.end();
}

/// The panel scrolls down only: it is never narrower than what it holds.
class PanelScroll : public QScrollArea {
public:
    using QScrollArea::QScrollArea;
    QSize minimumSizeHint() const override
    {
        const int content = widget() ? widget()->minimumSizeHint().width() : 0;
        return {content + verticalScrollBar()->sizeHint().width() + 2 * frameWidth(), 120};
    }
    QSize sizeHint() const override { return {minimumSizeHint().width(), QScrollArea::sizeHint().height()}; }
};

} // namespace

ControlPanel::ControlPanel(const RunModel &run, ParameterModel &parameters, const QList<QAction *> &buttons, QWidget *parent)
    : Dock{QStringLiteral("controlDock"), tr("Control panel"), run, parent}, m_parameters{parameters}, m_fixed{new QLabel},
      m_toggle{new QToolButton}, m_conflicts{new QLabel}, m_advanced{new QWidget}
{
    auto *panel = new QWidget{this};
    auto *outer = new QVBoxLayout{panel};
    outer->setContentsMargins(6, 4, 6, 0);
    outer->setSpacing(6);
    outer->addWidget(new RunControls{run, buttons, panel});

    auto *content = new QWidget;
    auto *layout = new QVBoxLayout{content};
    layout->setContentsMargins(0, 0, 2, 6);
    layout->setSpacing(6);
    m_fixed->setObjectName(QStringLiteral("fixedNote"));
    m_fixed->setWordWrap(true);
    m_fixed->setText(tr("Greyed values are fixed while the run goes on. Stop it, or choose File ▸ New run."));
    m_fixed->hide();
    layout->addWidget(m_fixed);
    auto labels = addGroups(*layout, content, false);

    m_toggle->setObjectName(QStringLiteral("advancedToggle"));
    m_toggle->setToolTip(tr("Show or hide the settings that few experiments change"));
    m_toggle->setCheckable(true);
    m_toggle->setAutoRaise(true);
    m_toggle->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toggle->setArrowType(Qt::RightArrow);
    m_toggle->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_toggle, &QToolButton::toggled, this, &ControlPanel::setAdvancedShown);
    layout->addWidget(m_toggle);
    m_conflicts->setObjectName(QStringLiteral("foldedConflicts"));
    m_conflicts->setWordWrap(true);
    m_conflicts->setTextFormat(Qt::PlainText);
    layout->addWidget(m_conflicts);
    auto *advanced = new QVBoxLayout{m_advanced};
    advanced->setContentsMargins(0, 0, 0, 0);
    advanced->setSpacing(6);
    labels += addGroups(*advanced, m_advanced, true);
    int widest = 0; // one column of labels through all groups
    for (const auto *label : labels)
        widest = std::max(widest, label->sizeHint().width());
    for (auto *label : labels)
        label->setMinimumWidth(widest);
    m_advanced->hide();
    layout->addWidget(m_advanced);
    layout->addStretch(1);

    auto *scroll = new PanelScroll{panel};
    scroll->setObjectName(QStringLiteral("parameterScroll"));
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus); // it follows the field that has it
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    outer->addWidget(scroll, 1);
    setWidget(panel);
    connect(&m_parameters, &ParameterModel::everythingChanged, this, [this] {
        m_fixed->setVisible(m_parameters.hasRun());
        showConflicts();
    });
    connect(&m_parameters, &ParameterModel::changed, this, &ControlPanel::showConflicts);
    showConflicts();
}

QList<QLabel *> ControlPanel::addGroups(QVBoxLayout &layout, QWidget *parent, bool advanced)
{
    QGroupBox *box = nullptr;
    QGridLayout *grid = nullptr;
    QList<QLabel *> labels;
    for (const auto &row : engine::parameterTable()) {
        if (isEssential(row.id) == advanced)
            continue;
        if (!box || box->title() != qtext(row.group)) {
            box = new QGroupBox{qtext(row.group), parent};
            grid = new QGridLayout{box};
            grid->setContentsMargins(8, 4, 4, 6);
            grid->setHorizontalSpacing(6);
            grid->setVerticalSpacing(4);
            grid->setColumnStretch(1, 1);
            layout.addWidget(box);
        }
        const auto style = row.id == ParameterId::Lambda ? ParameterEditor::Style::WithSlider : ParameterEditor::Style::Compact;
        const auto *made = new ParameterRow{row, style, m_parameters, box, *grid};
        connect(made, &ParameterRow::tableRequested, this, [this] { LayerRulesDialog::open(run(), m_parameters, window()); });
        labels << made->label();
    }
    return labels;
}

/// Folded away, a field cannot show by itself that a run cannot begin with it.
void ControlPanel::showConflicts()
{
    QStringList reasons;
    for (const auto &row : engine::parameterTable()) {
        if (const auto reason = m_parameters.conflict(row.id); !isEssential(row.id) && !reason.isEmpty() && !reasons.contains(reason))
            reasons << reason;
    }
    m_toggle->setText(reasons.isEmpty() ? tr("Advanced") : tr("Advanced ⚠"));
    m_conflicts->setText(reasons.join(QLatin1Char('\n')));
    m_conflicts->setVisible(!reasons.isEmpty() && !isAdvancedShown());
}

bool ControlPanel::isAdvancedShown() const
{
    return m_toggle->isChecked();
}

void ControlPanel::setAdvancedShown(bool on)
{
    m_toggle->setChecked(on);
    m_toggle->setArrowType(on ? Qt::DownArrow : Qt::RightArrow);
    m_advanced->setVisible(on);
    showConflicts();
}

void ControlPanel::refresh(RunModel::Changes)
{
    // Rows follow the parameters, the controls follow the run, each by itself.
}

} // namespace widgets
