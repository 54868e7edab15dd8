// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/dataset.h"
#include "engine/frame.h"
#include "engine/nets/plan.h"
#include "engine/storage/snapshot.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// A codebook and the codes of the weights it stands for: a layer, or a range of its output channels.
struct CodedLayer {
    LayerInfo info;                ///< of a range: "features.3[0:16]"
    std::string kernel;            ///< the tensor that it is, or is a part of: "features.3.weight"
    std::vector<float> codebook;   ///< (k) ascending
    std::vector<CodeIndex> codes;  ///< (n) each < k, row-major in the shape of `info`
};

/// The snapped network of a snapshot, as every format takes it: plain copies, independent of LibTorch. Its normalisation divides by no zero.
struct SnappedNetwork {
    std::string model;                     ///< "lenet5", or the file's name of a network of the user's own
    std::vector<std::string> classNames;
    ImageShape images;
    Normalisation normalisation;           ///< the network takes (pixel ÷ 255 − mean) ÷ deviation
    std::vector<NamedArray> tensors;       ///< all the network computes with, kernels snapped; those of a kernel's ranges lie in `layers` one behind the other
    std::vector<CodedLayer> layers;        ///< by LayerId
    std::optional<NetworkPlan> plan;       ///< of a built-in network

    const NamedArray *find(std::string_view name) const; ///< nullptr: none of that name
};

/// What a file says about its network, in names and words that every format shares: "model", "classes", "input_shape" (channels, height,
/// width), "mean" and "std" (of each channel, for pixels divided by 255), "program".
std::string factsAsJson(const SnappedNetwork &network);                         ///< one object
std::map<std::string, std::string> factsAsTexts(const SnappedNetwork &network); ///< its fields, lists as JSON

} // namespace engine
