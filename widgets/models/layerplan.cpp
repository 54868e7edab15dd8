// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/layerplan.h"
#include "widgets/models/parametermodel.h"
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <algorithm>
#include <functional>

namespace widgets {
namespace {

using engine::LayerSettings;
using engine::ParameterId;

QString tr(const char *text)
{
    return QCoreApplication::translate("LayerPlan", text);
}

std::unexpected<engine::Error> refuse(const QString &sentence)
{
    return engine::fail(engine::ErrorCode::BadValue, sentence.toStdString());
}

/// When a plan comes true.
QString later(const ParameterModel &parameters)
{
    return parameters.hasRun() ? tr("in the next run; this run goes on as it is.") : tr("once Run starts the next run.");
}

/// Lets `change` change the settings that each layer would have.
engine::Result<void> plan(ParameterModel &parameters, const engine::RunDescription &run,
                          const std::function<void(const std::string &, LayerSettings &)> &change)
{
    auto next = parameters.next();
    if (next.text(ParameterId::Model) != run.settings.text(ParameterId::Model))
        return refuse(tr("These are layers of %1, and the next run trains %2.")
                          .arg(qtext(run.settings.text(ParameterId::Model)), qtext(next.text(ParameterId::Model))));
    const auto names = layerNames(run);
    std::vector<LayerSettings> wanted;
    for (const auto &name : names) {
        wanted.push_back(next.layer(name));
        change(name, wanted.back());
    }
    next.setLayerRules(engine::layerRulesFor(next, names, wanted));
    if (auto good = engine::checkLayerRules(next, names); !good)
        return good;
    parameters.plan(ParameterId::Layers, next.value(ParameterId::Layers));
    return {};
}

engine::Result<void> checkOwnCodebooks(const ParameterModel &parameters)
{
    if (parameters.next().choice<engine::CodebookScope>() == engine::CodebookScope::Unified)
        return refuse(
            tr("Layers share their codebooks in the next run (scope: unified), so that k is set for all of them, with Representatives k."));
    return {};
}

} // namespace

std::vector<std::string> layerNames(const engine::RunDescription &run)
{
    std::vector<std::string> names;
    std::size_t quantized = 0;
    const auto addQuantized = [&](std::size_t end) {
        for (; quantized < end; ++quantized) {
            const auto name = engine::withoutChannels(run.layers[quantized].name);
            if (names.empty() || names.back() != name)
                names.emplace_back(name);
        }
    };
    for (const auto &stays : run.floatLayers) {
        addQuantized(stays.quantizedBefore);
        names.push_back(stays.info.name);
    }
    addQuantized(run.layers.size());
    return names;
}

engine::Result<QString> planFloat(ParameterModel &parameters, const engine::RunDescription &run, const std::string &layer)
{
    const std::string whole{engine::withoutChannels(layer)};
    const auto planned =
        plan(parameters, run, [&whole](const std::string &name, LayerSettings &settings) { settings.isFloat |= name == whole; });
    if (!planned)
        return std::unexpected(planned.error());
    return tr("%1 stays float %2").arg(qtext(whole), later(parameters));
}

engine::Result<QString> planMoreRepresentatives(ParameterModel &parameters, const engine::RunDescription &run, const std::string &layer)
{
    if (auto own = checkOwnCodebooks(parameters); !own)
        return std::unexpected(own.error());
    const std::string whole{engine::withoutChannels(layer)};
    const auto most = std::get<engine::WholeRange>(engine::spec(ParameterId::CodebookSize).range).max;
    const auto has = parameters.next().layer(whole).k;
    if (has >= most)
        return refuse(tr("%1 has %2 representatives, and there can be no more.").arg(qtext(whole)).arg(has));
    const auto gets = std::min(2 * has, most);
    const auto planned = plan(parameters, run, [&whole, gets](const std::string &name, LayerSettings &settings) {
        if (name != whole)
            return;
        settings.k = gets;
        settings.isFloat = false;
    });
    if (!planned)
        return std::unexpected(planned.error());
    return tr("%1 gets %2 representatives instead of %3 %4").arg(qtext(whole)).arg(gets).arg(has).arg(later(parameters));
}

engine::Result<QString> planAllocation(ParameterModel &parameters, const engine::RunDescription &run,
                                       std::span<const std::pair<std::string, int>> k)
{
    if (auto own = checkOwnCodebooks(parameters); !own)
        return std::unexpected(own.error());
    const auto planned = plan(parameters, run, [k](const std::string &name, LayerSettings &settings) {
        const auto found = std::ranges::find(k, name, [](const auto &each) { return each.first; });
        if (found == k.end())
            return;
        settings.k = found->second;
        settings.isFloat = false;
    });
    if (!planned)
        return std::unexpected(planned.error());
    return tr("The layers get these numbers of representatives %1").arg(later(parameters));
}

} // namespace widgets
