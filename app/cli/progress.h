// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/sizeaccount.h"
#include "engine/run/run.h"
#include <chrono>
#include <filesystem>
#include <string>

namespace app {

/// Tells the person at the terminal (standard error) and the program at the pipe (standard output) how a run goes.
class Progress {
public:
    struct Options { bool json = false, quiet = false; };
    /// `label` names the run among several: "reference", "snapped", …
    Progress(std::string label, Options options);
    ~Progress(); ///< ends an open progress line

    void event(const engine::Event &event);
    void frame(const engine::Frame &frame);
    void packed(const std::filesystem::path &file, const engine::PackedSize &size);

private:
    void line(const std::string &text);   // a lasting line
    void json(const engine::Event &event) const;

    std::string m_label;
    Options m_options;
    bool m_terminal;
    bool m_open = false;
    std::uint64_t m_totalSteps = 0;
    std::chrono::steady_clock::time_point m_lastLine{};
};

} // namespace app
