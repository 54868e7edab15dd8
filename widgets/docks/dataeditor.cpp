// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/dataeditor.h"
#include "widgets/models/texts.h"
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <array>

namespace widgets {
namespace {

constexpr int kSourceRole = Qt::UserRole + 1; // place in kSources of an item that asks for a path

/// A kind of data whose place is asked for.
struct Source {
    const char *item, *prefix, *title;
    const char *filter;      ///< of a file; null asks for a folder
    const char *suffix = ""; ///< behind the path
};

constexpr std::array kSources{
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10, folder…"), "cifar10:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with CIFAR-10"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10, archive…"), "cifar10:", QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10 archive"),
           QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10 binary archive (*.tar.gz *.tgz)")},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100, folder…"), "cifar100:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with CIFAR-100"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100, archive…"), "cifar100:", QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100 archive"),
           QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100 binary archive (*.tar.gz *.tgz)")},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, folders of PNG or JPEG…"), "folder:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with a folder of images for each class"),
           nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, the same at 64×64…"), "folder:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with a folder of images for each class"),
           nullptr, "@64"},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, HDF5 file…"), "hdf5:", QT_TRANSLATE_NOOP("widgets::DataEditor", "HDF5 file with images and labels"),
           QT_TRANSLATE_NOOP("widgets::DataEditor", "HDF5 (*.h5 *.hdf5 *.hdf)")},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, IDX folder…"), "idx:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with four IDX files"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Fashion-MNIST, folder…"), "fashion-mnist:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with Fashion-MNIST"), nullptr},
};

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
    for (int source = 0; source < static_cast<int>(kSources.size()); ++source) {
        m_box->addItem(tr(kSources[source].item));
        m_box->setItemData(m_box->count() - 1, source, kSourceRole);
    }
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
    browse(m_box->itemData(item, kSourceRole).toInt());
}

void DataEditor::browse(int source)
{
    const Source &asked = kSources.at(static_cast<std::size_t>(source));
    auto *dialog = new QFileDialog{this, tr(asked.title)};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(asked.filter ? QFileDialog::ExistingFile : QFileDialog::Directory);
    if (asked.filter)
        dialog->setNameFilters({tr(asked.filter), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this, asked](const QString &path) {
        choose(QLatin1String{asked.prefix} + path + QLatin1String{asked.suffix});
    });
    dialog->open();
}

void DataEditor::choose(const QString &value)
{
    Q_EMIT dragBegan();
    Q_EMIT edited(value.toStdString());
}

} // namespace widgets
