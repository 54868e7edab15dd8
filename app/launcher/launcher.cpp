// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// `condensate` as users start it. Loading LibTorch and Qt takes longer than many answers: what needs neither
// is answered here, and everything else by the program proper, which is executed once with the environment
// that its libraries read when they are loaded.
#include "engine/coding/packedfile.h"
#include "engine/core/machine.h"
#include "engine/packedtext/describepacked.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <unistd.h>

namespace {

/// `condensate info FILE [--json]` of a packed file. Other files and other ways to write it are left to the program.
std::optional<int> answerInfo(std::span<char *const> arguments)
{
    using std::string_view_literals::operator""sv;
    const bool asJson = arguments.size() == 4 && arguments[3] == "--json"sv;
    if (arguments.size() < 3 || (arguments.size() > 3 && !asJson) || arguments[1] != "info"sv || !engine::isPackedFile(arguments[2]))
        return {};
    const auto contents = engine::readPackedHeader(arguments[2]);
    if (!contents) {
        std::fprintf(stderr, "condensate: %s\n", contents.error().text.c_str());
        return 2;
    }
    std::puts((asJson ? engine::packedToJson(*contents) : engine::describePacked(*contents)).c_str());
    return 0;
}

/// bin/condensate has its program in libexec/condensate/condensate, wherever both were installed.
std::filesystem::path programOf(const std::filesystem::path &launcher)
{
    return launcher.parent_path().parent_path() / "libexec" / "condensate" / "condensate";
}

} // namespace

int main(int argc, char **argv)
{
    try {
        if (const auto answered = answerInfo({argv, static_cast<std::size_t>(argc)}))
            return *answered;
        const auto program = programOf(std::filesystem::read_symlink("/proc/self/exe"));
        engine::setEnvironment();
        ::execv(program.c_str(), argv);
        std::fprintf(stderr, "condensate: expected the program at %s, found none that starts (%s); install Condensate again.\n",
                     program.c_str(), std::strerror(errno));
    } catch (const std::exception &error) {
        std::fprintf(stderr, "condensate: %s\n", error.what());
    }
    return 1;
}
