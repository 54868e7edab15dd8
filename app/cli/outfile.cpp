// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/outfile.h"
#include <fmt/format.h>
#include <system_error>

namespace app {

engine::Result<void> checkOut(const std::filesystem::path &out, const std::filesystem::path &source)
{
    const auto expected = [&out](std::string_view what) {
        return engine::fail(engine::ErrorCode::BadValue, fmt::format("-o: expected {}, found {}.", what, out.string()));
    };
    std::error_code none;
    if (!std::filesystem::exists(source, none))
        return {};
    if (std::filesystem::is_directory(out, none))
        return expected("a file, no folder");
    if (!std::filesystem::is_directory(std::filesystem::absolute(out, none).parent_path(), none))
        return expected("a file in a folder that exists");
    if (std::filesystem::equivalent(out, source, none))
        return expected("another file than the one that is read");
    return {};
}

} // namespace app
