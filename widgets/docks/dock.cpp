// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/dock.h"
#include "widgets/docks/icons.h"
#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <utility>

namespace widgets {
namespace {

QToolButton *titleButton(QWidget *bar, const QString &iconName, const QString &text)
{
    auto *button = new QToolButton{bar};
    button->setAutoRaise(true);
    button->setIcon(icon(iconName));
    button->setIconSize({14, 14});
    button->setToolTip(text);
    button->setAccessibleName(text);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

} // namespace

Dock::Dock(const QString &name, const QString &title, const RunModel &run, QWidget *parent)
    : QDockWidget{title, parent}, m_run{run}
{
    setObjectName(name);
    setAccessibleName(title);
    makeTitleBar();
    connect(&run, &RunModel::changed, this, &Dock::collect);
    connect(this, &QDockWidget::visibilityChanged, this, [this](bool seen) {
        m_seen = seen;
        collect({});
    });
}

void Dock::makeTitleBar()
{
    m_titleBar = new QWidget{this};
    auto *layout = new QHBoxLayout{m_titleBar};
    layout->setContentsMargins(8, 1, 2, 1);
    layout->setSpacing(1);
    m_title = new QLabel{windowTitle(), m_titleBar};
    auto font = m_title->font();
    font.setWeight(QFont::DemiBold);
    m_title->setFont(font);
    m_title->setMinimumWidth(0);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->addWidget(m_title, 1);

    m_maximise = titleButton(m_titleBar, QStringLiteral("maximise"), tr("Maximise %1").arg(windowTitle()));
    m_maximise->setObjectName(objectName() + QStringLiteral("Maximise"));
    m_maximise->hide();
    connect(m_maximise, &QToolButton::clicked, this, &Dock::maximiseRequested);
    auto *floating = titleButton(m_titleBar, QStringLiteral("float"), tr("Undock or dock %1").arg(windowTitle()));
    connect(floating, &QToolButton::clicked, this, [this] { setFloating(!isFloating()); });
    auto *close = titleButton(m_titleBar, QStringLiteral("close"), tr("Hide %1 (the View menu brings it back)").arg(windowTitle()));
    connect(close, &QToolButton::clicked, this, &QDockWidget::close);
    for (auto *button : {m_maximise, floating, close})
        layout->addWidget(button);
    setTitleBarWidget(m_titleBar);
}

void Dock::addTitleAction(QAction *action)
{
    auto *button = new QToolButton{m_titleBar};
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setIconSize({14, 14});
    button->setFocusPolicy(Qt::TabFocus);
    qobject_cast<QHBoxLayout *>(m_titleBar->layout())->insertWidget(1, button);
}

void Dock::setMaximisable(bool on)
{
    m_maximise->setVisible(on);
}

void Dock::showMaximised(bool on)
{
    m_maximise->setIcon(icon(on ? QStringLiteral("restore") : QStringLiteral("maximise")));
    const auto text = on ? tr("Show all docks again") : tr("Maximise %1").arg(windowTitle());
    m_maximise->setToolTip(text);
    m_maximise->setAccessibleName(text);
}

bool Dock::event(QEvent *event)
{
    if (event->type() == QEvent::WindowTitleChange && m_title)
        m_title->setText(windowTitle());
    return QDockWidget::event(event);
}

void Dock::collect(RunModel::Changes changes)
{
    m_missed |= changes;
    if (!m_seen || !m_missed)
        return;
    ++m_refreshes;
    refresh(std::exchange(m_missed, {}));
}

} // namespace widgets
