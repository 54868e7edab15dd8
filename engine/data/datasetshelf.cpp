// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/datasetshelf.h"

namespace engine {

Result<std::shared_ptr<const Dataset>> DatasetShelf::load(std::string_view spec)
{
    std::shared_ptr<Place> place;
    {
        const std::scoped_lock lock{m_mutex};
        auto &found = m_places[std::string{spec}];
        if (!found)
            found = std::make_shared<Place>();
        place = found;
    }
    const std::scoped_lock lock{place->loading};
    if (auto known = place->dataset.lock())
        return known;
    auto loaded = loadDataset(spec);
    if (!loaded)
        return std::unexpected(loaded.error());
    auto dataset = std::make_shared<const Dataset>(*std::move(loaded));
    place->dataset = dataset;
    return dataset;
}

} // namespace engine
