// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace engine {

/// A network on the images of a measurement.
struct Scores {
    double accuracy = 0; ///< share that it labels right, 0…1
    double loss = 0;     ///< mean cross-entropy, natural log
};

} // namespace engine
