// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <benchmark/benchmark.h>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace benchmarks {

/// Wall seconds that `work` takes.
inline double secondsOf(const std::function<void()> &work)
{
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Requires: not empty.
inline double median(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1)
        return *middle;
    return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

/// Times things against each other: each round runs every one of them once, beginning with another one each
/// time, so that a machine that gets slower or busier meets all alike. Two rounds before the first timed one
/// warm caches and heap.
class Alternation {
public:
    explicit Alternation(std::vector<std::function<void()>> things) : m_things{std::move(things)}, m_seconds(m_things.size())
    {
        for (int round = 0; round < 2; ++round) {
            for (const auto &thing : m_things)
                thing();
        }
    }

    /// All rounds of a benchmark that reports manual time: that of the first thing.
    void runAll(benchmark::State &state)
    {
        std::size_t first = 0;
        for ([[maybe_unused]] auto round : state) {
            for (std::size_t i = 0; i < m_things.size(); ++i) {
                const std::size_t thing = (first + i) % m_things.size();
                m_seconds[thing].push_back(secondsOf(m_things[thing]));
            }
            state.SetIterationTime(m_seconds.front().back());
            ++first;
        }
    }
    double medianSeconds(std::size_t thing) const { return median(m_seconds[thing]); }
    double fastestSeconds(std::size_t thing) const { return std::ranges::min(m_seconds[thing]); }
    /// Medians of the first thing and of another, divided.
    double ratioTo(std::size_t other) const { return medianSeconds(0) / medianSeconds(other); }

private:
    std::vector<std::function<void()>> m_things;
    std::vector<std::vector<double>> m_seconds; // by thing, by round
};

/// The value of "--<name>=N" among the arguments, which is removed, or `otherwise`. Ends the program when N
/// is no whole number above 0.
inline std::int64_t takeOption(int &argc, char **argv, std::string_view name, std::int64_t otherwise)
{
    std::int64_t value = otherwise;
    int kept = 1;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (!argument.starts_with("--") || !argument.substr(2).starts_with(name) || argument.substr(2 + name.size(), 1) != "=") {
            argv[kept++] = argv[i];
            continue;
        }
        const std::string_view text = argument.substr(3 + name.size());
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value < 1) {
            std::cerr << "--" << name << ": expected a whole number above 0, found \"" << text << "\".\n";
            std::exit(2);
        }
    }
    argc = kept;
    return value;
}

/// Registers a benchmark that times its rounds itself, as Alternation does.
template <typename Run, typename... Arguments>
void addRounds(const std::string &name, std::int64_t rounds, Run run, Arguments... arguments)
{
    benchmark::RegisterBenchmark(name.c_str(), run, arguments...)->Iterations(rounds)->UseManualTime()->Unit(benchmark::kMillisecond);
}

/// Runs what is registered. Returns the exit code of main.
inline int runRegistered(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}

} // namespace benchmarks
