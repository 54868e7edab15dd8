// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/windowsettings.h"
#include <QFileInfo>
#include <QSettings>

namespace app {
namespace {

QSettings store()
{
    return QSettings{QStringLiteral("Condensate"), QStringLiteral("condensate")};
}

// Spelled once.
const QString kKeySchema = QStringLiteral("schema");
const QString kKeyGeometry = QStringLiteral("window/geometry");
const QString kKeyDocks = QStringLiteral("window/docks");
const QString kKeyAppearance = QStringLiteral("window/appearance");
const QString kKeyAdvanced = QStringLiteral("panel/advanced");
const QString kKeyLogarithmic = QStringLiteral("histogram/logarithmic");
const QString kKeyRecent = QStringLiteral("files/recent");

} // namespace

WindowSettings WindowSettings::load()
{
    WindowSettings loaded;
    const auto stored = store();
    if (stored.value(kKeySchema).toInt() != kSchema)
        return loaded;
    loaded.geometry = stored.value(kKeyGeometry).toByteArray();
    loaded.docks = stored.value(kKeyDocks).toByteArray();
    const int appearance = stored.value(kKeyAppearance).toInt();
    if (appearance >= 0 && appearance <= static_cast<int>(Appearance::Dark))
        loaded.appearance = static_cast<Appearance>(appearance);
    loaded.advancedShown = stored.value(kKeyAdvanced, false).toBool();
    loaded.logarithmicCounts = stored.value(kKeyLogarithmic, true).toBool();
    loaded.recentFiles = stored.value(kKeyRecent).toStringList().mid(0, kRecentFiles);
    return loaded;
}

void WindowSettings::save() const
{
    auto stored = store();
    stored.setValue(kKeySchema, kSchema);
    stored.setValue(kKeyGeometry, geometry);
    stored.setValue(kKeyDocks, docks);
    stored.setValue(kKeyAppearance, static_cast<int>(appearance));
    stored.setValue(kKeyAdvanced, advancedShown);
    stored.setValue(kKeyLogarithmic, logarithmicCounts);
    stored.setValue(kKeyRecent, recentFiles);
}

void WindowSettings::addRecent(const QString &file)
{
    const auto path = QFileInfo{file}.absoluteFilePath();
    recentFiles.removeAll(path);
    recentFiles.prepend(path);
    recentFiles = recentFiles.mid(0, kRecentFiles);
}

} // namespace app
