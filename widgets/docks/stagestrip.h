// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include <QWidget>
#include <array>

namespace widgets {

class RunModel;

/// warm-up ▸ cluster ▸ commit: which stage the run is in and how much of it is done.
class StageStrip : public QWidget {
    Q_OBJECT

public:
    static constexpr std::size_t kStages = 3;
    explicit StageStrip(QWidget *parent = nullptr);

    void show(const RunModel &run);
    /// Share of a stage that is done, 0…1; less than 0: the run has no such stage.
    double done(engine::Stage stage) const;
    engine::Stage current() const noexcept { return m_current; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    std::array<double, kStages> m_done{};
    engine::Stage m_current = engine::Stage::Preparing;
};

} // namespace widgets
