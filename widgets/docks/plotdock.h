// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/dock.h"

namespace widgets {

class PlotView;

/// A dock around one plot of the run.
class PlotDock : public Dock {
    Q_OBJECT

public:
    /// Takes ownership of the view.
    PlotDock(const QString &name, const QString &title, const RunModel &run, PlotView *view, QWidget *parent = nullptr);
    PlotView &view() const noexcept { return *m_view; }

protected:
    void refresh(RunModel::Changes changes) override;
    /// Shows `content`, which holds the view and more, in place of the view alone. Takes ownership.
    void setContent(QWidget *content);

private:
    PlotView *m_view;
};

} // namespace widgets
