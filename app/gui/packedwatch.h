// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/link/packedpacer.h"
#include "widgets/models/runmodel.h"
#include <QObject>
#include <QTimer>

namespace widgets {
class Dock;
}

namespace app {

class RunSession;

/// Keeps the packed size in the run's model up to date while a dock that shows it can be seen, as often as
/// PackedPacer allows.
class PackedWatch : public QObject {
    Q_OBJECT

public:
    PackedWatch(RunSession &session, const widgets::RunModel &run, const widgets::Dock &dock, QObject *parent); ///< all borrowed

private:
    void follow(widgets::RunModel::Changes changes);
    void consider();

    RunSession &m_session;
    const widgets::RunModel &m_run;
    const widgets::Dock &m_dock;
    widgets::PackedPacer m_pacer;
    QTimer m_timer;
};

} // namespace app
