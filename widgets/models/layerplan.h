// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include <QString>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace widgets {

class ParameterModel;

/// The layers that a run has, float ones too, in forward order; ranges of channels are of one layer.
std::vector<std::string> layerNames(const engine::RunDescription &run);

/// What single layers of `run` shall be in the next run, as rules of its parameter `layers` (see ParameterModel::plan).
/// Each returns a sentence on what will happen. `layer` may be a range of channels, and stands for its whole layer.
/// Errors: BadValue, with a sentence: the next run trains another network; no layer would be quantized;
/// layers share their codebooks; a codebook cannot be larger.
engine::Result<QString> planFloat(ParameterModel &parameters, const engine::RunDescription &run, const std::string &layer);
/// Twice as many representatives as it would have, up to the most there can be.
engine::Result<QString> planMoreRepresentatives(ParameterModel &parameters, const engine::RunDescription &run, const std::string &layer);
engine::Result<QString> planAllocation(ParameterModel &parameters, const engine::RunDescription &run,
                                       std::span<const std::pair<std::string, int>> k);

} // namespace widgets
