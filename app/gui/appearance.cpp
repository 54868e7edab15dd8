// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/appearance.h"
#include <QApplication>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>

namespace app {
namespace {

struct Shades {
    QColor window, base, alternate, button, text, muted, mid, highlight, highlightedText, link;
};

QPalette paletteOf(const Shades &s)
{
    QPalette palette{s.button, s.window};
    palette.setColor(QPalette::WindowText, s.text);
    palette.setColor(QPalette::Base, s.base);
    palette.setColor(QPalette::AlternateBase, s.alternate);
    palette.setColor(QPalette::Text, s.text);
    palette.setColor(QPalette::Button, s.button);
    palette.setColor(QPalette::ButtonText, s.text);
    palette.setColor(QPalette::BrightText, Qt::white);
    palette.setColor(QPalette::PlaceholderText, s.muted);
    palette.setColor(QPalette::ToolTipBase, s.alternate);
    palette.setColor(QPalette::ToolTipText, s.text);
    palette.setColor(QPalette::Mid, s.mid);
    palette.setColor(QPalette::Highlight, s.highlight);
    palette.setColor(QPalette::HighlightedText, s.highlightedText);
    palette.setColor(QPalette::Link, s.link);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, s.muted);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, s.mid);
    return palette;
}

QPalette light()
{
    return paletteOf({.window = 0xf3f4f6, .base = 0xffffff, .alternate = 0xf7f8fa, .button = 0xeceef1, .text = 0x1c1f24,
                      .muted = 0x8a9099, .mid = 0xb9bec6, .highlight = 0x1f6fb2, .highlightedText = 0xffffff, .link = 0x1f6fb2});
}

QPalette dark()
{
    return paletteOf({.window = 0x23272e, .base = 0x1a1d22, .alternate = 0x20242a, .button = 0x2e333b, .text = 0xe6e8eb,
                      .muted = 0x7d848f, .mid = 0x4a515c, .highlight = 0x3d8fd1, .highlightedText = 0xffffff, .link = 0x6db3ea});
}

} // namespace

AppearanceSwitch::AppearanceSwitch() : m_desktopStyle{QApplication::style()->name()} {}

void AppearanceSwitch::apply(Appearance appearance) const
{
    QApplication::setStyle(appearance == Appearance::System ? m_desktopStyle : QStringLiteral("fusion"));
    const auto palette = appearance == Appearance::Light  ? light()
                         : appearance == Appearance::Dark ? dark()
                                                          : QPalette{}; // an empty one gives the style's or desktop's back
    QApplication::setPalette(palette);
    QToolTip::setPalette(appearance == Appearance::System ? QApplication::palette() : palette);
}

} // namespace app
