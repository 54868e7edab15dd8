// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <QSlider>

namespace widgets {

/// Slider over decades: kSteps positions a decade. Where the range begins at 0, the leftmost position is 0 and the next
/// one lies seven decades below the top.
class LogSlider : public QSlider {
    Q_OBJECT

public:
    static constexpr int kSteps = 40;
    explicit LogSlider(const engine::RealRange &range, QWidget *parent = nullptr);

    void show(double value); ///< moves the handle, tells nobody; not while the user holds it
    double valueAt(int position) const;
    int positionOf(double value) const;

Q_SIGNALS:
    void dragBegan();
    void moved(double value); ///< by the user

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    engine::RealRange m_range;
    double m_lowest;
    bool m_showing = false;
};

} // namespace widgets
