// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/backgroundwork.h"
#include <utility>

namespace app {

BackgroundWork::~BackgroundWork() = default;

void BackgroundWork::start(std::move_only_function<void()> work)
{
    const auto thread = m_threads.emplace(m_threads.end());
    *thread = std::jthread{[this, thread, todo = std::move(work)]() mutable {
        todo();
        todo = nullptr; // what it holds ends here, too
        QMetaObject::invokeMethod(this, [this, thread] {
            m_threads.erase(thread);
            if (isIdle())
                Q_EMIT allEnded();
        }, Qt::QueuedConnection);
    }};
}

} // namespace app
