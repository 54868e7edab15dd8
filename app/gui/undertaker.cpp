// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/undertaker.h"

namespace app {

Undertaker::~Undertaker() = default;

void Undertaker::bury(std::unique_ptr<engine::Run> run)
{
    run->stop();
    const auto grave = m_graves.emplace(m_graves.end());
    *grave = std::jthread{[this, grave, dead = std::move(run)]() mutable {
        dead.reset(); // waits
        QMetaObject::invokeMethod(this, [this, grave] {
            m_graves.erase(grave);
            if (isIdle())
                Q_EMIT allEnded();
        }, Qt::QueuedConnection);
    }};
}

} // namespace app
