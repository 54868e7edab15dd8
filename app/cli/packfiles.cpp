// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/packfiles.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include "engine/packedtext/describepacked.h"
#include "engine/packing/evaluatepacked.h"
#include "engine/packing/packsnapshot.h"
#include "engine/packing/snapshotmodel.h"
#include "engine/packing/writeunpacked.h"
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace app {
namespace {

int complain(std::string_view text)
{
    fmt::print(stderr, "condensate: {}\n", text);
    return 2;
}

/// Whether writing `out` would destroy `in`.
bool areOne(const std::filesystem::path &in, const std::filesystem::path &out)
{
    std::error_code error;
    return std::filesystem::equivalent(in, out, error);
}

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

int pack(const PackRequest &request)
{
    if (areOne(request.snapshot, request.out))
        return complain(fmt::format("--out: expected another file than the snapshot, found {}.", request.out.string()));
    const auto data = engine::readSnapshot(request.snapshot);
    if (!data)
        return complain(data.error().text);
    if (!engine::isReadyToPack(data->run, data->network))
        fmt::print(stderr, "{}: not that of a finished run with all that is needed; its data is loaded to measure it.\n",
                   request.snapshot.string());
    const auto contents = engine::packSnapshot(*data, request.out, {.coder = request.coder, .halfFloats = request.float16});
    if (!contents)
        return complain(contents.error().text);
    fmt::print("{}: {}; test accuracy {} snapped, {} latent\n", request.out.string(), engine::summaryOf(engine::accountBytes(*contents)),
               engine::percent(contents->accuracy.snapped), engine::percent(contents->accuracy.latent));
    return 0;
}

int unpack(const UnpackRequest &request)
{
    if (areOne(request.file, request.out))
        return complain(fmt::format("--out: expected another file than the packed one, found {}.", request.out.string()));
    const auto tensors = engine::writeUnpacked(request.file, request.out);
    if (!tensors)
        return complain(tensors.error().text);
    fmt::print("{}: {} tensors as float32\n", request.out.string(), *tensors);
    return 0;
}

int evaluate(const EvaluateRequest &request)
{
    const auto model = engine::readPacked(request.file);
    if (!model)
        return complain(model.error().text);
    const auto found = engine::evaluatePacked(*model, request.data);
    if (!found)
        return complain(found.error().text);
    fmt::print("{}\n", request.json ? evaluationAsJson(request, *model, *found) : evaluationAsText(request, *model, *found));
    return 0;
}

} // namespace app
