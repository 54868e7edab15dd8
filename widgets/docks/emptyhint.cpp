// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/emptyhint.h"
#include <QAbstractItemView>
#include <QEvent>

namespace widgets {

EmptyHint::EmptyHint(const QString &text, QAbstractItemView &view) : QLabel{text, view.viewport()}, m_view{view}
{
    setAlignment(Qt::AlignCenter);
    setWordWrap(true);
    setEnabled(false); // as grey as what cannot be used
    setAttribute(Qt::WA_TransparentForMouseEvents);
    view.viewport()->installEventFilter(this);
    for (const auto change : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(view.model(), change, this, &EmptyHint::adapt);
    connect(view.model(), &QAbstractItemModel::modelReset, this, &EmptyHint::adapt);
    adapt();
}

bool EmptyHint::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize)
        adapt();
    return QLabel::eventFilter(watched, event);
}

void EmptyHint::adapt()
{
    setGeometry(m_view.viewport()->rect().adjusted(8, 0, -8, 0));
    setVisible(m_view.model()->rowCount() == 0);
}

} // namespace widgets
