// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <functional>
#include <list>
#include <thread>

namespace app {

/// What has to be brought to its end off the GUI thread, however long it takes, before the program may close: runs that
/// nobody watches any more, networks that are packed.
class BackgroundWork : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    ~BackgroundWork() override; ///< waits for all; by then none should be left

    /// Runs `work` on a thread of its own and destroys it there, with all that it holds. It must not throw.
    void start(std::move_only_function<void()> work);
    bool isIdle() const noexcept { return m_threads.empty(); }

Q_SIGNALS:
    void allEnded();

private:
    std::list<std::jthread> m_threads;
};

} // namespace app
