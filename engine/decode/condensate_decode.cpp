// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/decode/condensate_decode.h"
#include "engine/coding/packedfile.h"
#include <algorithm>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <optional>

using namespace engine;

struct cnd_file {
    PackedReader reader;
    std::vector<const char *> classNames;
    std::string error;
};

namespace {

void say(std::string_view text, char *error, std::size_t bytes)
{
    if (!error || bytes == 0)
        return;
    const auto size = std::min(text.size(), bytes - 1);
    std::memcpy(error, text.data(), size);
    error[size] = '\0';
}

/// Nothing may be thrown into a C program; what could be is that memory ran out.
template <typename Open>
cnd_file *opened(Open &&open, char *error, std::size_t bytes) noexcept
try {
    Result<PackedReader> reader = open();
    if (!reader) {
        say(reader.error().text, error, bytes);
        return nullptr;
    }
    auto *file = new cnd_file{*std::move(reader), {}, {}};
    for (const auto &name : file->reader.contents().data.classNames)
        file->classNames.push_back(name.c_str());
    return file;
} catch (const std::exception &) {
    say("The packed file cannot be opened: there is not enough memory.", error, bytes);
    return nullptr;
}

template <typename Work>
int done(cnd_file *file, Work &&work) noexcept
try {
    const Result<void> result = work();
    if (!result)
        file->error = result.error().text;
    return result ? 1 : 0;
} catch (const std::exception &) {
    file->error.assign("There is not enough memory.");
    return 0;
}

Result<void> checkIndex(std::string_view what, std::size_t index, std::size_t count)
{
    if (index >= count)
        return fail(ErrorCode::BadValue, fmt::format("{} {}: expected a number below {}.", what, index, count));
    return {};
}

/// One of the layers or tensors, into whose array as many values as it has are asked for.
Result<void> checkArray(std::string_view what, std::size_t index, const auto &entries, auto member, std::size_t wanted)
{
    if (auto good = checkIndex(what, index, entries.size()); !good)
        return good;
    if (wanted != entries[index].*member)
        return fail(ErrorCode::BadValue,
                    fmt::format("{} {}: expected room for {} values, found {}.", what, index, entries[index].*member, wanted));
    return {};
}

template <std::size_t N>
std::size_t copyShape(const std::vector<std::int64_t> &from, std::uint64_t (&to)[N])
{
    std::fill(std::begin(to), std::end(to), 0);
    std::ranges::copy(from, std::begin(to)); // no more than N: the reader refuses those
    return from.size();
}

double orNan(std::optional<double> value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

} // namespace

extern "C" {

cnd_file *cnd_open(const char *path, char *error, size_t error_bytes)
{
    return opened([&] { return PackedReader::open(path); }, error, error_bytes);
}

cnd_file *cnd_open_memory(const void *bytes, size_t size, char *error, size_t error_bytes)
{
    return opened(
        [&] {
            return PackedReader::view({static_cast<const std::byte *>(bytes), size}, "Packed file in memory");
        },
        error, error_bytes);
}

void cnd_close(cnd_file *file) { delete file; }

const char *cnd_error(const cnd_file *file) { return file->error.c_str(); }

void cnd_get_network(const cnd_file *file, cnd_network *network)
{
    const auto &contents = file->reader.contents();
    const auto code = file->reader.networkCode();
    *network = {contents.network.name.c_str(),
                code.empty() ? nullptr : code.data(),
                code.size(),
                contents.network.classes,
                contents.network.channels,
                contents.network.height,
                contents.network.width,
                contents.data.mean.data(),
                contents.data.deviation.data(),
                file->classNames.empty() ? nullptr : file->classNames.data(),
                orNan(contents.accuracy.latent),
                orNan(contents.accuracy.snapped),
                contents.accuracy.images,
                contents.data.name.c_str(),
                contents.provenance.recipe.c_str(),
                contents.provenance.programVersion.c_str()};
}

size_t cnd_layer_count(const cnd_file *file) { return file->reader.contents().kernels.size(); }

int cnd_get_layer(cnd_file *file, size_t index, cnd_layer *layer)
{
    return done(file, [&]() -> Result<void> {
        const auto &kernels = file->reader.contents().kernels;
        if (auto good = checkIndex("Layer", index, kernels.size()); !good)
            return good;
        const auto &entry = kernels[index];
        *layer = {entry.name.c_str(),
                  entry.kind.c_str(),
                  0,
                  {},
                  entry.firstChannel,
                  entry.channels,
                  entry.weights,
                  static_cast<std::size_t>(entry.k),
                  file->reader.codebook(index).data(),
                  name(entry.coder).data(),
                  entry.stream.bytes};
        layer->dimensions = copyShape(entry.shape, layer->shape);
        return {};
    });
}

int cnd_decode_weights(cnd_file *file, size_t index, float *weights, size_t count)
{
    return done(file, [&]() -> Result<void> {
        const auto &kernels = file->reader.contents().kernels;
        if (auto good = checkArray("Layer", index, kernels, &PackedKernelEntry::weights, count); !good)
            return good;
        return file->reader.decodeWeights(index, {weights, count});
    });
}

int cnd_decode_codes(cnd_file *file, size_t index, uint8_t *codes, size_t count)
{
    return done(file, [&]() -> Result<void> {
        const auto &kernels = file->reader.contents().kernels;
        if (auto good = checkArray("Layer", index, kernels, &PackedKernelEntry::weights, count); !good)
            return good;
        return file->reader.decodeCodes(index, {codes, count});
    });
}

size_t cnd_tensor_count(const cnd_file *file) { return file->reader.contents().tensors.size(); }

int cnd_get_tensor(cnd_file *file, size_t index, cnd_tensor *tensor)
{
    return done(file, [&]() -> Result<void> {
        const auto &tensors = file->reader.contents().tensors;
        if (auto good = checkIndex("Tensor", index, tensors.size()); !good)
            return good;
        *tensor = {tensors[index].name.c_str(), 0, {}, tensors[index].values};
        tensor->dimensions = copyShape(tensors[index].shape, tensor->shape);
        return {};
    });
}

int cnd_read_tensor(cnd_file *file, size_t index, float *values, size_t count)
{
    return done(file, [&]() -> Result<void> {
        const auto &tensors = file->reader.contents().tensors;
        if (auto good = checkArray("Tensor", index, tensors, &PackedTensorEntry::values, count); !good)
            return good;
        file->reader.readTensor(index, {values, count});
        return {};
    });
}

} // extern "C"
