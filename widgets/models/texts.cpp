// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>
#include <cmath>

namespace widgets {
namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("widgets", text);
}

QString rangeText(const engine::RealRange &range)
{
    return tr("%1 to %2, at first %3").arg(shortNumber(range.min), shortNumber(range.max), shortNumber(range.initial));
}
QString rangeText(const engine::WholeRange &range)
{
    return tr("%1 to %2, at first %3").arg(range.min).arg(range.max).arg(range.initial);
}
QString rangeText(const engine::ChoiceRange &range)
{
    QStringList choices;
    for (const auto choice : range.choices)
        choices << qtext(choice);
    if (!range.filePrefix.empty())
        choices << qtext(range.filePrefix) + tr("FILE");
    return tr("%1; at first %2").arg(choices.join(QStringLiteral(", ")), qtext(range.initial));
}
QString rangeText(const engine::TextRange &range)
{
    return range.initial.empty() ? tr("At first empty") : tr("At first %1").arg(qtext(range.initial));
}

QString changeText(engine::Change change)
{
    return change == engine::Change::Live ? tr("Can be changed while a run goes on.")
                                          : tr("Is fixed once a run has begun.");
}

} // namespace

QString shortNumber(double value)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    return QString::number(value, 'g', 4);
}

QString shortShare(double share)
{
    if (std::isnan(share))
        return QStringLiteral("–");
    const double percent = 100.0 * share;
    return QString::number(percent, 'f', percent != 0 && std::abs(percent) < 0.095 ? 3 : 1) + QStringLiteral(" %");
}

QString wholeNumber(std::uint64_t value)
{
    QString digits = QString::number(value);
    for (auto place = digits.size() - 3; place > 0; place -= 3)
        digits.insert(place, QChar{0x2009}); // thin space
    return digits;
}

QString duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return QStringLiteral("–");
    const auto whole = static_cast<qint64>(std::llround(seconds));
    if (whole >= 3600)
        return tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
    if (whole >= 60)
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return tr("%1 s").arg(whole);
}

QString shownValue(const engine::ParameterValue &value)
{
    return qtext(engine::toText(value));
}

QString regularizerHelp(const engine::RegularizerSpec &regularizer)
{
    return QStringLiteral("<b>%1</b>: %2<br>%3")
        .arg(qtext(regularizer.name).toHtmlEscaped(), qtext(regularizer.formula).toHtmlEscaped(), qtext(regularizer.help).toHtmlEscaped());
}

QString parameterHelp(const engine::ParameterSpec &row)
{
    static const QRegularExpression command{QStringLiteral("`([^`]*)`")};
    const auto range = std::visit([](const auto &r) { return rangeText(r); }, row.range);
    QString choices;
    for (const auto &regularizer : engine::regularizers())
        choices += row.id == engine::ParameterId::Regularizer ? QStringLiteral("<p>%1</p>").arg(regularizerHelp(regularizer)) : QString{};
    return QStringLiteral("<p><b>%1</b></p><p>%2</p>%7<p>%3%4. %5</p><p><code>--%6</code></p>")
        .arg(qtext(row.label).toHtmlEscaped(), qtext(row.help).toHtmlEscaped().replace(command, QStringLiteral("<code>\\1</code>")),
             range.toHtmlEscaped(), row.unit.empty() ? QString{} : QLatin1Char(' ') + qtext(row.unit).toHtmlEscaped(),
             changeText(row.change), qtext(row.key), choices);
}

QString parameterPage()
{
    QString page;
    std::string_view group;
    for (const auto &row : engine::parameterTable()) {
        if (row.group != group)
            page += QStringLiteral("<h2>%1</h2>").arg(qtext(row.group).toHtmlEscaped());
        group = row.group;
        page += parameterHelp(row);
    }
    return page;
}

} // namespace widgets
