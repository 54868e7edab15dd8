// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// `condensate` as users start it. Loading LibTorch and Qt takes longer than many answers: what needs neither
// is answered here, and everything else by the program proper, which is executed once with the environment
// that its libraries read when they are loaded.
#include "app/console/console.h"
#include "engine/coding/packedfile.h"
#include "engine/core/machine.h"
#include "engine/packedtext/describepacked.h"
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

/// `condensate info FILE [--json]` of a packed file. Other files and other ways to write it are left to the program.
std::optional<int> answerInfo(std::span<char *const> arguments, app::Console &console)
{
    using std::string_view_literals::operator""sv;
    const bool asJson = arguments.size() == 4 && arguments[3] == "--json"sv;
    if (arguments.size() < 3 || (arguments.size() > 3 && !asJson) || arguments[1] != "info"sv || !engine::isPackedFile(arguments[2]))
        return {};
    const auto contents = engine::readPackedHeader(arguments[2]);
    if (!contents)
        return console.complain(contents.error());
    console.out((asJson ? engine::packedToJson(*contents) : engine::describePacked(*contents)) + '\n');
    return app::kExitDone;
}

/// bin/condensate has its program in libexec/condensate/condensate, wherever both were installed.
std::filesystem::path programOf(const std::filesystem::path &launcher)
{
    return launcher.parent_path().parent_path() / "libexec" / "condensate" / "condensate";
}

} // namespace

int main(int argc, char **argv)
{
    app::Console console;
    try {
        if (const auto answered = answerInfo({argv, static_cast<std::size_t>(argc)}, console))
            return console.finish(*answered);
        const auto program = programOf(std::filesystem::read_symlink("/proc/self/exe"));
        engine::setEnvironment();
        ::execv(program.c_str(), argv);
        const std::string why = std::strerror(errno);
        return console.complain("expected the program at " + program.string() + ", found none that starts (" + why +
                                    "); install Condensate again.",
                                app::kExitFailed);
    } catch (const std::exception &error) {
        return console.complain(error.what(), app::kExitFailed);
    }
}
