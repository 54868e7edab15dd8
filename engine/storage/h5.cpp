// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/h5.h"
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>

namespace engine::h5 {
namespace {

std::mutex &libraryLock()
{
    static std::mutex lock; // HDF5 keeps state for the whole process, so its lock is one for the process too
    return lock;
}

/// I/O failures come as "file write failed: time = …, error message = 'No space left on device', buf = …".
std::string shortened(std::string text)
{
    constexpr std::string_view kMark = "error message = '";
    if (const auto begin = text.find(kMark); begin != std::string::npos)
        text = text.substr(begin + kMark.size(), text.find('\'', begin + kMark.size()) - begin - kMark.size());
    return text;
}

herr_t takeInnermost(unsigned, const H5E_error2_t *entry, void *result)
{
    auto &text = *static_cast<std::string *>(result);
    if (text.empty() && entry->desc)
        text = entry->desc;
    return 0;
}

} // namespace

Session::Session() : m_lock{libraryLock()}
{
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5Eclear2(H5E_DEFAULT);
}

std::string cause()
{
    std::string text;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, takeInnermost, &text);
    H5Eclear2(H5E_DEFAULT);
    return text.empty() ? "no cause given" : shortened(std::move(text));
}

Handle own(hid_t id, Handle::Close close, ErrorCode code, const std::string &what)
{
    if (id < 0)
        throw Failure{code, what + ": " + cause()};
    return {id, close};
}

void require(herr_t status, ErrorCode code, const std::string &what)
{
    if (status < 0)
        throw Failure{code, what + ": " + cause()};
}

std::string toText(const Shape &shape)
{
    return shape.empty() ? "one value" : fmt::format("{}", fmt::join(shape, " × "));
}

std::uint64_t valueCount(const Shape &shape)
{
    std::uint64_t product = 1;
    for (const hsize_t extent : shape)
        if (__builtin_mul_overflow(product, extent, &product))
            return std::numeric_limits<std::uint64_t>::max();
    return product;
}

} // namespace engine::h5
