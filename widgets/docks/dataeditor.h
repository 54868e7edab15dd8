// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/parametereditor.h"

class QComboBox;

namespace widgets {

/// Picks the data set: known ones by name, others through a file dialog.
class DataEditor : public ParameterEditor {
    Q_OBJECT

public:
    DataEditor(const engine::ParameterSpec &row, QWidget *parent);
    void show(const engine::ParameterValue &value) override;

private:
    void picked(int item);
    void browse(int source);
    void choose(const QString &value);

    QComboBox *m_box;
    QString m_value;
};

} // namespace widgets
