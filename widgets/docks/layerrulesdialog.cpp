// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/layerrulesdialog.h"
#include "engine/nets/listing.h"
#include "widgets/docks/choicebox.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/texts.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleValidator>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSpinBox>
#include <QTableWidget>
#include <QVBoxLayout>
#include <QtConcurrentRun>

namespace widgets {
namespace {

using engine::LayerSettings;
using engine::ParameterId;

enum Column { Name, Float, K, Lambda, Regularizer, Initialiser, ColumnCount };

/// The layers of a network; their names are the same for all images.
engine::Result<engine::NetworkListing> layersOf(const std::string &model)
{
    return engine::listNetwork(model, {.channels = 3, .height = 32, .width = 32}, 10);
}

QComboBox *choicesOf(ParameterId id, const std::string &chosen)
{
    auto *box = makeChoiceBox(engine::spec(id), nullptr);
    box->setCurrentText(QString::fromStdString(chosen));
    return box;
}

QSpinBox *kField(std::int64_t k)
{
    const auto &range = std::get<engine::WholeRange>(engine::spec(ParameterId::CodebookSize).range);
    auto *field = new QSpinBox;
    field->setRange(static_cast<int>(range.min), static_cast<int>(range.max));
    field->setValue(static_cast<int>(k));
    return field;
}

QLineEdit *lambdaField(const std::optional<double> &lambda, double global)
{
    const auto &range = std::get<engine::RealRange>(engine::spec(ParameterId::Lambda).range);
    auto *field = new QLineEdit{lambda ? QString::fromStdString(engine::toText(*lambda)) : QString{}};
    auto *validator = new QDoubleValidator{range.min, range.max, 12, field};
    validator->setLocale(QLocale::c());
    field->setValidator(validator);
    field->setPlaceholderText(QString::fromStdString(engine::toText(global)));
    return field;
}

} // namespace

LayerRulesDialog::LayerRulesDialog(const engine::Settings &settings, std::vector<std::string> layers, QWidget *parent)
    : QDialog{parent}, m_settings{settings}, m_names{std::move(layers)},
      m_table{new QTableWidget{static_cast<int>(m_names.size()), ColumnCount, this}}
{
    setWindowTitle(tr("Single layers of %1").arg(QString::fromStdString(engine::networkName(settings.text(ParameterId::Model)))));
    auto *note = new QLabel{tr("What differs from the network's settings becomes a rule for that layer. An empty λ follows the network's, "
                               "also while it is changed in a run."), this};
    note->setWordWrap(true);
    m_table->setObjectName(QStringLiteral("layerRules"));
    m_table->setAccessibleName(tr("Settings of single layers"));
    m_table->setHorizontalHeaderLabels({tr("Layer"), tr("Float"), tr("k"), tr("λ"), tr("Regularizer"), tr("Codebook start")});
    for (const auto &[column, id] : {std::pair{K, ParameterId::CodebookSize}, {Lambda, ParameterId::Lambda},
                                     {Regularizer, ParameterId::Regularizer}, {Initialiser, ParameterId::Initialiser}})
        m_table->horizontalHeaderItem(column)->setToolTip(parameterHelp(engine::spec(id)));
    m_table->horizontalHeaderItem(Float)->setToolTip(tr("The layer keeps its weights as they are, and counts with 32 bits a weight."));
    m_table->verticalHeader()->hide();
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::NoFocus); // the fields have it
    m_table->setShowGrid(false);
    std::vector<LayerSettings> all;
    for (const auto &name : m_names)
        all.push_back(engine::settingsOf(settings, name));
    showAll(all);

    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::Reset, this};
    buttons->button(QDialogButtonBox::Reset)->setText(tr("All as the network"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons->button(QDialogButtonBox::Reset), &QPushButton::clicked, this, [this] {
        engine::Settings plain = m_settings;
        (void)plain.set(ParameterId::Layers, std::string{});
        showAll(std::vector<LayerSettings>(m_names.size(), engine::settingsOf(plain, {})));
    });
    auto *layout = new QVBoxLayout{this};
    layout->addWidget(note);
    layout->addWidget(m_table, 1);
    layout->addWidget(buttons);
    m_table->resizeColumnsToContents();
    m_table->horizontalHeader()->setSectionResizeMode(Name, QHeaderView::Stretch);
    resize(640, qMin(600, 150 + m_table->rowHeight(0) * (m_table->rowCount() + 1)));
}

void LayerRulesDialog::showAll(const std::vector<LayerSettings> &settings)
{
    for (int row = 0; row < m_table->rowCount(); ++row)
        addRow(row, settings[static_cast<std::size_t>(row)]);
}

void LayerRulesDialog::addRow(int row, const LayerSettings &settings)
{
    const auto name = QString::fromStdString(m_names[static_cast<std::size_t>(row)]);
    auto *item = new QTableWidgetItem{name};
    item->setFlags(Qt::ItemIsEnabled);
    m_table->setItem(row, Name, item);
    auto *isFloat = new QCheckBox;
    isFloat->setChecked(settings.isFloat);
    connect(isFloat, &QCheckBox::toggled, this, [this, row] { enableRow(row); });
    m_table->setCellWidget(row, Float, isFloat);
    m_table->setCellWidget(row, K, kField(settings.k));
    m_table->setCellWidget(row, Lambda, lambdaField(settings.lambda, m_settings.real(ParameterId::Lambda)));
    m_table->setCellWidget(row, Regularizer, choicesOf(ParameterId::Regularizer, settings.regularizer));
    m_table->setCellWidget(row, Initialiser, choicesOf(ParameterId::Initialiser, settings.initialiser));
    for (int column = Float; column < ColumnCount; ++column)
        m_table->cellWidget(row, column)->setAccessibleName(tr("%1 of %2").arg(m_table->horizontalHeaderItem(column)->text(), name));
    enableRow(row);
}

void LayerRulesDialog::enableRow(int row)
{
    const bool isFloat = qobject_cast<QCheckBox *>(m_table->cellWidget(row, Float))->isChecked();
    for (int column = K; column < ColumnCount; ++column)
        m_table->cellWidget(row, column)->setEnabled(!isFloat);
}

LayerSettings LayerRulesDialog::rowSettings(int row) const
{
    const auto *lambda = qobject_cast<QLineEdit *>(m_table->cellWidget(row, Lambda));
    bool isNumber = false;
    const double value = QLocale::c().toDouble(lambda->text(), &isNumber);
    return {.isFloat = qobject_cast<QCheckBox *>(m_table->cellWidget(row, Float))->isChecked(),
            .k = qobject_cast<QSpinBox *>(m_table->cellWidget(row, K))->value(),
            .lambda = isNumber && lambda->hasAcceptableInput() ? std::optional{value} : std::nullopt,
            .regularizer = qobject_cast<QComboBox *>(m_table->cellWidget(row, Regularizer))->currentText().toStdString(),
            .initialiser = qobject_cast<QComboBox *>(m_table->cellWidget(row, Initialiser))->currentText().toStdString()};
}

QString LayerRulesDialog::rules() const
{
    std::vector<LayerSettings> wanted;
    for (int row = 0; row < m_table->rowCount(); ++row)
        wanted.push_back(rowSettings(row));
    return QString::fromStdString(engine::layerRulesFor(m_settings, m_names, wanted));
}

void LayerRulesDialog::open(ParameterModel &parameters, QWidget *parent)
{
    const auto use = [&parameters, parent](const engine::Result<engine::NetworkListing> &network) {
        if (!network) {
            auto *box = new QMessageBox{QMessageBox::Warning, tr("Single layers"), QString::fromStdString(network.error().text), QMessageBox::Ok, parent};
            box->setAttribute(Qt::WA_DeleteOnClose);
            return box->open();
        }
        std::vector<std::string> names;
        for (const auto &layer : network->layers)
            names.push_back(layer.name);
        show(parameters, std::move(names), parent);
    };
    const auto &model = parameters.settings().text(ParameterId::Model);
    if (!model.starts_with(engine::kTorchScriptPrefix))
        return use(layersOf(model));
    QtConcurrent::run(layersOf, model).then(parent, use);
}

void LayerRulesDialog::show(ParameterModel &parameters, std::vector<std::string> layers, QWidget *parent)
{
    auto *dialog = new LayerRulesDialog{parameters.settings(), std::move(layers), parent};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, dialog, [dialog, &parameters] {
        parameters.propose({ParameterId::Layers, {}}, engine::ParameterValue{dialog->rules().toStdString()}, parameters.newDrag());
    });
    dialog->QDialog::open();
}

} // namespace widgets
