// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/parametereditor.h"
#include "widgets/docks/choicebox.h"
#include "widgets/docks/dataeditor.h"
#include "widgets/docks/logslider.h"
#include "widgets/docks/modeleditor.h"
#include "widgets/docks/numberfield.h"
#include "widgets/models/texts.h"
#include <QComboBox>
#include <QEvent>
#include <QFileDialog>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <algorithm>

namespace widgets {
namespace {

int widestUnit(const QFontMetrics &metrics)
{
    int widest = 0;
    for (const auto &row : engine::parameterTable())
        widest = std::max(widest, metrics.horizontalAdvance(qtext(row.unit)));
    return widest;
}

/// A field with its unit, and above it a slider where wanted.
class NumberEditor : public ParameterEditor {
public:
    NumberEditor(const engine::ParameterSpec &spec, Style style, QWidget *parent)
        : ParameterEditor{spec, parent}, m_field{new NumberField{spec, this}}
    {
        auto *layout = new QGridLayout{this};
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setHorizontalSpacing(4);
        layout->setVerticalSpacing(2);
        layout->addWidget(m_field, 0, 0);
        layout->setColumnStretch(0, 1);
        if (!spec.unit.empty()) {
            auto *unit = new QLabel{qtext(spec.unit), this};
            unit->setMinimumWidth(widestUnit(unit->fontMetrics())); // fields with units end in one line
            layout->addWidget(unit, 0, 1);
        }
        connect(m_field, &NumberField::entered, this, [this](const engine::ParameterValue &value) {
            Q_EMIT dragBegan();
            Q_EMIT edited(value);
        });
        connect(m_field, &NumberField::refused, this, &ParameterEditor::refused);
        if (const auto *range = std::get_if<engine::RealRange>(&spec.range); range && style == Style::WithSlider)
            addSlider(*range, *layout);
        adopt(m_field);
    }
    void show(const engine::ParameterValue &value) override
    {
        m_field->show(value);
        if (m_slider)
            m_slider->show(std::get<double>(value));
    }

private:
    void addSlider(const engine::RealRange &range, QGridLayout &layout)
    {
        m_slider = new LogSlider{range, this};
        layout.addWidget(m_slider, 1, 0);
        connect(m_slider, &LogSlider::dragBegan, this, &ParameterEditor::dragBegan);
        connect(m_slider, &LogSlider::moved, this, [this](double value) { Q_EMIT edited(value); });
        adopt(m_slider);
        m_slider->setObjectName(m_slider->objectName() + QStringLiteral("Slider"));
    }
    NumberField *m_field;
    LogSlider *m_slider = nullptr;
};

class ChoiceEditor : public ParameterEditor {
public:
    ChoiceEditor(const engine::ParameterSpec &spec, QWidget *parent) : ParameterEditor{spec, parent}, m_box{makeChoiceBox(spec, this)}
    {
        auto *layout = new QGridLayout{this};
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_box);
        adopt(m_box);
        connect(m_box, &QComboBox::textActivated, this, [this](const QString &text) {
            Q_EMIT dragBegan();
            Q_EMIT edited(text.toStdString());
        });
    }
    void show(const engine::ParameterValue &value) override { m_box->setCurrentText(shownValue(value)); }

private:
    QComboBox *m_box;
};

class TextEditor : public ParameterEditor {
public:
    TextEditor(const engine::ParameterSpec &spec, QWidget *parent) : ParameterEditor{spec, parent}, m_line{new QLineEdit{this}}
    {
        auto *layout = new QGridLayout{this};
        layout->setContentsMargins(0, 0, 0, 0);
        layout->addWidget(m_line);
        m_line->setPlaceholderText(tr("none"));
        adopt(m_line);
        if (spec.id == engine::ParameterId::Layers)
            addTableButton(*layout);
        if (spec.id == engine::ParameterId::StartWeights)
            addFileButton(*layout);
        connect(m_line, &QLineEdit::editingFinished, this, [this] {
            if (m_line->text() == m_shown)
                return;
            Q_EMIT dragBegan();
            Q_EMIT edited(m_line->text().toStdString());
        });
    }
    void show(const engine::ParameterValue &value) override
    {
        if (m_shown == shownValue(value))
            return; // a text that was refused stays, to be mended
        m_shown = shownValue(value);
        m_line->setText(m_shown);
        m_line->setCursorPosition(0); // a long text shows how it begins
    }

private:
    void addTableButton(QGridLayout &layout)
    {
        auto *button = addButton(layout, QStringLiteral("layersTable"), tr("Table of single layers"),
                                 tr("Show every layer of the network in a table."));
        connect(button, &QToolButton::clicked, this, &ParameterEditor::tableRequested);
    }
    void addFileButton(QGridLayout &layout)
    {
        auto *button = addButton(layout, QStringLiteral("weightsFile"), tr("File with start weights"), tr("Pick a file."));
        connect(button, &QToolButton::clicked, this, [this] {
            auto *dialog = new QFileDialog{this, tr("Start weights")};
            dialog->setAttribute(Qt::WA_DeleteOnClose);
            dialog->setFileMode(QFileDialog::ExistingFile);
            dialog->setNameFilters({tr("Weights (*.safetensors *.pt *.pth *.ts)"), tr("All files (*)")});
            connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
                Q_EMIT dragBegan();
                Q_EMIT edited(path.toStdString());
            });
            dialog->open();
        });
    }
    QToolButton *addButton(QGridLayout &layout, const QString &name, const QString &title, const QString &help)
    {
        auto *button = new QToolButton{this};
        button->setObjectName(name);
        button->setText(QStringLiteral("…"));
        button->setToolTip(help);
        button->setAccessibleName(title);
        layout.addWidget(button, 0, 1);
        return button;
    }
    QLineEdit *m_line;
    QString m_shown;
};

} // namespace

ParameterEditor::ParameterEditor(const engine::ParameterSpec &row, QWidget *parent) : QWidget{parent}, m_row{row}
{
    setToolTip(parameterHelp(row));
}

ParameterEditor *ParameterEditor::make(const engine::ParameterSpec &row, Style style, QWidget *parent)
{
    if (row.id == engine::ParameterId::Data)
        return makeDataEditor(row, parent);
    if (row.id == engine::ParameterId::Model)
        return makeModelEditor(row, parent);
    if (std::holds_alternative<engine::TextRange>(row.range))
        return new TextEditor{row, parent};
    if (std::holds_alternative<engine::ChoiceRange>(row.range))
        return new ChoiceEditor{row, parent};
    return new NumberEditor{row, style, parent};
}

void ParameterEditor::adopt(QWidget *control)
{
    control->setObjectName(qtext(m_row.key));
    control->setAccessibleName(qtext(m_row.label));
    control->setAccessibleDescription(qtext(m_row.help));
    control->setToolTip(toolTip());
    control->setFocusPolicy(Qt::StrongFocus);
    control->installEventFilter(this);
    setFocusProxy(control);
}

bool ParameterEditor::eventFilter(QObject *watched, QEvent *event)
{
    // Scrolling the panel with the pointer over a control must not change the experiment.
    if (event->type() == QEvent::Wheel && watched->isWidgetType() && !static_cast<QWidget *>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace widgets
