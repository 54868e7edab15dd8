// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/layerdock.h"
#include "widgets/models/layertablemodel.h"
#include <QFontMetrics>
#include <QHeaderView>
#include <QTableView>
#include <array>

namespace widgets {
namespace {

// Wide enough for what a column ever shows, so that numbers that change do not make columns jump.
constexpr std::array kWidest = {"classifier.10", "512 × 512 × 3 × 3", "102 760 448", "256", "0.000123", "0.0001234",
                                "0.0001 %", "0000", "0.0001234", "0.0000"};
static_assert(kWidest.size() == LayerTableModel::ColumnCount);

} // namespace

LayerDock::LayerDock(RunModel &run, ParameterModel &parameters, QWidget *parent)
    : Dock{QStringLiteral("layersDock"), tr("Layers"), run, parent}, m_selection{run},
      m_model{new LayerTableModel{run, parameters, this}}, m_table{new QTableView{this}}
{
    m_table->setObjectName(QStringLiteral("layerTable"));
    m_table->setAccessibleName(tr("Layers"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed
                             | QAbstractItemView::AnyKeyPressed);
    m_table->setAlternatingRowColors(true);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false); // Tab goes on to the next dock
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    fitColumns();
    setWidget(m_table);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &row) {
        if (row.isValid())
            m_selection.selectLayer(engine::LayerId{static_cast<std::uint16_t>(row.row())});
    });
}

void LayerDock::fitColumns()
{
    const QFontMetrics header{m_table->horizontalHeader()->font()}, cells{m_table->font()};
    for (int column = 0; column < LayerTableModel::ColumnCount; ++column) {
        const auto title = m_model->headerData(column, Qt::Horizontal).toString();
        const auto widest = QString::fromUtf8(kWidest[static_cast<std::size_t>(column)]);
        m_table->setColumnWidth(column, qMax(header.horizontalAdvance(title), cells.horizontalAdvance(widest)) + 22);
    }
}

void LayerDock::refresh(RunModel::Changes changes)
{
    m_model->refresh(changes);
    const int row = static_cast<int>(index(run().selectedLayer()));
    if ((changes & (RunModel::DescriptionChanged | RunModel::LayerChanged)) && row < m_model->rowCount())
        m_table->setCurrentIndex(m_model->index(row, m_table->currentIndex().isValid() ? m_table->currentIndex().column() : 0));
}

} // namespace widgets
