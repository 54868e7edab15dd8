// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/figures.h"
#include "app/gui/application.h"
#include "engine/storage/snapshotframe.h"
#include "widgets/plots/figures.h"

namespace app {

int drawFigures(int argc, char **argv, const std::filesystem::path &snapshot, const std::filesystem::path &folder, Console &console)
{
    const auto data = engine::readSnapshot(snapshot);
    if (!data)
        return console.complain(data.error());
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return console.complain("--out: cannot make the folder " + folder.string() + ": " + error.message() + ".", kExitRefused);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    const Application application{argc, argv};
    const auto files = widgets::renderFigures(
        {.description = data->run.description, .frame = engine::frameOf(*data), .history = data->run.history, .baseline = {}},
        QString::fromStdString(folder.string()));
    if (!files)
        return console.complain(files.error());
    for (const auto &file : *files)
        console.out(file.toStdString() + '\n');
    return kExitDone;
}

} // namespace app
