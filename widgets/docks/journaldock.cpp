// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/journaldock.h"
#include "widgets/docks/emptyhint.h"
#include "widgets/models/journalmodel.h"
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QTableView>

namespace widgets {
namespace {

/// Warnings and errors stand out by weight and a sign, not by colour alone.
class JournalDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const auto severity = static_cast<JournalModel::Severity>(index.data(Qt::UserRole).toInt());
        if (index.column() != JournalModel::Text || severity == JournalModel::Severity::Fact)
            return;
        option->font.setBold(true);
        option->text.prepend(severity == JournalModel::Severity::Error ? QStringLiteral("✕ ") : QStringLiteral("⚠ "));
    }
};

} // namespace

JournalDock::JournalDock(const RunModel &run, JournalModel &journal, QWidget *parent)
    : Dock{QStringLiteral("journalDock"), tr("Journal"), run, parent}, m_table{new QTableView{this}}
{
    m_table->setObjectName(QStringLiteral("journalTable"));
    m_table->setAccessibleName(tr("Journal"));
    m_table->setModel(&journal);
    m_table->setItemDelegate(new JournalDelegate{m_table});
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setTabKeyNavigation(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 5);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setColumnWidth(JournalModel::Time, m_table->fontMetrics().horizontalAdvance(QStringLiteral("00:00:00")) + 18);
    m_table->setColumnWidth(JournalModel::Step, m_table->fontMetrics().horizontalAdvance(QStringLiteral("0 000 000")) + 18);
    new EmptyHint{tr("What happens in a run is listed here: stages, accuracies of each epoch, changed settings, snapshots."), *m_table};
    setWidget(m_table);

    auto *copy = new QAction{tr("Copy journal"), m_table};
    connect(copy, &QAction::triggered, this, [&journal] { QApplication::clipboard()->setText(journal.plainText()); });
    m_table->addAction(copy);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);

    connect(&journal, &QAbstractItemModel::rowsAboutToBeInserted, this, [this] {
        const auto *bar = m_table->verticalScrollBar();
        m_follow = bar->value() >= bar->maximum() - 1;
    });
    connect(&journal, &QAbstractItemModel::rowsInserted, m_table, [this] {
        if (m_follow)
            m_table->scrollToBottom();
    }, Qt::QueuedConnection);
}

} // namespace widgets
