// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/sourceeditor.h"
#include "widgets/models/texts.h"
#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QStyleOptionComboBox>
#include <QStylePainter>

namespace widgets {
namespace {

constexpr int kSourceRole = Qt::UserRole + 1; // place in m_sources of an item that asks for a path

/// Paths are longer than the panel is wide: their ends tell more than their middles.
class ElidingBox : public QComboBox {
public:
    using QComboBox::QComboBox;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QStyleOptionComboBox option;
        initStyleOption(&option);
        const int room = style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, this).width() - 4;
        option.currentText = fontMetrics().elidedText(option.currentText, Qt::ElideMiddle, room);
        QStylePainter painter{this};
        painter.drawComplexControl(QStyle::CC_ComboBox, option);
        painter.drawControl(QStyle::CE_ComboBoxLabel, option);
    }
};

/// What a value is called in the list. With sources of one kind only, the kind need not be said.
QString ownText(const QString &value, bool oneKind)
{
    const auto colon = value.indexOf(QLatin1Char(':'));
    if (colon < 0)
        return value;
    if (oneKind)
        return QFileInfo{value.mid(colon + 1)}.fileName();
    return QStringLiteral("%1: %2").arg(value.left(colon), QFileInfo{value.mid(colon + 1)}.fileName());
}

} // namespace

SourceEditor::SourceEditor(const engine::ParameterSpec &row, QWidget *parent) : ParameterEditor{row, parent}, m_box{new ElidingBox{this}}
{
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(12);
    auto *layout = new QHBoxLayout{this};
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_box);
    adopt(m_box);
    connect(m_box, &QComboBox::activated, this, &SourceEditor::picked);
}

void SourceEditor::addKnown(const QString &item, const QString &value) { m_box->addItem(item, value); }

void SourceEditor::addSources(std::span<const Source> sources, const char *context)
{
    m_sources = sources;
    m_context = context;
    for (std::size_t source = 0; source < sources.size(); ++source) {
        m_box->addItem(QCoreApplication::translate(context, sources[source].item));
        m_box->setItemData(m_box->count() - 1, static_cast<int>(source), kSourceRole);
    }
}

void SourceEditor::show(const engine::ParameterValue &value)
{
    m_value = shownValue(value);
    int item = m_box->findData(m_value);
    if (item < 0) {
        item = m_box->count();
        m_box->addItem(ownText(m_value, m_sources.size() == 1), m_value);
        m_box->setItemData(item, m_value, Qt::ToolTipRole);
    }
    m_box->setCurrentIndex(item);
}

void SourceEditor::picked(int item)
{
    if (const auto value = m_box->itemData(item).toString(); !value.isEmpty())
        return choose(value);
    m_box->setCurrentIndex(m_box->findData(m_value)); // until something is chosen
    browse(m_sources[static_cast<std::size_t>(m_box->itemData(item, kSourceRole).toInt())]);
}

void SourceEditor::browse(const Source &source)
{
    auto *dialog = new QFileDialog{this, QCoreApplication::translate(m_context, source.title)};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(source.filter ? QFileDialog::ExistingFile : QFileDialog::Directory);
    if (source.filter)
        dialog->setNameFilters({QCoreApplication::translate(m_context, source.filter), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this, source](const QString &path) {
        choose(QLatin1String{source.prefix} + path + QLatin1String{source.suffix});
    });
    dialog->open();
}

void SourceEditor::choose(const QString &value)
{
    Q_EMIT dragBegan();
    Q_EMIT edited(value.toStdString());
}

} // namespace widgets
