// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/packeddock.h"
#include "widgets/docks/emptyhint.h"
#include "widgets/docks/tables.h"
#include "widgets/models/packedsizemodel.h"
#include <QAction>
#include <QEvent>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <array>

namespace widgets {
namespace {

// Wide enough for what a measured column ever shows, so that numbers that change do not make columns jump.
// Bytes are fewer than weights.
constexpr std::array kWidest = {"classifier.10", "", "256", "256", "0.0000", "sparse-huffman", "", "88.8 %"};
static_assert(kWidest.size() == PackedSizeModel::ColumnCount);

} // namespace

PackedDock::PackedDock(RunModel &run, QWidget *parent)
    : Dock{QStringLiteral("packedDock"), tr("Packed size"), run, parent}, m_selection{run}, m_model{new PackedSizeModel{run, this}},
      m_table{new QTableView{this}}, m_summary{new QLabel{this}}, m_below{new QHBoxLayout}
{
    m_table->setObjectName(QStringLiteral("packedTable"));
    m_table->setAccessibleName(tr("Packed size of the layers"));
    m_table->setModel(m_model);
    styleLayerTable(*m_table);
    m_table->viewport()->installEventFilter(this);
    new EmptyHint{tr("What the network takes as a packed file is listed here once a run has begun: press Run, or open a snapshot."),
                  *m_table};
    m_summary->setObjectName(QStringLiteral("packedSummary"));
    m_summary->setAccessibleName(tr("Packed size of the network"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_below->setContentsMargins(8, 2, 4, 2);
    m_below->addWidget(m_summary, 1);
    auto *content = new QWidget{this};
    auto *layout = new QVBoxLayout{content};
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_table, 1);
    layout->addLayout(m_below);
    fitColumns();
    setWidget(content);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &row) {
        if (row.isValid())
            m_selection.selectLayer(engine::LayerId{static_cast<std::uint16_t>(row.row())});
    });
}

void PackedDock::addButton(QAction *action)
{
    auto *button = new QToolButton{widget()};
    button->setObjectName(action->objectName() + QStringLiteral("Button"));
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setFocusPolicy(Qt::TabFocus);
    m_below->addWidget(button, 0, Qt::AlignVCenter);
    setTabOrder(m_table, button);
}

int PackedDock::neededWidth(int column) const
{
    const QFontMetrics header{m_table->horizontalHeader()->font()}, cells{m_table->font()};
    int width = qMax(header.horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString()),
                     cells.horizontalAdvance(QString::fromUtf8(kWidest[static_cast<std::size_t>(column)])));
    const int told = column == PackedSizeModel::Bytes ? static_cast<int>(PackedSizeModel::Weights) : column;
    for (int row = 0; told <= PackedSizeModel::Weights && row < m_model->rowCount(); ++row)
        width = qMax(width, cells.horizontalAdvance(m_model->index(row, told).data().toString()));
    return width + kCellPadding;
}

void PackedDock::fitColumns()
{
    std::array<int, PackedSizeModel::ColumnCount> widths{};
    for (int column = 0; column < PackedSizeModel::ColumnCount; ++column)
        widths[static_cast<std::size_t>(column)] = neededWidth(column);
    shareWidth(*m_table, widths, {PackedSizeModel::Name, PackedSizeModel::Coder});
}

bool PackedDock::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_table->viewport() && event->type() == QEvent::Resize)
        fitColumns();
    return Dock::eventFilter(watched, event);
}

void PackedDock::refresh(RunModel::Changes changes)
{
    m_model->refresh(changes);
    if (changes & RunModel::DescriptionChanged)
        fitColumns();
    if (changes & (RunModel::DescriptionChanged | RunModel::PackedChanged)) {
        m_summary->setText(m_model->summary());
        m_summary->setToolTip(m_model->purposes());
    }
    const int row = static_cast<int>(engine::index(run().selectedLayer()));
    if ((changes & (RunModel::DescriptionChanged | RunModel::LayerChanged)) && row < m_model->rowCount())
        m_table->setCurrentIndex(m_model->index(row, m_table->currentIndex().isValid() ? m_table->currentIndex().column() : 0));
}

} // namespace widgets
