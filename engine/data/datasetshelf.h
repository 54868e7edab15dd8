// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/dataset.h"
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace engine {

/// Data sets in use: each is loaded once, however many runs look at it, and let go with the last of them. Any
/// thread may ask; one that asks for what another is loading waits for it.
class DatasetShelf {
public:
    /// Errors: those of loadDataset.
    Result<std::shared_ptr<const Dataset>> load(std::string_view spec);

private:
    struct Place {
        std::mutex loading;
        std::weak_ptr<const Dataset> dataset; // guarded by loading
    };
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<Place>, std::less<>> m_places; // guarded by m_mutex
};

} // namespace engine
