// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/runs/foldertraining.h"
#include <chrono>
#include <filesystem>
#include <string>

namespace app {

/// Tells the person at the terminal (standard error) and the program at the pipe (standard output) how a run goes.
class Progress : public engine::TrainingWatcher {
public:
    struct Options { bool json = false, quiet = false; };
    explicit Progress(Options options);
    ~Progress() override { close(); }
    void close(); ///< ends an open progress line

    void legBegins(const engine::Leg &leg) override;
    void event(const engine::Event &event) override;
    void frame(const engine::Frame &frame) override;
    void remark(std::string_view sentence) override;
    void packed(const std::filesystem::path &file, const engine::PackedSize &size) override;

private:
    void line(const std::string &text);   // a lasting line
    void json(const engine::Event &event) const;

    std::string m_label = "run"; // of the run among several: "reference", "snapped", …
    Options m_options;
    bool m_terminal;
    bool m_open = false;
    std::uint64_t m_totalSteps = 0;
    std::chrono::steady_clock::time_point m_lastLine{};
};

} // namespace app
