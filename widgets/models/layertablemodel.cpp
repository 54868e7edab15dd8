// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/layertablemodel.h"
#include "engine/core/layerrules.h"
#include "widgets/models/texts.h"
#include <QFont>
#include <algorithm>
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
    {QT_TR_NOOP("Kind"), QT_TR_NOOP("conv: a convolution. linear: a fully connected layer.")},
    {QT_TR_NOOP("Shape"), QT_TR_NOOP("Shape of the kernel: outputs × inputs, and height × width of a convolution.")},
    {QT_TR_NOOP("Weights"), QT_TR_NOOP("Number of weights n of the layer. Biases and batch-norm stay float.")},
    {QT_TR_NOOP("k"), QT_TR_NOOP("Representatives: how many different values the layer's weights may take in the end. "
                                 "Fewer than it began with where dead ones are dropped.")},
    {QT_TR_NOOP("λ"), QT_TR_NOOP("Strength of the regularizer that this layer's ramp leads to. Edit it to give the layer "
                                 "a λ of its own (bold); leave it empty to follow the global λ again.")},
    {QT_TR_NOOP("Distance"), QT_TR_NOOP("Mean distance of a weight to its nearest representative, mean |w − r|.")},
    {QT_TR_NOOP("Changed"), QT_TR_NOOP("Share of the weights that changed cell since the last picture.")},
    {QT_TR_NOOP("Dead"), QT_TR_NOOP("Representatives that no weight belongs to.")},
    {QT_TR_NOOP("Loss"), QT_TR_NOOP("The layer's regularizer loss, λ·R(W, r), with λ as it is at this step.")},
    {QT_TR_NOOP("Entropy"),
     QT_TR_NOOP("Order-0 entropy of the codes in bits a weight: what ideal coding would need, in theory. A float layer needs 32.")},
    {QT_TR_NOOP("Share"),
     QT_TR_NOOP(
         "The layer's share of the bytes that the whole network takes: codes at their order-0 entropy, in theory, and codebooks; 32 bits "
         "a weight of a float layer. What is left to 100 % are biases and batch-norm.")},
}};

QString shapeText(const engine::LayerInfo &layer)
{
    QStringList sizes;
    for (const auto size : layer.shape)
        sizes << QString::number(size);
    return sizes.join(QStringLiteral(" × "));
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

SettingKey LayerTableModel::lambdaOf(engine::LayerId layer) const
{
    return {engine::ParameterId::Lambda, m_run.description()->layers[engine::index(layer)].name};
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

LayerTableModel::Place LayerTableModel::placeOf(int row) const
{
    const auto place = static_cast<std::size_t>(row);
    const auto &floats = m_run.description()->floatLayers;
    std::size_t above = 0;
    while (above < floats.size() && floats[above].quantizedBefore + above < place)
        ++above;
    const bool isFloat = above < floats.size() && floats[above].quantizedBefore + above == place;
    return {isFloat, isFloat ? above : place - above};
}

const engine::LayerInfo &LayerTableModel::infoAt(int row) const
{
    const auto place = placeOf(row);
    return place.isFloat ? m_run.description()->floatLayers[place.index].info : m_run.description()->layers[place.index];
}

std::optional<engine::LayerId> LayerTableModel::layerAt(int row) const
{
    if (row < 0 || row >= rowCount() || placeOf(row).isFloat)
        return std::nullopt;
    return engine::LayerId{static_cast<std::uint16_t>(placeOf(row).index)};
}

int LayerTableModel::rowOf(engine::LayerId layer) const
{
    const auto &run = m_run.description();
    const auto above =
        run ? std::ranges::count_if(run->floatLayers, [&](const auto &stays) { return stays.quantizedBefore <= engine::index(layer); }) : 0;
    return static_cast<int>(engine::index(layer)) + static_cast<int>(above);
}

int LayerTableModel::rowCount(const QModelIndex &parent) const
{
    const auto &run = m_run.description();
    return parent.isValid() || !run ? 0 : static_cast<int>(run->layers.size() + run->floatLayers.size());
}

int LayerTableModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant LayerTableModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || index.row() >= rowCount())
        return {};
    switch (role) {
    case Qt::DisplayRole:
        return index.column() < K ? text(infoAt(index.row()), index.column()) : measured(placeOf(index.row()), index.column());
    case Qt::EditRole: {
        const auto layer = layerAt(index.row());
        const auto own = layer && index.column() == Lambda ? m_parameters.shown(lambdaOf(*layer)) : SettingValue{};
        return own ? QVariant{shownValue(*own)} : index.column() == Lambda ? QVariant{QString{}} : QVariant{};
    }
    case Qt::TextAlignmentRole: // the word float stands in place of several numbers
        return QVariant::fromValue(
            (index.column() <= Shape || (index.column() == K && !layerAt(index.row())) ? Qt::AlignLeft : Qt::AlignRight) |
            Qt::AlignVCenter);
    case Qt::FontRole: return fontAt(index);
    case Qt::ToolTipRole: return toolTip(index);
    default: return {};
    }
}

QVariant LayerTableModel::fontAt(const QModelIndex &index) const
{
    QFont font;
    if (const auto layer = layerAt(index.row()); layer && index.column() == Lambda) {
        font.setBold(m_parameters.shown(lambdaOf(*layer)).has_value());
        font.setItalic(m_parameters.state(lambdaOf(*layer)) == SettingState::Pending);
    } else if (!layer) {
        font.setItalic(true);
    }
    return font.bold() || font.italic() ? QVariant{font} : QVariant{};
}

QString LayerTableModel::toolTip(const QModelIndex &index) const
{
    const auto layer = layerAt(index.row());
    if (!layer)
        return whyFloat(infoAt(index.row()));
    if (index.column() == Lambda && m_parameters.state(lambdaOf(*layer)) == SettingState::Rejected)
        return m_parameters.reason(lambdaOf(*layer));
    if (index.column() <= Shape) // the cell may be too narrow for it
        return QStringLiteral("%1: %2, %3")
            .arg(text(infoAt(index.row()), Name), text(infoAt(index.row()), Kind), text(infoAt(index.row()), Shape));
    return headerData(index.column(), Qt::Horizontal, Qt::ToolTipRole).toString();
}

/// With the rule that says so, the last one that matches.
QString LayerTableModel::whyFloat(const engine::LayerInfo &layer) const
{
    QString rule;
    for (const auto &given : m_run.description()->settings.layerRules().all()) {
        if (given.matches(layer.name) && given.isFloat)
            rule = qtext(given.pattern);
    }
    return tr("<p><b>%1</b> (%2, %3) is not quantized: the rule <code>%4:float</code> leaves it as it is.</p>"
              "<p>To quantize it takes a new run: stop this one, take back <i>Float</i> under <i>Settings of single layers…</i> (right "
              "click), and run again.</p>")
        .arg(text(layer, Name).toHtmlEscaped(), text(layer, Kind).toHtmlEscaped(), text(layer, Shape), rule.toHtmlEscaped());
}

QString LayerTableModel::text(const engine::LayerInfo &layer, int column) const
{
    switch (column) {
    case Name: return QString::fromStdString(layer.name);
    case Kind: return QString::fromStdString(layer.kind);
    case Shape: return shapeText(layer);
    default: return wholeNumber(layer.weightCount);
    }
}

QString LayerTableModel::measured(const Place &place, int column) const
{
    const auto &frame = m_run.frame();
    const auto share = [&](const engine::SizeEstimate &size) { return shortShare(size.entropyBytes / frame->size.entropyBytes); };
    if (place.isFloat) {
        const auto &layer = m_run.description()->floatLayers[place.index].info;
        return column == Share && frame ? share(engine::floatSize(layer.weightCount)) : floatText(column);
    }
    if (!frame || place.index >= frame->layers.size())
        return QStringLiteral("–");
    return column == Share ? share(frame->layers[place.index].size) : measured(frame->layers[place.index], column);
}

QString LayerTableModel::floatText(int column) const
{
    return column == K ? tr("float") : column == Entropy ? QStringLiteral("32") : QStringLiteral("–");
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
    if (const auto own = m_parameters.shown(lambdaOf(layer.id)))
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
    if (index.isValid() && !layerAt(index.row()))
        return Qt::ItemNeverHasChildren; // of no use but to be read
    auto flags = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == Lambda && m_parameters.hasRun())
        flags |= Qt::ItemIsEditable;
    return flags;
}

bool LayerTableModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !(flags(index) & Qt::ItemIsEditable))
        return false;
    const auto text = value.toString().trimmed().replace(QLatin1Char(','), QLatin1Char('.'));
    bool isNumber = false;
    const double lambda = text.toDouble(&isNumber);
    if (!isNumber && !text.isEmpty())
        return false;
    const auto key = lambdaOf(*layerAt(index.row()));
    m_parameters.propose(key, text.isEmpty() ? SettingValue{} : SettingValue{lambda}, m_parameters.newDrag());
    return m_parameters.state(key) != SettingState::Rejected;
}

} // namespace widgets
