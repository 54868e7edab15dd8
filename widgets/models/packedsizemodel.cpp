// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/packedsizemodel.h"
#include "widgets/models/texts.h"
#include <QStringList>
#include <array>

namespace widgets {
namespace {

struct ColumnText {
    const char *title;
    const char *help;
};
constexpr std::array<ColumnText, PackedSizeModel::ColumnCount> kColumns = {{
    {QT_TR_NOOP("Layer"), QT_TR_NOOP("Path of the layer in the network.")},
    {QT_TR_NOOP("Weights"), QT_TR_NOOP("Number of weights of the layer, each of which takes one code.")},
    {QT_TR_NOOP("k"), QT_TR_NOOP("Representatives in the layer's codebook.")},
    {QT_TR_NOOP("Used"), QT_TR_NOOP("Representatives that some weight belongs to. The others stand in the codebook for nothing.")},
    {QT_TR_NOOP("Entropy (theory)"),
     QT_TR_NOOP("Order-0 entropy of the codes in bits a weight: what ideal coding of single codes would need, in theory.")},
    {QT_TR_NOOP("Coder"), QT_TR_NOOP("The coder that writes the layer's codes in the fewest bytes.")},
    {QT_TR_NOOP("Bytes"), QT_TR_NOOP("Bytes that the layer takes in the file: codes, code tables, codebook and the head of its section. "
                                     "Real, as they would be written.")},
    {QT_TR_NOOP("Share"), QT_TR_NOOP("The layer's share of the bytes of the file.")},
}};

/// Coders stand between numbers and like them.
QVariant alignmentOf(int column)
{
    return QVariant::fromValue((column == PackedSizeModel::Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
}

} // namespace

PackedSizeModel::PackedSizeModel(const RunModel &run, QObject *parent) : QAbstractTableModel{parent}, m_run{run} {}

void PackedSizeModel::refresh(RunModel::Changes changes)
{
    if (changes & RunModel::DescriptionChanged) {
        beginResetModel();
        endResetModel();
    } else if ((changes & RunModel::PackedChanged) && rowCount() > 0) {
        Q_EMIT dataChanged(index(0, K), index(rowCount() - 1, ColumnCount - 1), {Qt::DisplayRole, Qt::ToolTipRole});
    }
}

QString PackedSizeModel::summary() const
{
    if (!m_run.description())
        return {};
    if (!m_run.whyNotPacked().empty())
        return qtext(m_run.whyNotPacked()).toHtmlEscaped();
    const auto &account = m_run.packed();
    if (!account)
        return tr("Not measured yet.");
    const auto &size = account->size;
    const auto layers = size.allLayers();
    const QStringList parts{tr("<b>%1 bytes</b>, <b>%2×</b> smaller than %3 as float32 (%4× in theory, at the entropy)")
                                .arg(wholeNumber(size.total()), shortNumber(size.ratio()), wholeNumber(size.floatBytes),
                                     shortNumber(engine::estimateBytes(account->contents).entropyRatio())),
                            tr("floats %1").arg(wholeNumber(size.floats)),
                            tr("tables and headers %1").arg(wholeNumber(layers.tables + layers.headers + size.headers + size.provenance)),
                            tr("at step %1").arg(wholeNumber(count(m_run.packedStep())))};
    return parts.join(QStringLiteral(" · "));
}

QString PackedSizeModel::purposes() const
{
    const auto &account = m_run.packed();
    if (!account)
        return {};
    const auto &size = account->size;
    const auto layers = size.allLayers();
    const std::pair<QString, std::uint64_t> lines[] = {{tr("codes"), layers.codes},
                                                       {tr("code tables"), layers.tables},
                                                       {tr("codebooks"), layers.codebook},
                                                       {tr("floats: biases, batch-norm, float layers"), size.floats},
                                                       {tr("the network's code (TorchScript)"), size.code},
                                                       {tr("provenance: recipe, seed, version"), size.provenance},
                                                       {tr("headers: index, network, heads of sections"), size.headers + layers.headers},
                                                       {tr("all"), size.total()}};
    QString rows;
    for (const auto &[what, bytes] : lines) {
        if (bytes > 0)
            rows +=
                QStringLiteral("<tr><td>%1</td><td align=\"right\">&nbsp;&nbsp;%2</td></tr>").arg(what.toHtmlEscaped(), wholeNumber(bytes));
    }
    return tr("<p>Bytes of the packed file, had the run ended at step %1:</p>").arg(wholeNumber(count(m_run.packedStep()))) +
           QStringLiteral("<table>%1</table>").arg(rows);
}

int PackedSizeModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_run.description() ? 0 : static_cast<int>(m_run.description()->layers.size());
}

int PackedSizeModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant PackedSizeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || index.row() >= rowCount())
        return {};
    switch (role) {
    case Qt::DisplayRole: return text(index.row(), index.column());
    case Qt::TextAlignmentRole: return alignmentOf(index.column());
    case Qt::ToolTipRole: return toolTip(index);
    default: return {};
    }
}

QString PackedSizeModel::text(int row, int column) const
{
    const auto layer = static_cast<std::size_t>(row);
    const auto &info = m_run.description()->layers[layer];
    switch (column) {
    case Name: return qtext(info.name);
    case Weights: return wholeNumber(info.weightCount);
    default: return m_run.packed() && layer < m_run.packed()->contents.kernels.size() ? measured(layer, column) : QStringLiteral("–");
    }
}

/// Kernels, or ranges of their channels, stand in the order of the layers.
QString PackedSizeModel::measured(std::size_t layer, int column) const
{
    const auto &entry = m_run.packed()->contents.kernels[layer];
    const auto &size = m_run.packed()->size;
    switch (column) {
    case K: return QString::number(entry.k);
    case Used: return QString::number(entry.used);
    case Entropy: return QString::number(static_cast<double>(entry.entropy), 'f', 3);
    case Coder: return qtext(engine::name(entry.coder));
    case Bytes: return wholeNumber(size.layers[layer].total());
    default: return shortShare(static_cast<double>(size.layers[layer].total()) / static_cast<double>(size.total()));
    }
}

QString PackedSizeModel::toolTip(const QModelIndex &index) const
{
    const auto layer = static_cast<std::size_t>(index.row());
    if (index.column() == Name) // the cell may be too narrow for it
        return text(index.row(), Name);
    if (index.column() == Bytes && m_run.packed() && layer < m_run.packed()->size.layers.size()) {
        const auto &part = m_run.packed()->size.layers[layer];
        return tr("Codes %1, code tables %2, codebook %3, head of the section %4. A codebook that layers share counts for the first of "
                  "them.")
            .arg(wholeNumber(part.codes), wholeNumber(part.tables), wholeNumber(part.codebook), wholeNumber(part.headers));
    }
    return headerData(index.column(), Qt::Horizontal, Qt::ToolTipRole).toString();
}

QVariant PackedSizeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const auto &column = kColumns[static_cast<std::size_t>(section)];
    switch (role) {
    case Qt::DisplayRole: return tr(column.title);
    case Qt::ToolTipRole: return tr(column.help);
    case Qt::TextAlignmentRole: return alignmentOf(section);
    default: return {};
    }
}

} // namespace widgets
