// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/figures.h"
#include "engine/storage/snapshotframe.h"
#include "widgets/plots/figures.h"
#include <QApplication>
#include <cstdio>

namespace app {

int drawFigures(int argc, char **argv, const std::filesystem::path &snapshot, const std::filesystem::path &folder)
{
    const auto complain = [](const engine::Error &error) {
        std::fprintf(stderr, "condensate: %s\n", error.text.c_str());
        return 2;
    };
    const auto data = engine::readSnapshot(snapshot);
    if (!data)
        return complain(data.error());
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication application{argc, argv};
    const auto files = widgets::renderFigures(
        {.description = data->run.description, .frame = engine::frameOf(*data), .history = data->run.history, .baseline = {}},
        QString::fromStdString(folder.string()));
    if (!files)
        return complain(files.error());
    for (const auto &file : *files)
        std::printf("%s\n", qPrintable(file));
    return 0;
}

} // namespace app
