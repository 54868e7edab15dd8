// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/run/run.h"
#include <QObject>
#include <cstddef>
#include <list>
#include <memory>
#include <thread>

namespace app {

/// Holds runs that nobody watches any more until they have ended and written what they had to write, off the
/// GUI thread.
class Undertaker : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;
    ~Undertaker() override; ///< waits for all; by then none should be left

    void bury(std::unique_ptr<engine::Run> run); ///< asks it to stop; its wake must have no listener
    bool isIdle() const noexcept { return m_graves.empty(); }

Q_SIGNALS:
    void allEnded();

private:
    std::list<std::jthread> m_graves;
};

} // namespace app
