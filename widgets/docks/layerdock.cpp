// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/layerdock.h"
#include "widgets/docks/emptyhint.h"
#include "widgets/docks/layerrulesdialog.h"
#include "widgets/docks/tables.h"
#include "widgets/models/layertablemodel.h"
#include <QAction>
#include <QEvent>
#include <QFontMetrics>
#include <QHeaderView>
#include <QTableView>
#include <array>
#include <numeric>

namespace widgets {
namespace {

// Wide enough for what a measured column ever shows, so that numbers that change do not make columns jump.
// The others are as wide as their run needs.
constexpr std::array kWidest = {"classifier.10", "linear", "16 × 6 × 5 × 5", "", "", "0.000123", "0.0001234",
                                "0.0001 %", "0000", "0.0001234", "0.0000", "88.8 %"};
static_assert(kWidest.size() == LayerTableModel::ColumnCount);

} // namespace

LayerDock::LayerDock(RunModel &run, ParameterModel &parameters, QWidget *parent)
    : Dock{QStringLiteral("layersDock"), tr("Layers"), run, parent}, m_selection{run},
      m_model{new LayerTableModel{run, parameters, this}}, m_table{new QTableView{this}}
{
    m_table->setObjectName(QStringLiteral("layerTable"));
    m_table->setAccessibleName(tr("Layers"));
    m_table->setModel(m_model);
    styleLayerTable(*m_table);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed
                             | QAbstractItemView::AnyKeyPressed);
    m_table->viewport()->installEventFilter(this);
    new EmptyHint{tr("The layers of the network appear here once a run has begun: press Run, or open a snapshot."), *m_table};
    fitColumns();
    setWidget(m_table);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *single = new QAction{tr("Settings of single layers…"), m_table};
    single->setObjectName(QStringLiteral("singleLayers"));
    m_table->addAction(single);
    connect(single, &QAction::triggered, this, [this, &parameters] { LayerRulesDialog::open(m_selection, parameters, window()); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &row) {
        if (const auto layer = m_model->layerAt(row.row()))
            m_selection.selectLayer(*layer);
    });
}

/// One word in place of what a codebook would tell.
void LayerDock::spanFloatRows()
{
    m_table->clearSpans();
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (!m_model->layerAt(row))
            m_table->setSpan(row, LayerTableModel::K, 1, LayerTableModel::Entropy - LayerTableModel::K);
    }
}

int LayerDock::neededWidth(int column) const
{
    const QFontMetrics header{m_table->horizontalHeader()->font()}, cells{m_table->font()};
    int width = qMax(header.horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString()),
                     cells.horizontalAdvance(QString::fromUtf8(kWidest[static_cast<std::size_t>(column)])));
    for (int row = 0; column < LayerTableModel::Lambda && row < m_model->rowCount(); ++row) {
        if (column == LayerTableModel::K && !m_model->layerAt(row))
            continue; // spans others
        width = qMax(width, cells.horizontalAdvance(m_model->index(row, column).data().toString()));
    }
    return width + kCellPadding;
}

/// Where room is missing the kind, which the shape tells as well, goes first.
void LayerDock::fitColumns()
{
    std::array<int, LayerTableModel::ColumnCount> widths{};
    for (int column = 0; column < LayerTableModel::ColumnCount; ++column)
        widths[static_cast<std::size_t>(column)] = neededWidth(column);
    const bool isNarrow = std::accumulate(widths.begin(), widths.end(), 0) > m_table->viewport()->width();
    m_table->setColumnHidden(LayerTableModel::Kind, isNarrow);
    if (isNarrow)
        widths[LayerTableModel::Kind] = 0;
    shareWidth(*m_table, widths, {LayerTableModel::Shape, LayerTableModel::Name});
}

bool LayerDock::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitColumns();
    return Dock::eventFilter(watched, event);
}

void LayerDock::refresh(RunModel::Changes changes)
{
    m_model->refresh(changes);
    if (changes & RunModel::DescriptionChanged) {
        spanFloatRows();
        fitColumns();
    }
    const int row = m_model->rowOf(run().selectedLayer());
    if ((changes & (RunModel::DescriptionChanged | RunModel::LayerChanged)) && row < m_model->rowCount())
        m_table->setCurrentIndex(m_model->index(row, m_table->currentIndex().isValid() ? m_table->currentIndex().column() : 0));
}

} // namespace widgets
