// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/dataeditor.h"
#include "widgets/models/texts.h"
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>

namespace widgets {
namespace {

constexpr int kFolderRole = Qt::UserRole + 1; // prefix of a value whose folder is asked for
constexpr int kFileRole = Qt::UserRole + 2;   // the same, a file

QString ownText(const QString &value)
{
    const auto colon = value.indexOf(QLatin1Char(':'));
    if (colon < 0)
        return value;
    return QStringLiteral("%1: %2").arg(value.left(colon), QFileInfo{value.mid(colon + 1)}.fileName());
}

} // namespace

DataEditor::DataEditor(const engine::ParameterSpec &row, QWidget *parent) : ParameterEditor{row, parent}, m_box{new QComboBox{this}}
{
    m_box->addItem(tr("Fashion-MNIST"), QStringLiteral("fashion-mnist"));
    m_box->addItem(tr("CIFAR-10, folder…"));
    m_box->setItemData(1, QStringLiteral("cifar10:"), kFolderRole);
    m_box->addItem(tr("CIFAR-10, archive…"));
    m_box->setItemData(2, QStringLiteral("cifar10:"), kFileRole);
    m_box->addItem(tr("Fashion-MNIST, folder…"));
    m_box->setItemData(3, QStringLiteral("fashion-mnist:"), kFolderRole);
    m_box->addItem(tr("Generated (tests only)"), QStringLiteral("generated"));
    m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_box->setMinimumContentsLength(12);
    auto *layout = new QHBoxLayout{this};
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_box);
    adopt(m_box);
    connect(m_box, &QComboBox::activated, this, &DataEditor::picked);
}

void DataEditor::show(const engine::ParameterValue &value)
{
    m_value = shownValue(value);
    int item = m_box->findData(m_value);
    if (item < 0) {
        item = m_box->count();
        m_box->addItem(ownText(m_value), m_value);
        m_box->setItemData(item, m_value, Qt::ToolTipRole);
    }
    m_box->setCurrentIndex(item);
}

void DataEditor::picked(int item)
{
    if (const auto value = m_box->itemData(item).toString(); !value.isEmpty())
        return choose(value);
    m_box->setCurrentIndex(m_box->findData(m_value)); // until something is chosen
    const auto folder = m_box->itemData(item, kFolderRole).toString();
    browse(folder.isEmpty() ? m_box->itemData(item, kFileRole).toString() : folder, !folder.isEmpty());
}

void DataEditor::browse(const QString &prefix, bool folder)
{
    auto *dialog = new QFileDialog{this, folder ? tr("Folder with the data") : tr("CIFAR-10 archive")};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(folder ? QFileDialog::Directory : QFileDialog::ExistingFile);
    if (!folder)
        dialog->setNameFilters({tr("CIFAR-10 binary archive (*.tar.gz *.tgz)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this, prefix](const QString &path) { choose(prefix + path); });
    dialog->open();
}

void DataEditor::choose(const QString &value)
{
    Q_EMIT dragBegan();
    Q_EMIT edited(value.toStdString());
}

} // namespace widgets
