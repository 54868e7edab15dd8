// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/plotdock.h"
#include "widgets/plots/plotview.h"

namespace widgets {

PlotDock::PlotDock(const QString &name, const QString &title, const RunModel &run, PlotView *view, QWidget *parent)
    : Dock{name, title, run, parent}, m_view{view}
{
    view->setObjectName(name + QStringLiteral("View"));
    view->setAccessibleName(title);
    setWidget(view);
    setMaximisable(true);
}

void PlotDock::refresh(RunModel::Changes changes)
{
    if (changes & RunModel::DescriptionChanged)
        return m_view->setData({run().description(), run().frame(), run().history(), run().selectedLayer()});
    if (changes & RunModel::LayerChanged)
        m_view->setLayer(run().selectedLayer());
    if ((changes & RunModel::FrameChanged) && run().frame())
        m_view->setFrame(run().frame());
    if (changes & RunModel::HistoryChanged)
        m_view->refresh();
}

void PlotDock::setContent(QWidget *content)
{
    setWidget(content);
    m_view->show();
}

} // namespace widgets
