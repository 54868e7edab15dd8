// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/evaluatepacked.h"
#include "engine/data/dataset.h"
#include "engine/nets/scriptarchive_torch.h"
#include "engine/packing/unpackednetwork_torch.h"
#include "engine/recipes/recipe.h"
#include "engine/training/evaluator_torch.h"
#include "engine/training/state_torch.h"
#include <exception>
#include <fmt/format.h>

namespace engine {
namespace {

Result<void> checkFit(const PackedNetwork &network, const Dataset &dataset)
{
    const ImageSet &images = dataset.test;
    if (images.channels != static_cast<int>(network.channels) || images.height != static_cast<int>(network.height) ||
        images.width != static_cast<int>(network.width) || dataset.classNames.size() != network.classes)
        return fail(ErrorCode::BadValue,
                    fmt::format("{}: expected images of {}×{}×{} in {} classes, as the packed network takes them, "
                                "found {}×{}×{} in {}.",
                                dataset.name, network.channels, network.height, network.width, network.classes, images.channels,
                                images.height, images.width, dataset.classNames.size()));
    return {};
}

Result<PackedEvaluation> evaluate(const PackedModel &model, const std::string &data)
{
    const auto dataset = loadDataset(data);
    if (!dataset)
        return std::unexpected(dataset.error());
    if (auto fits = checkFit(model.network, *dataset); !fits)
        return std::unexpected(fits.error());
    const auto unpacked = unpackNetwork(model);
    if (!unpacked)
        return std::unexpected(unpacked.error());
    const Evaluator evaluator{dataset->train, {}, {model.data.mean, model.data.deviation}};
    return PackedEvaluation{data, dataset->name, dataset->test.count(),
                            evaluator.test(*unpacked->network, unpacked->kernels, dataset->test)};
}

} // namespace

Result<PackedEvaluation> evaluatePacked(const PackedModel &model, std::string_view data)
{
    const auto settings = parseRecipe(model.provenance.recipe, "The recipe in the packed file");
    if (!settings)
        return std::unexpected(settings.error());
    setThreads(settings->settings);
    try {
        return evaluate(model, data.empty() ? settings->settings.text(ParameterId::Data) : std::string{data});
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Unsupported, fmt::format("The packed network cannot be run: {}.", reasonOf(thrown)));
    }
}

} // namespace engine
