// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/messagebar.h"
#include "widgets/docks/icons.h"
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace widgets {
namespace {

/// A tint of the palette's own background, so that text keeps its contrast in light and dark.
QColor tint(const QPalette &palette, MessageBar::Severity severity)
{
    const QColor signal = severity == MessageBar::Severity::Error     ? QColor{0xc0, 0x39, 0x2b}
                          : severity == MessageBar::Severity::Warning ? QColor{0xe6, 0x9f, 0x00}
                                                                      : palette.color(QPalette::Highlight);
    const QColor base = palette.color(QPalette::Window);
    const auto mix = [](int a, int b) { return (3 * a + b) / 4; };
    return {mix(base.red(), signal.red()), mix(base.green(), signal.green()), mix(base.blue(), signal.blue())};
}

} // namespace

MessageBar::MessageBar(QWidget *parent)
    : QFrame{parent}, m_sign{new QLabel{this}}, m_text{new QLabel{this}}, m_more{new QLabel{this}},
      m_offer{new QPushButton{this}}
{
    setObjectName(QStringLiteral("messageBar"));
    setAccessibleName(tr("Messages"));
    setAutoFillBackground(true);
    m_text->setObjectName(QStringLiteral("messageText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_more->setForegroundRole(QPalette::WindowText);
    auto *close = new QToolButton{this};
    close->setObjectName(QStringLiteral("messageDismiss"));
    close->setAutoRaise(true);
    close->setIcon(icon(QStringLiteral("close")));
    close->setToolTip(tr("Dismiss"));
    close->setAccessibleName(tr("Dismiss message"));
    connect(close, &QToolButton::clicked, this, &MessageBar::dismiss);
    m_offer->setObjectName(QStringLiteral("messageOffer"));
    connect(m_offer, &QPushButton::clicked, this, &MessageBar::accept);
    auto *layout = new QHBoxLayout{this};
    layout->setContentsMargins(10, 4, 6, 4);
    layout->addWidget(m_sign);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_offer);
    layout->addWidget(m_more);
    layout->addWidget(close);
    hide();
}

void MessageBar::show(Severity severity, const QString &text, const Offer &offer)
{
    m_messages.removeIf([&](const Message &message) { return message.text == text; });
    m_messages.append({severity, text, offer});
    present();
}

void MessageBar::clear()
{
    m_messages.clear();
    present();
}

QString MessageBar::text() const
{
    return m_messages.isEmpty() ? QString{} : m_messages.last().text;
}

void MessageBar::dismiss()
{
    if (!m_messages.isEmpty())
        m_messages.removeLast();
    present();
}

void MessageBar::accept()
{
    const auto act = m_messages.isEmpty() ? Offer{}.accept : m_messages.last().offer.accept;
    dismiss();
    if (act)
        act();
}

void MessageBar::present()
{
    setVisible(!m_messages.isEmpty());
    Q_EMIT emptied(m_messages.isEmpty());
    if (m_messages.isEmpty())
        return;
    const auto &message = m_messages.last();
    auto shades = parentWidget() ? parentWidget()->palette() : QPalette{};
    shades.setColor(QPalette::Window, tint(shades, message.severity));
    setPalette(shades);
    m_sign->setText(message.severity == Severity::Error     ? QStringLiteral("✕")
                    : message.severity == Severity::Warning ? QStringLiteral("⚠")
                                                            : QStringLiteral("ℹ"));
    m_text->setText(message.text);
    setAccessibleDescription(message.text);
    m_offer->setVisible(!message.offer.text.isEmpty());
    m_offer->setText(message.offer.text);
    m_more->setVisible(m_messages.size() > 1);
    m_more->setText(tr("+ %1 more").arg(m_messages.size() - 1));
}

void MessageBar::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::ApplicationPaletteChange && !m_messages.isEmpty())
        present();
}

} // namespace widgets
