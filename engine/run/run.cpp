// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "engine/run/runtraining.h"
#include <atomic>
#include <thread>

namespace engine {

struct Run::Impl {
    explicit Impl(StartPoint point) : from{std::move(point)} {}

    StartPoint from;
    RunPorts ports;
    std::atomic<std::uint64_t> lastCommand{0};
    std::atomic<bool> begun{false}, ended{false};
    std::stop_source stop;
    std::jthread thread; // last: joined before the ports go

    /// Once nobody drains any more, what is still queued is answered at once, whether anybody reads the answers or not.
    void rejectLeftovers()
    {
        for (auto &[id, command] : ports.commands.takeAll())
            ports.events.putAtOnce(CommandReplied{id, std::move(command), Rejected{{ErrorCode::BadValue, "The run has ended."}}});
        ports.wake.notify();
    }
};

Run::Run(StartPoint from) : m_impl{std::make_unique<Impl>(std::move(from))} {}

Run::~Run()
{
    m_impl->ports.wake.listen(nullptr);
    stop();
    wait();
}

void Run::start(RunOptions options)
{
    if (m_impl->begun.exchange(true))
        return;
    m_impl->thread = std::jthread{[impl = m_impl.get(), options = std::move(options)] {
        runTraining(impl->ports, impl->from, options, impl->stop.get_token());
        impl->ended = true;
        impl->rejectLeftovers();
    }};
}

CommandId Run::post(Command command)
{
    const CommandId id{++m_impl->lastCommand};
    m_impl->ports.commands.post({id, std::move(command)});
    if (m_impl->ended)
        m_impl->rejectLeftovers();
    return id;
}

void Run::stop()
{
    m_impl->stop.request_stop();
}

void Run::wait()
{
    if (m_impl->thread.joinable())
        m_impl->thread.join();
}

bool Run::ended() const noexcept { return m_impl->ended; }
EventQueue<Event> &Run::events() noexcept { return m_impl->ports.events; }
LatestSlot<Frame> &Run::frames() noexcept { return m_impl->ports.frames; }
Wake &Run::wake() noexcept { return m_impl->ports.wake; }

} // namespace engine
