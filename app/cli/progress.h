// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/console/console.h"
#include "engine/coding/sizeaccount.h"
#include "engine/run/run.h"
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace app {

/// Tells the person at the terminal (standard error) and the program at the pipe (standard output) how a run goes.
class Progress {
public:
    struct Options { bool json = false, quiet = false; };
    /// `console` is borrowed. `label` names the run among several: "reference", "snapped", …
    Progress(Console &console, std::string label, Options options);
    ~Progress(); ///< ends an open row

    void event(const engine::Event &event);
    void frame(const engine::Frame &frame);
    void packed(const std::filesystem::path &file, const engine::PackedSize &size);
    int complain(std::string_view sentence, int code = kExitFailed); ///< whether quiet or not; returns `code`

private:
    void line(std::string_view text);
    void json(const engine::Event &event);

    Console &m_console;
    std::string m_label;
    Options m_options;
    std::uint64_t m_totalSteps = 0;
    std::chrono::steady_clock::time_point m_lastLine{};
};

} // namespace app
