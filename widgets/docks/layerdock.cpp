// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/layerdock.h"
#include "widgets/models/layertablemodel.h"
#include <QEvent>
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
    m_table->horizontalHeader()->setStretchLastSection(true); // the few px that cannot be shared
    m_table->viewport()->installEventFilter(this);
    fitColumns();
    setWidget(m_table);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &row) {
        if (row.isValid())
            m_selection.selectLayer(engine::LayerId{static_cast<std::uint16_t>(row.row())});
    });
}

/// Room beyond what the columns need is shared among them.
void LayerDock::fitColumns()
{
    const QFontMetrics header{m_table->horizontalHeader()->font()}, cells{m_table->font()};
    std::array<int, LayerTableModel::ColumnCount> widths{};
    int needed = 0;
    for (int column = 0; column < LayerTableModel::ColumnCount; ++column) {
        const auto place = static_cast<std::size_t>(column);
        const auto title = m_model->headerData(column, Qt::Horizontal).toString();
        widths[place] = qMax(header.horizontalAdvance(title) + 8, cells.horizontalAdvance(QString::fromUtf8(kWidest[place]))) + 14;
        needed += widths[place];
    }
    const int spare = qMax(0, m_table->viewport()->width() - needed) / LayerTableModel::ColumnCount;
    for (int column = 0; column < LayerTableModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, widths[static_cast<std::size_t>(column)] + spare);
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
    const int row = static_cast<int>(index(run().selectedLayer()));
    if ((changes & (RunModel::DescriptionChanged | RunModel::LayerChanged)) && row < m_model->rowCount())
        m_table->setCurrentIndex(m_model->index(row, m_table->currentIndex().isValid() ? m_table->currentIndex().column() : 0));
}

} // namespace widgets
