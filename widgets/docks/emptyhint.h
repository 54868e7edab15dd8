// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>

class QAbstractItemView;

namespace widgets {

/// What stands in the middle of a list or table while that has no rows. The view owns it; its model is set before.
class EmptyHint : public QLabel {
    Q_OBJECT

public:
    EmptyHint(const QString &text, QAbstractItemView &view);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void adapt();

    QAbstractItemView &m_view;
};

} // namespace widgets
