// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/dataeditor.h"
#include "widgets/docks/sourceeditor.h"
#include <QCoreApplication>
#include <array>

namespace widgets {
namespace {

constexpr std::array kSources{
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10, folder…"),
           "cifar10:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with CIFAR-10"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10, archive…"),
           "cifar10:", QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10 archive"),
           QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-10 binary archive (*.tar.gz *.tgz)")},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100, folder…"),
           "cifar100:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with CIFAR-100"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100, archive…"),
           "cifar100:", QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100 archive"),
           QT_TRANSLATE_NOOP("widgets::DataEditor", "CIFAR-100 binary archive (*.tar.gz *.tgz)")},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, folders of PNG or JPEG…"),
           "folder:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with a folder of images for each class"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, the same at 64×64…"),
           "folder:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with a folder of images for each class"), nullptr, "@64"},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, HDF5 file…"),
           "hdf5:", QT_TRANSLATE_NOOP("widgets::DataEditor", "HDF5 file with images and labels"),
           QT_TRANSLATE_NOOP("widgets::DataEditor", "HDF5 (*.h5 *.hdf5 *.hdf)")},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Own images, IDX folder…"),
           "idx:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with four IDX files"), nullptr},
    Source{QT_TRANSLATE_NOOP("widgets::DataEditor", "Fashion-MNIST, folder…"),
           "fashion-mnist:", QT_TRANSLATE_NOOP("widgets::DataEditor", "Folder with Fashion-MNIST"), nullptr},
};

} // namespace

ParameterEditor *makeDataEditor(const engine::ParameterSpec &row, QWidget *parent)
{
    constexpr auto context = "widgets::DataEditor";
    auto *editor = new SourceEditor{row, parent};
    editor->addKnown(QCoreApplication::translate(context, "Fashion-MNIST"), QStringLiteral("fashion-mnist"));
    editor->addSources(kSources, context);
    editor->addKnown(QCoreApplication::translate(context, "Generated"), QStringLiteral("generated"));
    return editor;
}

} // namespace widgets
