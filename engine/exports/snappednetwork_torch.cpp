// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/snappednetwork_torch.h"
#include "engine/nets/listing.h"
#include "engine/training/elementorder_torch.h"
#include <torch/torch.h>

namespace engine {
namespace {

/// A channel of one colour is centred only, as minibatches do.
Normalisation withoutZeros(Normalisation normalisation)
{
    for (float &deviation : normalisation.deviation) {
        if (!(deviation > 0))
            deviation = 1;
    }
    return normalisation;
}

} // namespace

SnappedNetwork snappedNetwork(const TrainingState &state)
{
    const ImageSet &images = state.dataset.train;
    SnappedNetwork result{.model = state.description.modelName, .classNames = state.dataset.classNames,
                          .images = {images.channels, images.height, images.width}, .normalisation = withoutZeros(state.normalisation),
                          .tensors = {}, .layers = {}, .plan = {}};
    const auto snapped = state.snappedKernels();
    std::size_t kernel = 0;
    for (const auto &entry : state.network->tensors()) {
        if (entry.role != Network::Role::Kernel) {
            result.tensors.push_back(toNamedArray(entry.name, entry.tensor));
            continue;
        }
        const KernelLayers &of = state.kernels[kernel];
        result.tensors.push_back(toNamedArray(entry.name, snapped[kernel++]));
        for (std::size_t position = of.first; position < of.first + of.count; ++position) {
            const LayerQuantizer &layer = *state.layers[position];
            result.layers.push_back({.info = layer.info(), .kernel = entry.name, .codebook = {layer.codebook().begin(), layer.codebook().end()},
                                     .codes = toShapeOrder<CodeIndex>(layer.codes(), layer.kernel())});
        }
    }
    if (const auto &model = state.settings.text(ParameterId::Model); !model.starts_with(kTorchScriptPrefix))
        result.plan = planNetwork(model, result.images, static_cast<int>(result.classNames.size())).value();
    return result;
}

} // namespace engine
