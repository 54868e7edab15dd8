// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/layerrulesdialog.h"
#include "engine/nets/listing.h"
#include "widgets/docks/choicebox.h"
#include "widgets/models/layerplan.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"
#include "widgets/plots/numberboxes.h"
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleValidator>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <QtConcurrentRun>
#include <array>
#include <utility>

namespace widgets {
namespace {

using engine::LayerSettings;
using engine::ParameterId;

enum Column { Name, Float, K, Lambda, Ramp, RampStart, RampShare, Regularizer, Initialiser, ColumnCount };
/// Columns with numbers that may be left empty.
constexpr auto kNumbers = std::to_array<std::pair<Column, ParameterId>>(
    {{Lambda, ParameterId::Lambda}, {RampStart, ParameterId::RampStart}, {RampShare, ParameterId::RampShare}});

/// The layers of a network; their names are the same for all images.
engine::Result<engine::NetworkListing> layersOf(const std::string &model)
{
    return engine::listNetwork(model, {.channels = 3, .height = 32, .width = 32}, 10);
}

/// λ of a layer as it is and as its ramp will leave it, both ends where its ranges of channels differ; a dash
/// for a float layer.
QString strengthOf(const std::string &layer, const RunModel &run)
{
    std::vector<double> now, targets;
    for (const auto &info : run.description()->layers) {
        if (engine::withoutChannels(info.name) != layer || !run.frame() || index(info.id) >= run.frame()->layers.size())
            continue;
        now.push_back(run.frame()->layers[index(info.id)].lambda);
        targets.push_back(run.frame()->layers[index(info.id)].lambdaTarget);
    }
    if (targets.empty())
        return QStringLiteral("–");
    const auto span = [](const std::vector<double> &values) {
        const auto [least, most] = std::ranges::minmax(values);
        return shortNumber(least) == shortNumber(most) ? shortNumber(least)
                                                       : QStringLiteral("%1 … %2").arg(shortNumber(least), shortNumber(most));
    };
    return span(now) == span(targets) ? span(targets) : QStringLiteral("%1 → %2").arg(span(now), span(targets));
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
    auto *field = new WholeBox;
    field->setRange(static_cast<int>(range.min), static_cast<int>(range.max));
    field->setValue(static_cast<int>(k));
    return field;
}

/// A comma becomes the decimal point as it is typed.
class RealValidator : public QDoubleValidator {
public:
    using QDoubleValidator::QDoubleValidator;
    State validate(QString &input, int &position) const override
    {
        input.replace(QLatin1Char(','), QLatin1Char('.'));
        return QDoubleValidator::validate(input, position);
    }
};

/// Empty for a layer without a number of its own; the network's is then seen in grey.
QLineEdit *numberField(ParameterId id, const std::optional<double> &own, double global)
{
    const auto &range = std::get<engine::RealRange>(engine::spec(id).range);
    auto *field = new QLineEdit{own ? QString::fromStdString(engine::toText(*own)) : QString{}};
    auto *validator = new RealValidator{range.min, range.max, 12, field};
    validator->setLocale(QLocale::c());
    field->setValidator(validator);
    field->setPlaceholderText(QString::fromStdString(engine::toText(global)));
    return field;
}

std::optional<double> numberIn(const QWidget *cell)
{
    const auto *field = qobject_cast<const QLineEdit *>(cell);
    bool isNumber = false;
    const double value = QLocale::c().toDouble(field->text(), &isNumber);
    return isNumber && field->hasAcceptableInput() ? std::optional{value} : std::nullopt;
}

/// The first choice is to have none of its own.
QComboBox *rampField(const std::optional<engine::RampShape> &own, const std::string &global)
{
    auto *box = choicesOf(ParameterId::Ramp, global);
    box->insertItem(0, LayerRulesDialog::tr("as network"));
    box->setItemData(0, LayerRulesDialog::tr("Now %1.").arg(QString::fromStdString(global)), Qt::ToolTipRole);
    box->setCurrentIndex(own ? box->findText(qtext(engine::textOf(*own))) : 0);
    return box;
}

} // namespace

LayerRulesDialog::LayerRulesDialog(const engine::Settings &settings, std::vector<std::string> layers, bool inRun, QWidget *parent)
    : QDialog{parent}, m_settings{settings}, m_inRun{inRun}, m_names{std::move(layers)},
      m_table{new QTableWidget{static_cast<int>(m_names.size()), ColumnCount, this}}, m_note{new QLabel{this}}
{
    setWindowTitle(tr("Single layers of %1").arg(QString::fromStdString(engine::networkName(settings.text(ParameterId::Model)))));
    m_note->setText(
        tr("What differs from the network's settings becomes a rule for that layer. An empty λ, and a ramp left as the network's, "
           "follow those, also while they are changed in a run."));
    if (inRun)
        m_note->setText(tr("While a run goes on the ramps can change here, and a λ of a layer's own in the table of layers: λ is "
                           "shown as it is now, and where its ramp leads. The rest, float layers too, takes a new run."));
    m_note->setObjectName(QStringLiteral("layerRulesNote"));
    m_note->setWordWrap(true);
    m_table->setObjectName(QStringLiteral("layerRules"));
    m_table->setAccessibleName(tr("Settings of single layers"));
    m_table->setHorizontalHeaderLabels(
        {tr("Layer"), tr("Float"), tr("k"), tr("λ"), tr("λ ramp"), tr("Start"), tr("Length"), tr("Regularizer"), tr("Codebook start")});
    for (const auto &[column, id] : {std::pair{K, ParameterId::CodebookSize}, {Lambda, ParameterId::Lambda},
                                     {Ramp, ParameterId::Ramp}, {RampStart, ParameterId::RampStart}, {RampShare, ParameterId::RampShare},
                                     {Regularizer, ParameterId::Regularizer}, {Initialiser, ParameterId::Initialiser}})
        m_table->horizontalHeaderItem(column)->setToolTip(parameterHelp(engine::spec(id)));
    m_table->horizontalHeaderItem(Float)->setToolTip(tr("The layer keeps its weights as they are, and counts with 32 bits a weight."));
    m_table->verticalHeader()->hide();
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setFocusPolicy(Qt::NoFocus); // the fields have it
    m_table->setShowGrid(false);
    m_table->viewport()->setBackgroundRole(QPalette::Window); // on which fields are seen in dark colours, too
    std::vector<LayerSettings> all;
    for (const auto &name : m_names)
        all.push_back(settings.layer(name));
    showAll(all);

    auto *buttons = new QDialogButtonBox{QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::Reset, this};
    buttons->button(QDialogButtonBox::Reset)->setText(tr("All as the network"));
    buttons->button(QDialogButtonBox::Reset)
        ->setToolTip(inRun ? tr("No layer has a ramp of its own") : tr("No layer differs from the network's settings"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons->button(QDialogButtonBox::Reset), &QPushButton::clicked, this, [this] {
        showAll(asTheNetwork());
    });
    auto *layout = new QVBoxLayout{this};
    layout->addWidget(m_note);
    layout->addWidget(m_table, 1);
    layout->addWidget(buttons);
    fitColumns();
}

/// What all layers have without rules; in a run, as far as it can change.
std::vector<LayerSettings> LayerRulesDialog::asTheNetwork() const
{
    engine::Settings plain = m_settings;
    plain.setLayerRules({});
    std::vector<LayerSettings> all(m_names.size(), plain.layer({}));
    for (std::size_t layer = 0; m_inRun && layer < all.size(); ++layer) {
        all[layer] = m_settings.layer(m_names[layer]);
        all[layer].ramp.reset();
        all[layer].rampStart.reset();
        all[layer].rampShare.reset();
    }
    return all;
}

void LayerRulesDialog::fitColumns()
{
    m_table->resizeColumnsToContents();
    for (const auto &[column, id] : kNumbers) { // a line edit asks for far more than its numbers need
        const auto widest = m_inRun && column == Lambda ? QStringLiteral("0.01234 → 0.1234") : QStringLiteral("0.000123");
        m_table->setColumnWidth(column, m_table->fontMetrics().horizontalAdvance(widest) + 16);
    }
    int width = 48; // margins and a scroll bar
    for (int column = 0; column < ColumnCount; ++column)
        width += m_table->columnWidth(column);
    m_table->horizontalHeader()->setSectionResizeMode(Name, QHeaderView::Stretch);
    resize(width, qMin(600, 150 + m_table->rowHeight(0) * (m_table->rowCount() + 1)));
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
    m_table->setCellWidget(row, Lambda, numberField(ParameterId::Lambda, settings.lambda, m_settings.real(ParameterId::Lambda)));
    m_table->setCellWidget(row, Ramp, rampField(settings.ramp, m_settings.text(ParameterId::Ramp)));
    m_table->setCellWidget(row, RampStart,
                           numberField(ParameterId::RampStart, settings.rampStart, m_settings.real(ParameterId::RampStart)));
    m_table->setCellWidget(row, RampShare,
                           numberField(ParameterId::RampShare, settings.rampShare, m_settings.real(ParameterId::RampShare)));
    m_table->setCellWidget(row, Regularizer, choicesOf(ParameterId::Regularizer, settings.regularizer));
    m_table->setCellWidget(row, Initialiser, choicesOf(ParameterId::Initialiser, std::string{engine::textOf(settings.initialiser)}));
    for (int column = Float; column < ColumnCount; ++column)
        m_table->cellWidget(row, column)->setAccessibleName(tr("%1 of %2").arg(m_table->horizontalHeaderItem(column)->text(), name));
    enableRow(row);
}

void LayerRulesDialog::enableRow(int row)
{
    auto *isFloat = qobject_cast<QCheckBox *>(m_table->cellWidget(row, Float));
    isFloat->setEnabled(!m_inRun);
    for (int column = K; column < ColumnCount; ++column) {
        const bool canChange = !m_inRun || column == Ramp || column == RampStart || column == RampShare;
        m_table->cellWidget(row, column)->setEnabled(canChange && !isFloat->isChecked());
    }
}

LayerSettings LayerRulesDialog::rowSettings(int row) const
{
    const auto *ramp = qobject_cast<QComboBox *>(m_table->cellWidget(row, Ramp));
    return {.isFloat = qobject_cast<QCheckBox *>(m_table->cellWidget(row, Float))->isChecked(),
            .k = qobject_cast<QSpinBox *>(m_table->cellWidget(row, K))->value(),
            .lambda = m_inRun ? m_settings.layer(m_names[static_cast<std::size_t>(row)]).lambda // what is shown is no rule's
                              : numberIn(m_table->cellWidget(row, Lambda)),
            .regularizer = qobject_cast<QComboBox *>(m_table->cellWidget(row, Regularizer))->currentText().toStdString(),
            .initialiser = engine::choiceOf<engine::Initialiser>(
                qobject_cast<QComboBox *>(m_table->cellWidget(row, Initialiser))->currentText().toStdString()),
            .ramp = ramp->currentIndex() > 0 ? std::optional{engine::choiceOf<engine::RampShape>(ramp->currentText().toStdString())}
                                             : std::nullopt,
            .rampStart = numberIn(m_table->cellWidget(row, RampStart)),
            .rampShare = numberIn(m_table->cellWidget(row, RampShare))};
}

void LayerRulesDialog::accept()
{
    for (int row = 0; row < m_table->rowCount(); ++row) {
        for (const auto &[column, id] : kNumbers) {
            if (m_inRun && column == Lambda)
                continue;
            auto *field = qobject_cast<QLineEdit *>(m_table->cellWidget(row, column));
            const auto value = engine::parseValue(engine::spec(id), field->text().toStdString());
            if (field->text().isEmpty() || value)
                continue;
            m_note->setText(QString::fromStdString(value.error().text));
            field->setFocus();
            field->selectAll();
            return;
        }
    }
    QDialog::accept();
}

QString LayerRulesDialog::rules() const
{
    std::vector<LayerSettings> wanted;
    for (int row = 0; row < m_table->rowCount(); ++row)
        wanted.push_back(rowSettings(row));
    return QString::fromStdString(engine::layerRulesFor(m_settings, m_names, wanted).text());
}

void LayerRulesDialog::followRun(const RunModel &run)
{
    connect(&run, &RunModel::changed, this, [this, &run](RunModel::Changes changes) {
        if (changes & RunModel::FrameChanged)
            showStrengths(run);
    });
    showStrengths(run);
}

void LayerRulesDialog::showStrengths(const RunModel &run)
{
    for (int row = 0; run.description() && row < m_table->rowCount(); ++row) {
        auto *field = qobject_cast<QLineEdit *>(m_table->cellWidget(row, Lambda));
        field->setText(strengthOf(m_names[static_cast<std::size_t>(row)], run));
        field->setCursorPosition(0);
    }
}

void LayerRulesDialog::open(const RunModel &run, ParameterModel &parameters, QWidget *parent)
{
    if (parameters.hasRun() && run.description())
        return show(run, parameters, layerNames(*run.description()), parent);
    const auto use = [&run, &parameters, parent](const engine::Result<engine::NetworkListing> &network) {
        if (!network) {
            auto *box = new QMessageBox{QMessageBox::Warning, tr("Single layers"), QString::fromStdString(network.error().text),
                                        QMessageBox::Ok, parent};
            box->setAttribute(Qt::WA_DeleteOnClose);
            return box->open();
        }
        show(run, parameters, network->layerNames(), parent);
    };
    const auto &model = parameters.settings().text(ParameterId::Model);
    if (!model.starts_with(engine::kTorchScriptPrefix))
        return use(layersOf(model));
    QtConcurrent::run(layersOf, model).then(parent, use);
}

void LayerRulesDialog::show(const RunModel &run, ParameterModel &parameters, std::vector<std::string> layers, QWidget *parent)
{
    auto *dialog = new LayerRulesDialog{parameters.settings(), std::move(layers), parameters.hasRun(), parent};
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    if (parameters.hasRun())
        dialog->followRun(run);
    connect(dialog, &QDialog::accepted, dialog, [dialog, &parameters] {
        parameters.propose({ParameterId::Layers, {}}, engine::ParameterValue{dialog->rules().toStdString()}, parameters.newDrag());
    });
    dialog->QDialog::open();
}

} // namespace widgets
