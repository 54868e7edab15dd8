// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// One run, with the window or without, and the images per second that its engine reports. live_window.py
// compares the two.
//     bench_window (window|headless) STEPS KEY=VALUE...       keys: those of the parameter table
#include "app/gui/mainwindow.h"
#include "engine/core/machine.h"
#include "tests/support/follower.h"
#include <QAbstractEventDispatcher>
#include <QApplication>
#include <QTemporaryDir>
#include <QTimer>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>

using namespace engine;

namespace {

/// Seconds that the training thread has spent by a sample, from the mean rate that the sample states.
double secondsAt(const Sample &sample, double batch) { return static_cast<double>(count(sample.step)) * batch / sample.imagesPerSecond; }

/// From samples as they arrive: images per second between a tenth of the way, when the start is over, and its end.
class Meter {
public:
    Meter(std::uint64_t steps, double batch) : m_steps{steps}, m_batch{batch} {}
    bool isDone() const { return m_rate.has_value(); }
    double rate() const { return *m_rate; }
    void see(const Sample &sample)
    {
        if (isDone() || !(sample.imagesPerSecond > 0))
            return;
        if (!m_first && count(sample.step) * 10 >= m_steps)
            m_first = sample;
        else if (m_first && count(sample.step) >= m_steps)
            m_rate = static_cast<double>(count(sample.step) - count(m_first->step)) * m_batch
                / (secondsAt(sample, m_batch) - secondsAt(*m_first, m_batch));
    }

private:
    std::uint64_t m_steps;
    double m_batch;
    std::optional<Sample> m_first;
    std::optional<double> m_rate;
};

/// The longest time that the GUI thread computed without coming back to its event loop: what a click would
/// have waited for, on a machine that is not busy with something else.
class LoopWatch : public QObject {
public:
    LoopWatch()
    {
        const auto *loop = QAbstractEventDispatcher::instance();
        connect(loop, &QAbstractEventDispatcher::awake, this, [this] { look(); });
        connect(loop, &QAbstractEventDispatcher::aboutToBlock, this, [this] { look(); });
    }
    double longestMilliseconds() const { return 1e3 * m_longest; }
    void restart()
    {
        m_longest = 0;
        m_last = threadSeconds();
    }

private:
    static double threadSeconds()
    {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    void look()
    {
        const double now = threadSeconds();
        m_longest = std::max(m_longest, now - m_last);
        m_last = now;
    }
    double m_last = threadSeconds(), m_longest = 0;
};

bool runHeadless(const Settings &settings, Meter &meter)
{
    Run run{FromSettings{settings}};
    Follower follower{run};
    run.start();
    while (!meter.isDone()) {
        const auto *sampled = follower.await<Sampled>();
        if (!sampled)
            return false;
        meter.see(sampled->sample);
    }
    return true;
}

/// The longest stretch in milliseconds, or nothing when the run ended early.
std::optional<double> runWindow(int argc, char **argv, const Settings &settings, Meter &meter)
{
    QApplication application{argc, argv};
    const QTemporaryDir runs;
    app::MainWindow window{{.settings = settings, .remember = false, .appearance = app::Appearance::Light, .runs = runs.path()}};
    window.resize(1600, 1000);
    window.show();
    QObject::connect(&window.run(), &widgets::RunModel::changed, &window, [&] {
        const auto &run = window.run();
        for (const auto &sample : run.history()->samples())
            meter.see(sample);
        if (meter.isDone() || run.state() == widgets::RunState::Ended || run.state() == widgets::RunState::Finished)
            QApplication::exit(); // quit() would ask whether to save the run
    });
    LoopWatch watch;
    QTimer::singleShot(0, &window, [&] { // the window stands
        watch.restart();
        window.startRun();
    });
    QApplication::exec();
    return meter.isDone() ? std::optional{watch.longestMilliseconds()} : std::nullopt;
}

Result<void> set(Settings &settings, const std::string &argument)
{
    const auto equals = argument.find('=');
    const ParameterSpec *row = findParameter(argument.substr(0, equals));
    if (!row || equals == std::string::npos)
        return fail(ErrorCode::BadValue, "Expected KEY=VALUE with a key of the parameter table, found \"" + argument + "\".");
    return settings.setText(row->id, argument.substr(equals + 1));
}

} // namespace

int main(int argc, char **argv)
{
    setUpEnvironment(argv);
    tuneHeap();
    const bool window = argc > 2 && std::strcmp(argv[1], "window") == 0;
    const long steps = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (steps < 10 || (!window && std::strcmp(argv[1], "headless") != 0)) {
        std::fputs("bench_window (window|headless) STEPS KEY=VALUE...: at least 10 steps\n", stderr);
        return 2;
    }
    Settings settings;
    for (int i = 3; i < argc; ++i) {
        if (auto done = set(settings, argv[i]); !done) {
            std::fprintf(stderr, "%s\n", done.error().text.c_str());
            return 2;
        }
    }
    Meter meter{static_cast<std::uint64_t>(steps), static_cast<double>(settings.whole(ParameterId::BatchSize))};
    std::optional<double> longest;
    if (!(window ? (longest = runWindow(argc, argv, settings, meter)).has_value() : runHeadless(settings, meter))) {
        std::fprintf(stderr, "The run ended before step %ld.\n", steps);
        return 1;
    }
    std::printf("{\"images_per_second\": %.6g, \"longest_stretch_ms\": %.1f}\n", meter.rate(), longest.value_or(0));
    return 0;
}
