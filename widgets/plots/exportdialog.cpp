// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/exportdialog.h"
#include "widgets/plots/numberboxes.h"
#include "widgets/plots/plotview.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QMessageBox>
#include <QPushButton>

namespace widgets {

ExportDialog::ExportDialog(const PlotView &view, QWidget *parent) : QDialog{parent}, m_view{view}
{
    setWindowTitle(tr("Export %1").arg(view.subject()));
    auto *form = new QFormLayout{this};
    m_format = new QComboBox{this};
    m_format->addItem(tr("PDF, vector"), QStringLiteral("pdf"));
    m_format->addItem(tr("SVG, vector"), QStringLiteral("svg"));
    m_format->addItem(tr("PNG, pixels"), QStringLiteral("png"));
    m_format->addItem(tr("CSV, the numbers"), QStringLiteral("csv"));
    m_width = new QComboBox{this};
    m_width->addItem(tr("One column (%1 mm)").arg(kColumnWidthMm), kColumnWidthMm);
    m_width->addItem(tr("Both columns (%1 mm)").arg(kPageWidthMm), kPageWidthMm);
    m_width->addItem(tr("Other"), 0.0);
    const auto length = [this](double value) {
        auto *box = new RealBox{this};
        box->setRange(20, 1000);
        box->setDecimals(1);
        box->setSuffix(tr(" mm"));
        box->setValue(value);
        return box;
    };
    const FigureOptions usual;
    m_widthMm = length(usual.sizeMm.width());
    m_heightMm = length(usual.sizeMm.height());
    m_dpi = new WholeBox{this};
    m_dpi->setRange(36, 1200);
    m_dpi->setSuffix(tr(" dpi"));
    m_dpi->setValue(usual.dpi);
    m_screenColours = new QCheckBox{tr("Colours as on the screen instead of light"), this};
    m_format->setToolTip(tr("PDF and SVG stay sharp at every size; CSV holds the numbers that the plot draws."));
    m_width->setToolTip(tr("Width of the figure on paper; text keeps its size, so a figure of this width needs no scaling."));
    m_heightMm->setToolTip(tr("Height of the figure on paper."));
    m_dpi->setToolTip(tr("Pixels of a PNG for each inch on paper."));
    m_screenColours->setToolTip(tr("Paper is white: light colours are what journals expect, whatever the window has."));
    form->addRow(tr("&Format"), m_format);
    form->addRow(tr("&Size"), m_width);
    form->addRow(tr("&Width"), m_widthMm);
    form->addRow(tr("&Height"), m_heightMm);
    form->addRow(tr("&Resolution"), m_dpi);
    form->addRow(m_screenColours);
    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Save | QDialogButtonBox::Cancel, this};
    form->addRow(buttons);

    const auto adapt = [this] {
        const QString format = m_format->currentData().toString();
        const bool picture = format != QLatin1String("csv");
        for (QWidget *field : {static_cast<QWidget *>(m_width), static_cast<QWidget *>(m_heightMm),
                               static_cast<QWidget *>(m_screenColours)})
            field->setEnabled(picture);
        const double width = m_width->currentData().toDouble();
        m_widthMm->setEnabled(picture && width <= 0);
        if (width > 0)
            m_widthMm->setValue(width);
        m_dpi->setEnabled(format == QLatin1String("png"));
    };
    connect(m_format, &QComboBox::currentIndexChanged, this, adapt);
    connect(m_width, &QComboBox::currentIndexChanged, this, adapt);
    connect(buttons, &QDialogButtonBox::accepted, this, &ExportDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &ExportDialog::reject);
    adapt();
}

FigureOptions ExportDialog::options() const
{
    FigureOptions options;
    options.sizeMm = {m_widthMm->value(), m_heightMm->value()};
    options.dpi = m_dpi->value();
    if (m_screenColours->isChecked())
        options.theme = m_view.theme();
    return options;
}

void ExportDialog::accept()
{
    const QString ending = m_format->currentData().toString();
    QString proposal = m_view.subject();
    proposal.replace(QLatin1Char(' '), QLatin1Char('-'));
    QString file = QFileDialog::getSaveFileName(this, windowTitle(), proposal + QLatin1Char('.') + ending,
                                                QStringLiteral("%1 (*.%2)").arg(ending.toUpper(), ending));
    if (file.isEmpty())
        return;
    if (QFileInfo{file}.suffix().toLower() != ending)
        file += QLatin1Char('.') + ending;
    if (const auto done = exportPlot(m_view, file, options()); !done)
        QMessageBox::warning(this, windowTitle(), QString::fromStdString(done.error().text));
    else
        QDialog::accept();
}

} // namespace widgets
