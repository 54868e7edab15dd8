// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/layertablemodel.h"
#include "widgets/models/texts.h"
#include <QFont>
#include <array>

namespace widgets {
namespace {

struct ColumnText {
    const char *title;
    const char *help;
};
// Words and symbols of the method; one place for headings and tooltips.
constexpr std::array<ColumnText, LayerTableModel::ColumnCount> kColumns = {{
    {QT_TR_NOOP("Layer"), QT_TR_NOOP("Path of the layer in the network.")},
    {QT_TR_NOOP("Shape"), QT_TR_NOOP("Shape of the kernel: outputs × inputs, and height × width of a convolution.")},
    {QT_TR_NOOP("Weights"), QT_TR_NOOP("Number of quantized weights n of the layer. Biases and batch-norm stay float.")},
    {QT_TR_NOOP("k"), QT_TR_NOOP("Representatives: how many different values the layer's weights may take in the end. "
                                 "Fewer than it began with where dead ones are dropped.")},
    {QT_TR_NOOP("λ"), QT_TR_NOOP("Strength of the regularizer that this layer's ramp leads to. Edit it to give the layer "
                                 "a λ of its own (bold); leave it empty to follow the global λ again.")},
    {QT_TR_NOOP("Distance"), QT_TR_NOOP("Mean distance of a weight to its nearest representative, mean |w − r|.")},
    {QT_TR_NOOP("Changed"), QT_TR_NOOP("Share of the weights that changed cell since the last picture.")},
    {QT_TR_NOOP("Dead"), QT_TR_NOOP("Representatives that no weight belongs to.")},
    {QT_TR_NOOP("Loss"), QT_TR_NOOP("The layer's regularizer loss, λ·R(W, r), with λ as it is at this step.")},
    {QT_TR_NOOP("Entropy"), QT_TR_NOOP("Order-0 entropy of the codes in bits a weight: what ideal coding would need, in theory.")},
}};

QString shapeText(const engine::LayerInfo &layer)
{
    QStringList sizes;
    for (const auto size : layer.shape)
        sizes << QString::number(size);
    return sizes.join(QStringLiteral(" × "));
}

SettingKey lambdaOf(int row)
{
    return {engine::ParameterId::Lambda, engine::LayerId{static_cast<std::uint16_t>(row)}};
}

} // namespace

LayerTableModel::LayerTableModel(const RunModel &run, ParameterModel &parameters, QObject *parent)
    : QAbstractTableModel{parent}, m_run{run}, m_parameters{parameters}
{
    connect(&m_parameters, &ParameterModel::everythingChanged, this, &LayerTableModel::lambdaChanged);
    connect(&m_parameters, &ParameterModel::changed, this, [this](const SettingKey &key) {
        if (key.id == engine::ParameterId::Lambda)
            lambdaChanged();
    });
}

void LayerTableModel::refresh(RunModel::Changes changes)
{
    if (changes & RunModel::DescriptionChanged) {
        beginResetModel();
        endResetModel();
    } else if ((changes & RunModel::FrameChanged) && rowCount() > 0) {
        Q_EMIT dataChanged(index(0, K), index(rowCount() - 1, ColumnCount - 1), {Qt::DisplayRole});
    }
}

void LayerTableModel::lambdaChanged()
{
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Lambda), index(rowCount() - 1, Lambda));
}

int LayerTableModel::rowCount(const QModelIndex &parent) const
{
    const auto &run = m_run.description();
    return parent.isValid() || !run ? 0 : static_cast<int>(run->layers.size());
}

int LayerTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant LayerTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || index.row() >= rowCount())
        return {};
    const auto row = static_cast<std::size_t>(index.row());
    const auto key = lambdaOf(index.row());
    const bool isLambda = index.column() == Lambda;
    switch (role) {
    case Qt::DisplayRole: {
        if (index.column() < K)
            return text(m_run.description()->layers[row], index.column());
        const auto &frame = m_run.frame();
        return frame && row < frame->layers.size() ? measured(frame->layers[row], index.column()) : QStringLiteral("–");
    }
    case Qt::EditRole:
        if (isLambda)
            return m_parameters.shown(key) ? shownValue(*m_parameters.shown(key)) : QString{};
        return {};
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((index.column() <= Shape ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case Qt::FontRole: {
        QFont font;
        font.setBold(isLambda && m_parameters.shown(key).has_value());
        font.setItalic(isLambda && m_parameters.state(key) == SettingState::Pending);
        return font.bold() || font.italic() ? QVariant{font} : QVariant{};
    }
    case Qt::ToolTipRole:
        if (isLambda && m_parameters.state(key) == SettingState::Rejected)
            return m_parameters.reason(key);
        if (index.column() <= Shape) // the cell may be too narrow for it
            return QStringLiteral("%1: %2").arg(text(m_run.description()->layers[row], Name), text(m_run.description()->layers[row], Shape));
        return headerData(index.column(), Qt::Horizontal, Qt::ToolTipRole);
    default:
        return {};
    }
}

QString LayerTableModel::text(const engine::LayerInfo &layer, int column) const
{
    switch (column) {
    case Name: return QString::fromStdString(layer.name);
    case Shape: return shapeText(layer);
    default: return wholeNumber(layer.weightCount);
    }
}

QString LayerTableModel::measured(const engine::LayerFrame &layer, int column) const
{
    switch (column) {
    case K: return QString::number(layer.k());
    case Lambda: return lambdaText(layer);
    case Distance: return shortNumber(layer.meanDistance);
    case Changed: return shortShare(layer.changedShare);
    case Dead: return QString::number(layer.deadCount());
    case Loss: return shortNumber(layer.regularizerLoss);
    default: return QString::number(engine::entropyBits(layer.occupancy), 'f', 2);
    }
}

QString LayerTableModel::lambdaText(const engine::LayerFrame &layer) const
{
    if (const auto own = m_parameters.shown({engine::ParameterId::Lambda, layer.id}))
        return shortNumber(std::get<double>(*own));
    return shortNumber(layer.lambdaTarget);
}

QVariant LayerTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const auto &column = kColumns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole: return tr(column.title);
    case Qt::ToolTipRole: return tr(column.help);
    case Qt::TextAlignmentRole:
        return QVariant::fromValue((section <= Shape ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    default: return {};
    }
}

Qt::ItemFlags LayerTableModel::flags(const QModelIndex &index) const
{
    auto flags = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == Lambda && m_parameters.hasRun())
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool LayerTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    const auto text = value.toString().trimmed();
    bool isNumber = false;
    const double lambda = text.toDouble(&isNumber);
    if (!isNumber && !text.isEmpty())
        return false;
    m_parameters.propose(lambdaOf(index.row()), text.isEmpty() ? SettingValue{} : SettingValue{lambda}, m_parameters.newDrag());
    return m_parameters.state(lambdaOf(index.row())) != SettingState::Rejected;
}

} // namespace widgets
