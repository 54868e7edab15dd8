// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/console/console.h"
#include "engine/runs/foldertraining.h"
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace app {

/// Tells the person at the terminal (standard error) and the program at the pipe (standard output) how a run goes.
class Progress : public engine::TrainingWatcher {
public:
    struct Options { bool json = false, quiet = false; };
    Progress(Console &console, Options options) : m_console{console}, m_options{options} {} ///< `console` is borrowed
    ~Progress() override { m_console.endRow(); }

    void legBegins(const engine::Leg &leg) override;
    void event(const engine::Event &event) override;
    void frame(const engine::Frame &frame) override;
    void remark(std::string_view sentence) override;
    void packed(const std::filesystem::path &file, const engine::PackedSize &size) override;

private:
    void line(std::string_view text);
    void json(const engine::Event &event);

    Console &m_console;
    std::string m_label = "run"; // of the run among several: "reference", "snapped", …
    Options m_options;
    std::uint64_t m_totalSteps = 0;
    std::chrono::steady_clock::time_point m_lastLine{};
};

} // namespace app
