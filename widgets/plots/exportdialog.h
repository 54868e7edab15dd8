// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/export.h"
#include <QDialog>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace widgets {

/// Asks how large a figure shall be and where to put it, then writes it. Stays open, with the reason, if that fails.
class ExportDialog final : public QDialog {
    Q_OBJECT

public:
    ExportDialog(const PlotView &view, QWidget *parent);
    FigureOptions options() const; ///< as chosen

public Q_SLOTS:
    void accept() override; ///< asks for the file

private:
    const PlotView &m_view;
    QComboBox *m_format, *m_width; // children
    QDoubleSpinBox *m_widthMm, *m_heightMm;
    QSpinBox *m_dpi;
    QCheckBox *m_screenColours;
};

} // namespace widgets
