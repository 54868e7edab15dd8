// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/packfiles.h"
#include "app/cli/outfile.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include "engine/packedtext/describepacked.h"
#include "engine/packing/evaluatepacked.h"
#include "engine/packing/packsnapshot.h"
#include "engine/packing/snapshotmodel.h"
#include "engine/packing/writeunpacked.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace app {
namespace {

/// What a file claims can be held against what was found on the same images alone.
std::optional<double> claimFor(const engine::PackedModel &model, const engine::PackedEvaluation &found)
{
    return found.dataName == model.data.name && found.images == model.accuracy.images ? model.accuracy.snapped : std::nullopt;
}

std::string evaluationAsJson(const EvaluateRequest &request, const engine::PackedModel &model, const engine::PackedEvaluation &found)
{
    const auto claim = claimFor(model, found);
    const nlohmann::ordered_json object{
        {"file", request.file.string()},
        {"data", found.data},
        {"data_name", found.dataName},
        {"images", found.images},
        {"accuracy", found.accuracy},
        {"stored_accuracy", engine::jsonNumber(claim)},
        {"same", claim ? nlohmann::ordered_json(*claim == found.accuracy) : nlohmann::ordered_json(nullptr)}};
    return object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string evaluationAsText(const EvaluateRequest &request, const engine::PackedModel &model, const engine::PackedEvaluation &found)
{
    const auto claim = claimFor(model, found);
    const std::string held = !claim                     ? "the file holds no accuracy on these images"
                             : *claim == found.accuracy ? "as the file says"
                                                        : fmt::format("while the file says {}", engine::percent(claim));
    return fmt::format("{}: {} on {}, {} test images\naccuracy {}, {}", request.file.string(), model.network.name, found.dataName,
                       found.images, engine::percent(found.accuracy), held);
}

} // namespace

int pack(const PackRequest &request, Console &console)
{
    if (const auto good = checkOut(request.out, request.snapshot); !good)
        return console.complain(good.error());
    const auto data = engine::readSnapshot(request.snapshot);
    if (!data)
        return console.complain(data.error());
    if (!engine::isReadyToPack(data->run, data->network))
        console.note(fmt::format("{}: not that of a finished run with all that is needed; its data is loaded to measure it.",
                                 request.snapshot.string()));
    const auto contents = engine::packSnapshot(*data, request.out, {.coder = request.coder, .halfFloats = request.float16});
    if (!contents)
        return console.complain(contents.error());
    console.out(fmt::format("{}: {}; test accuracy {} snapped, {} latent\n", request.out.string(),
                            engine::summaryOf(engine::accountBytes(*contents)), engine::percent(contents->accuracy.snapped),
                            engine::percent(contents->accuracy.latent)));
    return kExitDone;
}

int unpack(const UnpackRequest &request, Console &console)
{
    if (const auto good = checkOut(request.out, request.file); !good)
        return console.complain(good.error());
    const auto tensors = engine::writeUnpacked(request.file, request.out);
    if (!tensors)
        return console.complain(tensors.error());
    console.out(fmt::format("{}: {} tensors as float32\n", request.out.string(), *tensors));
    return kExitDone;
}

int evaluate(const EvaluateRequest &request, Console &console)
{
    const auto model = engine::readPacked(request.file);
    if (!model)
        return console.complain(model.error());
    const auto found = engine::evaluatePacked(*model, request.data);
    if (!found)
        return console.complain(found.error());
    console.out((request.json ? evaluationAsJson(request, *model, *found) : evaluationAsText(request, *model, *found)) + '\n');
    return kExitDone;
}

} // namespace app
