// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include "engine/data/sources.h"
#include <cstdlib>
#include <exception>
#include <new>

namespace engine {
namespace {

constexpr const char *kFashionMnistFolder = "/usr/share/datasets/fashion-mnist";

/// A shell leaves the ~ of cifar10:~/data alone, because it does not stand at the start of the word.
std::filesystem::path expandHome(std::string_view path)
{
    const char *home = path.starts_with("~/") ? std::getenv("HOME") : nullptr;
    return home ? std::filesystem::path{home} / path.substr(2) : std::filesystem::path{path};
}

Result<Dataset> dispatch(std::string_view spec)
{
    const auto colon = spec.find(':');
    const auto kind = spec.substr(0, colon);
    const auto rest = colon == std::string_view::npos ? std::string_view{} : spec.substr(colon + 1);
    const bool incomplete = colon != std::string_view::npos && rest.empty();
    if (kind == "fashion-mnist" && !incomplete)
        return loadFashionMnist(rest.empty() ? std::filesystem::path{kFashionMnistFolder} : expandHome(rest));
    if (kind == "cifar10" && !rest.empty())
        return loadCifar10(expandHome(rest));
    if (kind == "cifar100" && !rest.empty())
        return loadCifar100(expandHome(rest));
    if (kind == "idx" && !rest.empty())
        return loadIdx(expandHome(rest));
    if (kind == "hdf5" && !rest.empty())
        return loadHdf5(expandHome(rest));
    if (kind == "folder" && !rest.empty())
        return loadFolder(expandHome(rest));
    if (kind == "generated" && !incomplete)
        return makeGenerated(rest);
    return fail(ErrorCode::BadValue, "Unknown data set \"" + std::string{spec}
                                         + "\": expected fashion-mnist, fashion-mnist:DIR, cifar10:PATH (a folder with the .bin files or "
                                           "cifar-10-binary.tar.gz), cifar100:PATH, folder:DIR, idx:DIR, hdf5:FILE or generated.");
}

} // namespace

Result<Dataset> loadDataset(std::string_view spec)
try {
    return dispatch(spec);
} catch (const std::bad_alloc &) {
    return fail(ErrorCode::Internal, "There is not enough memory to load the data set \"" + std::string{spec} + "\".");
} catch (const std::exception &error) {
    return fail(ErrorCode::Internal, "The data set \"" + std::string{spec} + "\" cannot be loaded: " + error.what() + ".");
}

} // namespace engine
